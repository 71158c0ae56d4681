import assert from 'node:assert/strict'
import { test } from 'node:test'
import { basic, pkce } from '../support/requests.ts'
import { cacheModel, callbackModel, documentModel, rowModel } from './example-models.ts'
import { codeFlow, ours } from './providers.ts'

const shop = basic('shop', 'night')
const login = { grant_type: 'password', username: 'tom', password: 'pw' }
const bearer = (body: Readonly<Record<string, unknown>>) => ({
  authorization: `Bearer ${String(body['access_token'])}`,
})
const requestsRefused = (provider: ReturnType<typeof ours>) =>
  provider.events.flatMap((event) => (event.type === 'request.refused' ? [event.detail ?? event.reason] : []))

test('in memory: the grants of its clients come from the option, their ids from clientId', async () => {
  const { model, rows } = cacheModel()
  const provider = ours(model, { grants: ['password', 'refresh_token'] })
  const { status, body } = await provider.token(login, shop)
  assert.deepEqual([status, body['refresh_token']], [200, undefined]) // without revokeToken there is no rotation
  assert.deepEqual([rows[0]?.clientId, rows[0]?.userId], ['shop', '123'])
  assert.equal((await provider.api(bearer(body))).status, 200)
  assert.equal((await provider.token(login, basic('shop', 'day'))).status, 401)
  const without = await ours(model).token(login, shop)
  assert.deepEqual([without.status, without.body['error']], [500, 'server_error'])
})

test('documents: _id is the id of a user, dates have the names that the model reads, and no others are in the document', async () => {
  const { model, documents } = documentModel()
  const provider = ours(model)
  const { status, body } = await provider.token(login, shop)
  assert.equal(status, 200)
  assert.ok(documents[0]?.['accessTokenExpiresOn'] instanceof Date)
  assert.equal((await provider.api(bearer(body))).status, 200)
  assert.deepEqual(
    provider.events.flatMap((event) => (event.type === 'token.issued' ? [event.userId] : [])),
    ['65f0c0ffee'],
  )
})

test('rows: ids are numbers, the key of a client is not its client_id, scopes are one text', async () => {
  const { model } = rowModel()
  const provider = ours(model, { modelVersion: 4 })
  const { body } = await provider.token({ ...login, scope: 'read write' }, shop)
  assert.equal(body['scope'], 'read write')
  assert.equal((await provider.api(bearer(body), 'write')).status, 200)
  assert.equal((await provider.api(bearer(body), 'admin')).status, 403)
  const asked = { grant_type: 'refresh_token', refresh_token: String(body['refresh_token']), scope: 'read' }
  const refreshed = await provider.token(asked, shop)
  assert.deepEqual([refreshed.status, refreshed.body['scope']], [200, 'read'])
  assert.equal((await provider.api(bearer(body))).status, 401) // the row had both tokens
  assert.equal((await provider.token(asked, shop)).status, 400)
})

test('callbacks: methods of version 3 are called back, errors as well, and make the code', async () => {
  const { model, seen } = callbackModel()
  const provider = ours(model, { modelVersion: 3 })
  const flow = { authorize: { client_id: 'shop', scope: 'read write' }, headers: basic('shop', 'any') }
  const [{ redirected }, { status, body }] = await codeFlow(provider, pkce(), flow)
  assert.deepEqual(
    [redirected?.['code'], status, body['scope'], seen],
    ['made-code', 200, 'read write', ['read write']],
  )
  const [asked] = await codeFlow(provider, pkce(), { ...flow, authorize: { client_id: 'shop', scope: 'admin' } })
  assert.equal(asked.redirected?.['error'], 'invalid_scope')
  assert.equal((await provider.api({ authorization: 'Bearer t' })).status, 500)
})

const broken: [name: string, change: object, detail: RegExp][] = [
  [
    'a token without expiry',
    { getAccessToken: () => ({ client: { id: 'shop' }, user: { id: 'u' } }) },
    /must be a Date/,
  ],
  [
    'a token with an expiry in text',
    { getAccessToken: () => ({ accessTokenExpiresAt: '2999-01-01', client: { id: 'shop' }, user: { id: 'u' } }) },
    /must be a Date/,
  ],
  [
    'a token of no client',
    { getAccessToken: () => ({ accessTokenExpiresAt: new Date(9e14), user: { id: 'u' } }) },
    /no client/,
  ],
  [
    'a token of nobody',
    { getAccessToken: () => ({ accessTokenExpiresAt: new Date(9e14), client: { id: 'shop' } }) },
    /no user/,
  ],
  [
    'a user without id',
    { getAccessToken: () => ({ accessTokenExpiresAt: new Date(9e14), client: { id: 'shop' }, user: {} }) },
    /option userId/,
  ],
]
for (const [name, change, detail] of broken) {
  test(`${name} -> the token is not taken, and the log says why`, async () => {
    const provider = ours({ ...cacheModel().model, ...change })
    assert.equal((await provider.api({ authorization: 'Bearer t' })).status, 500)
    assert.match(requestsRefused(provider).join(), detail)
  })
}

test('saveToken that says that nothing was saved -> no token', async () => {
  const provider = ours({ ...cacheModel().model, saveToken: () => false }, { grants: ['password'] })
  assert.equal((await provider.token(login, shop)).status, 500)
})
