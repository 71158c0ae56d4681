import { bodyParser } from '@koa/bodyparser'
import { requireToken, serve, tokenOf } from 'grantry/koa'
import Koa from 'koa'
import { boom, filesOf, nameIn, needs, type AppParts, type Framework } from './app.ts'
import { listen } from './listen.ts'

const start = ({ server, guard, parser, onError }: AppParts) => {
  const app = new Koa()
  app.on('error', () => undefined) // or it prints them
  app.use(async (_context, next) => {
    try {
      await next()
    } catch (thrown) {
      onError(thrown)
      throw thrown
    }
  })
  if (parser === 'before') app.use(bodyParser())
  app.use(serve(server))
  app.use(serve(guard))
  if (parser === 'none') app.use(bodyParser())
  const protect = requireToken(guard, needs)
  app.use(async (context) => {
    const { path, method } = context
    if (path === '/open') context.body = 'open'
    else if (path === '/fails') boom()
    else if (path === '/files')
      await protect(context, async () => {
        context.body = method === 'GET' ? filesOf(tokenOf(guard, context)) : { name: nameIn(context.request.body) }
      })
  })
  const handle = app.callback()
  return listen((message, response) => void handle(message, response))
}

export const frameworks: readonly Framework[] = [{ name: 'Koa 3', start }]
