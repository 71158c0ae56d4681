import Fastify from 'fastify'
import { requireToken, serve, tokenOf } from 'grantry/fastify'
import { boom, filesOf, nameIn, needs, type AppParts, type Framework } from './app.ts'

const start = async ({ server, guard, parser, onError }: AppParts) => {
  const app = Fastify({ forceCloseConnections: true })
  app.addHook('onError', async (_request, _reply, error) => onError(error))
  if (parser === 'before')
    app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_request, text, done) =>
      done(null, Object.fromEntries(new URLSearchParams(String(text)))),
    )
  await app.register(serve(server))
  await app.register(serve(guard))
  const preHandler = requireToken(guard, needs)
  app.get('/files', { preHandler }, async (request) => filesOf(tokenOf(guard, request)))
  app.post('/files', { preHandler }, async (request) => ({ name: nameIn(request.body) }))
  app.get('/open', async () => 'open')
  app.get('/fails', boom)
  const url = await app.listen({ port: 0, host: '127.0.0.1' })
  return { url, close: () => app.close() }
}

export const frameworks: readonly Framework[] = [{ name: 'Fastify 5', start }]
