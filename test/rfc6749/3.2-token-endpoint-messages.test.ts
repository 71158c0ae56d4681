import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { StoreValidator, type HttpRequest } from 'grantry'
import { makeProvider } from '../support/provider.ts'
import { body, form, request } from '../support/requests.ts'

const good = 'grant_type=client_credentials&scope=read'
const formType = { 'content-type': 'application/x-www-form-urlencoded' }

describe('Messages that cannot be read (§3.2)', () => {
  const post =
    (headers: Readonly<Record<string, string>>, text = good, url = '/token') =>
    (app: Readonly<Record<string, string>>) =>
      request('POST', url, { headers: { ...app, ...headers }, body: text })
  const method = (name: string) => (app: Readonly<Record<string, string>>) =>
    request(name, `/token?${good}`, { headers: app })
  type Make = (app: Readonly<Record<string, string>>) => HttpRequest

  const refused: readonly [name: string, make: Make, status: number, reason: string][] = [
    ['GET', method('GET'), 405, 'method_not_allowed'],
    ['PUT', method('PUT'), 405, 'method_not_allowed'],
    [
      'JSON',
      post({ 'content-type': 'application/json' }, '{"grant_type":"client_credentials"}'),
      400,
      'content_type_wrong',
    ],
    ['multipart', post({ 'content-type': 'multipart/form-data; boundary=x' }), 400, 'content_type_wrong'],
    ['no content type', post({}), 400, 'content_type_wrong'],
    [
      'two content types',
      post({ 'content-type': 'application/json, application/x-www-form-urlencoded' }),
      400,
      'content_type_wrong',
    ],
    [
      'UTF-16',
      post({ 'content-type': 'application/x-www-form-urlencoded; charset=utf-16' }),
      400,
      'content_type_wrong',
    ],
    ['text', post({ 'content-type': 'text/plain' }), 400, 'content_type_wrong'],
    [
      'Latin-1',
      post({ 'content-type': 'application/x-www-form-urlencoded; charset=iso-8859-1' }),
      400,
      'content_type_wrong',
    ],
    [
      'a type that only begins like it',
      post({ 'content-type': 'application/x-www-form-urlencoded-v2' }),
      400,
      'content_type_wrong',
    ],
    ['broken percent-encoding', post(formType, 'grant_type=%zz'), 400, 'form_malformed'],
    ['a lone percent sign', post(formType, `${good}&x=%`), 400, 'form_malformed'],
    ['bytes that are not UTF-8', post(formType, `${good}&x=%ff`), 400, 'form_malformed'],
    ['NUL', post(formType, `${good}&x=%00`), 400, 'parameter_invalid'],
    ['a line break', post(formType, `${good}&x=%0d%0a`), 400, 'parameter_invalid'],
    [
      '101 parameters',
      post(formType, `${good}&${Array.from({ length: 99 }, (_, n) => `p${n}=1`).join('&')}`),
      400,
      'form_malformed',
    ],
    ['65537 bytes', post(formType, `${good}&x=${'a'.repeat(65_537 - good.length - 3)}`), 413, 'body_too_large'],
    ['a longer Content-Length', post({ ...formType, 'content-length': '65537' }), 413, 'body_too_large'],
    ['1 MB', post(formType, `${good}&x=${'a'.repeat(1_000_000)}`), 413, 'body_too_large'],
    [
      '10,000 parameters',
      post(formType, `${good}&${Array.from({ length: 10_000 }, (_, n) => `p${n}`).join('&')}`),
      400,
      'form_malformed',
    ],
    ['fewer characters than bytes', post(formType, `${good}&x=${'é'.repeat(33_000)}`), 413, 'body_too_large'],
    ['an empty body', post(formType, ''), 400, 'parameter_missing'],
    [
      'grant_type in the URL',
      post(formType, 'scope=read', '/token?grant_type=client_credentials'),
      400,
      'parameter_in_url',
    ],
    ['client_secret in the URL', post(formType, good, '/token?client_secret=x'), 400, 'parameter_in_url'],
    ...['code', 'code_verifier', 'refresh_token', 'password', 'client_assertion'].map(
      (name): [string, Make, number, string] => [
        `${name} in the URL`,
        post(formType, good, `/token?${name}=x`),
        400,
        'parameter_in_url',
      ],
    ),
    ...[
      'grant_type',
      'scope',
      'client_id',
      'client_secret',
      'client_assertion',
      'client_assertion_type',
      'code',
      'code_verifier',
      'redirect_uri',
      'refresh_token',
      'device_code',
      'username',
      'password',
      'unknown',
    ].map((name): [string, Make, number, string] => [
      `${name} twice`,
      post(formType, `${good}&${name}=a&${name}=a`),
      400,
      'parameter_repeated',
    ]),
  ]
  for (const [name, make, status, reason] of refused) {
    test(`${name} → ${status} invalid_request`, async () => {
      const { server, app, events } = await makeProvider()
      const response = await server.createTokenResponse(make(app))
      assert.equal(response.status, status)
      assert.equal(body(response)['error'], 'invalid_request')
      assert.match(String(body(response)['error_description']), /^[\x20\x21\x23-\x5b\x5d-\x7e]+$/)
      assert.equal(response.headers['Cache-Control'], 'no-store')
      assert.equal(response.headers['Content-Type'], 'application/json')
      assert.deepEqual(
        events.map(({ type }) => type),
        ['request.refused'],
      )
      assert.equal(events[0]?.type === 'request.refused' && events[0].reason, reason)
      if (status === 405) assert.equal(response.headers['Allow'], 'POST')
    })
  }

  test('a charset of UTF-8, in any case and quoted, is fine', async () => {
    const { server, app } = await makeProvider()
    for (const charset of ['charset=utf-8', 'charset=UTF-8', 'charset="utf-8"']) {
      const type = { 'content-type': `application/x-www-form-urlencoded; ${charset}` }
      assert.equal((await server.createTokenResponse(post(type)(app))).status, 200)
    }
  })

  test('exactly 65536 bytes are fine, and the limit can be set', async () => {
    const filled = `${good}&x=${'a'.repeat(65_536 - good.length - 3)}`
    const { server, app } = await makeProvider()
    assert.equal((await server.createTokenResponse(form(filled, app))).status, 200)
    const tight = await makeProvider({ maxBodyBytes: 100 })
    assert.equal((await tight.server.createTokenResponse(form(`${good}&x=${'a'.repeat(100)}`, tight.app))).status, 413)
  })

  test('unknown parameters are ignored and empty ones count as absent (§3.1)', async () => {
    const { server, app } = await makeProvider()
    const response = await server.createTokenResponse(
      form({ grant_type: 'client_credentials', scope: '', user: 'admin', client: 'x', claims: '{}' }, app),
    )
    assert.equal(response.status, 200)
    assert.equal(body(response)['scope'], 'profile')
  })

  test('a query of the endpoint that holds no OAuth parameter is left alone (§3.2)', async () => {
    const { server, app } = await makeProvider()
    assert.equal((await server.createTokenResponse(post(formType, good, '/token?tenant=1')(app))).status, 200)
  })

  test('a store that fails → 503 with Retry-After that tells nothing', async () => {
    for (const fail of [() => Promise.reject(new Error('pg: connection to 10.0.0.1 refused')), () => failure()]) {
      const { server, app, store, events } = await makeProvider()
      Object.defineProperty(store, 'findClient', { value: fail })
      const response = await server.createTokenResponse(form(good, app))
      assert.equal(response.status, 503)
      assert.equal(response.headers['Retry-After'], '1')
      assert.deepEqual(body(response), {
        error: 'temporarily_unavailable',
        error_description: 'Try again in a moment.',
      })
      assert.ok(events[0]?.type === 'request.refused' && events[0].reason === 'store_failed')
      assert.ok(events[0].cause instanceof Error)
    }
  })

  test('a store that gives no answer → 503, never invalid_grant', async () => {
    const { server, app, store } = await makeProvider()
    Object.defineProperty(store, 'putTokens', { value: () => undefined })
    assert.equal((await server.createTokenResponse(form(good, app))).status, 503)
  })

  test('an exception of the validator → 500 that tells nothing', async () => {
    class Broken extends StoreValidator {
      override validateScopes(): never {
        return failure()
      }
    }
    const { server, app, events } = await makeProvider({}, { validator: (store) => new Broken(store) })
    const response = await server.createTokenResponse(form(good, app))
    assert.equal(response.status, 500)
    assert.deepEqual(body(response), {
      error: 'server_error',
      error_description: 'The server could not complete the request.',
    })
    assert.ok(events[0]?.type === 'request.refused' && events[0].cause instanceof Error)
  })
})

const failure = (): never => {
  throw new Error('password authentication failed for user "grantry"')
}
