import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { BearerError, BearerToken, StoreValidator, type BearerTokenOptions } from 'grantry'
import { MemoryStore } from 'grantry/storage/memory'
import { form, request } from '../support/requests.ts'

const bearerWith = async (options: BearerTokenOptions = {}) => {
  const bearer = new BearerToken(new StoreValidator(new MemoryStore()), options)
  const authorization = {
    client: { id: 'app' },
    scopes: ['read'],
    grantType: 'client_credentials',
    resources: ['https://api.example'],
  }
  const { access_token } = await bearer.createToken(authorization)
  const call = (authorizationHeader: string) => request('GET', '/', { headers: { authorization: authorizationHeader } })
  return { bearer, access_token, call }
}

describe('The challenge (§3)', () => {
  test('without a token it says no error (§3.1)', async () => {
    const { bearer, call } = await bearerWith()
    for (const http of [request('GET', '/'), call(''), call('Basic YTpi'), request('GET', '/?access_token=x')]) {
      const result = await bearer.validateRequest(http, ['read'])
      assert.ok(!result.ok)
      assert.equal(result.response.status, 401)
      assert.equal(result.response.headers['WWW-Authenticate'], 'Bearer realm="api", scope="read"')
    }
  })

  test('an unknown token → 401 invalid_token; a scope too few → 403 insufficient_scope with the scope', async () => {
    const { bearer, access_token, call } = await bearerWith({ realm: 'files' })
    const unknown = await bearer.validateRequest(call('Bearer unknown'))
    assert.ok(!unknown.ok)
    assert.equal(unknown.response.status, 401)
    assert.match(
      unknown.response.headers['WWW-Authenticate'] ?? '',
      /^Bearer realm="files", error="invalid_token", error_description="[^"]+"$/,
    )
    const narrow = await bearer.validateRequest(call(`Bearer ${access_token}`), ['read', 'write'])
    assert.ok(!narrow.ok)
    assert.equal(narrow.response.status, 403)
    assert.match(narrow.response.headers['WWW-Authenticate'] ?? '', /error="insufficient_scope".*scope="read write"$/)
  })

  const hostile = ['a"b', 'a\\b', 'a\r\nSet-Cookie: x=y', 'ü', '\0']
  for (const text of hostile) {
    test(`${JSON.stringify(text)} in realm or description stays inside its quotes`, () => {
      const error = new BearerError('invalid_token', 'token_invalid', { realm: text, description: text })
      const header = error.headers['WWW-Authenticate'] ?? ''
      assert.match(header, /^[\x20-\x7e]*$/)
      const quoted = '"(?:[^"\\\\]|\\\\.)*"'
      assert.match(header, new RegExp(`^Bearer realm=${quoted}, error="invalid_token", error_description=${quoted}$`))
    })
  }

  test('malformed headers → 400 invalid_request', async () => {
    const { bearer, access_token, call } = await bearerWith()
    for (const header of [
      'Bearer',
      'Bearer ',
      'Bearer a b',
      'Bearer a,b',
      `Bearer ${access_token}, Bearer ${access_token}`,
      'Bearer é',
      'Bearer a=b',
    ]) {
      const result = await bearer.validateRequest(call(header))
      assert.ok(!result.ok)
      assert.equal(result.response.status, 400, header)
      assert.match(result.response.headers['WWW-Authenticate'] ?? '', /error="invalid_request"/)
    }
  })

  test('a token for another recipient → 401 (RFC 9700 §2.3)', async () => {
    const mine = await bearerWith({ audience: 'https://api.example' })
    assert.ok((await mine.bearer.validateRequest(mine.call(`Bearer ${mine.access_token}`))).ok)
    const other = await bearerWith({ audience: 'https://other.example' })
    const result = await other.bearer.validateRequest(other.call(`Bearer ${other.access_token}`))
    assert.ok(!result.ok)
    assert.equal(result.response.status, 401)
  })
})

describe('The places (§2)', () => {
  test('a form body, by option only; twice or beside the header → 400', async () => {
    const off = await bearerWith()
    const refused = await off.bearer.validateRequest(form({ access_token: off.access_token }))
    assert.ok(!refused.ok && refused.response.status === 401)
    const { bearer, access_token } = await bearerWith({ allowFormBodyToken: true })
    assert.ok((await bearer.validateRequest(form({ access_token }))).ok)
    const twice = await bearer.validateRequest(form([['access_token', access_token], ['access_token', access_token]])) // prettier-ignore
    assert.ok(!twice.ok && twice.response.status === 400)
    const both = await bearer.validateRequest(form({ access_token }, { authorization: `Bearer ${access_token}` }))
    assert.ok(!both.ok && both.response.status === 400)
    const large = await bearer.validateRequest(form({ access_token, x: 'a'.repeat(70_000) }))
    assert.ok(!large.ok && large.response.status === 413)
  })

  test('the query, by the legacy option only', async () => {
    const { bearer, access_token } = await bearerWith({ legacyQueryToken: true })
    assert.ok((await bearer.validateRequest(request('GET', `/?access_token=${access_token}`))).ok)
  })

  test('a store that fails → 503 without invalid_token and without the cause', async () => {
    const store = new MemoryStore()
    store.findAccessToken = () => {
      throw new Error('connection to 10.0.0.1 refused')
    }
    const result = await new BearerToken(new StoreValidator(store)).validateRequest(
      request('GET', '/', { headers: { authorization: 'Bearer x' } }),
    )
    assert.ok(!result.ok)
    assert.equal(result.response.status, 503)
    assert.equal(result.response.headers['WWW-Authenticate'], undefined)
    assert.ok(!result.response.body.includes('10.0.0.1'))
  })
})
