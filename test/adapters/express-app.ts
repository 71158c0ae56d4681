import express5 from 'express'
import express4 from 'express4'
import { requireToken, serve, tokenOf } from 'grantry/express'
import { boom, filesOf, nameIn, needs, type AppParts, type Framework } from './app.ts'
import { listen } from './listen.ts'

const start = (express: typeof express5, { server, guard, parser, onError }: AppParts) => {
  const app = express()
  if (parser === 'before') app.use(express.json(), express.urlencoded({ extended: true }))
  app.use(serve(server))
  app.use(serve(guard))
  if (parser === 'none') app.use(express.json())
  app.get('/files', requireToken(guard, needs), (request, response) => {
    response.json(filesOf(tokenOf(guard, request)))
  })
  app.post('/files', requireToken(guard, needs), (request, response) => {
    response.json({ name: nameIn(request.body) })
  })
  app.get('/open', (_request, response) => void response.send('open'))
  app.get('/fails', boom)
  app.use(((error, _request, _response, next) => {
    onError(error)
    next(error)
  }) satisfies express5.ErrorRequestHandler)
  app.set('env', 'test') // or it prints what was thrown
  return listen(app)
}

export const frameworks: readonly Framework[] = [
  { name: 'Express 5', start: (parts) => start(express5, parts) },
  { name: 'Express 4', start: (parts) => start(express4, parts) },
]
