import { requireToken, serve, tokenOf } from 'grantry/hono'
import { Hono } from 'hono'
import { boom, filesOf, nameIn, needs, type AppParts, type Framework } from './app.ts'
import { listenWeb } from './listen.ts'

const start = ({ server, guard, parser, onError }: AppParts) => {
  const app = new Hono()
  app.onError((error, context) => {
    onError(error)
    return 'getResponse' in error ? error.getResponse() : context.text('Internal Server Error', 500)
  })
  if (parser === 'before')
    app.use(async (context, next) => {
      const type = context.req.header('content-type') ?? ''
      if (type.includes('form')) await context.req.parseBody()
      else if (type.includes('json')) await context.req.json()
      await next()
    })
  app.use(serve(server))
  app.use(serve(guard))
  const protect = requireToken(guard, needs)
  app.get('/files', protect, (context) => context.json(filesOf(tokenOf(guard, context))))
  app.post('/files', protect, async (context) => context.json({ name: nameIn(await context.req.json()) }))
  app.get('/open', (context) => context.text('open'))
  app.get('/fails', boom)
  return listenWeb((request) => app.fetch(request))
}

export const frameworks: readonly Framework[] = [{ name: 'Hono 4', start }]
