import { requireToken, serve, tokenOf } from 'grantry/h3'
import { H3 } from 'h3'
import { boom, filesOf, nameIn, needs, type AppParts, type Framework } from './app.ts'
import { listenWeb } from './listen.ts'

const start = ({ server, guard, onError }: AppParts) => {
  const app = new H3({
    silent: true,
    onError: (error) => {
      onError(error.cause ?? error) // what it returns would be sent
    },
  })
  app.use(serve(server))
  app.use(serve(guard))
  app.use('/files', requireToken(guard, needs))
  app.get('/files', (event) => filesOf(tokenOf(guard, event)))
  app.post('/files', async (event) => ({ name: nameIn(await event.req.json()) }))
  app.get('/open', () => 'open')
  app.get('/fails', boom)
  return listenWeb((request) => app.fetch(request))
}

export const frameworks: readonly Framework[] = [{ name: 'h3 2', start }]
