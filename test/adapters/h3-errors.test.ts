import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RefusedRequestError, requireToken } from 'grantry/h3'
import { H3 } from 'h3'
import { makeProvider } from '../support/provider.ts'
import { guardOver } from './app.ts'

test('a refused request is an error of h3: nothing that failed, and its message may be shown; the event has the challenge as well', async () => {
  const { store } = await makeProvider()
  const seen: unknown[] = []
  const app = new H3({
    onError: (error, event) => {
      seen.push(error.unhandled, error.cause instanceof RefusedRequestError, event.res.headers.get('www-authenticate'))
    },
  })
  app.use('/files', requireToken(guardOver(store, 'https://api.example/files'), { scopes: ['read'] }))
  const answer = await app.fetch(new Request('https://api.example/files'))
  assert.deepEqual(seen.slice(0, 2), [undefined, true])
  assert.match(String(seen[2]), /^Bearer realm="api"/)
  assert.equal(((await answer.json()) as { status: number }).status, 401)
})
