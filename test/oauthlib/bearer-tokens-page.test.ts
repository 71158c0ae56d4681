/** What the page about bearer tokens promises: random and signed tokens, claims of a request. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  BackendApplicationServer,
  ConfigurationError,
  LegacyApplicationServer,
  MobileApplicationServer,
  signedTokenGenerator,
  StoreValidator,
  type Client,
  type OAuthRequest,
  type User,
} from 'grantry'
import type { MemoryStore } from 'grantry/storage/memory'
import { approve, makeProvider, obtainCode, redeem } from '../support/provider.ts'
import { body, form, redirected, text } from '../support/requests.ts'
import { decode, privateKeyPem, publicKeyPem, secure } from './bearer-tokens-fixture.ts'

describe('Random strings by default', () => {
  test('new Server(validator) issues 43 random characters, another string for the refresh token', async () => {
    const provider = await makeProvider()
    const response = await redeem(provider)
    assert.equal(response.status, 200)
    assert.match(text(response, 'access_token'), secure)
    assert.match(text(response, 'refresh_token'), secure)
    assert.notEqual(text(response, 'access_token'), text(response, 'refresh_token'))
  })
})

describe('Signed tokens with static claims', () => {
  test('issuer becomes iss; scope is what was granted; the rest is computed', async () => {
    const provider = await makeProvider({ tokenGenerator: signedTokenGenerator(privateKeyPem, { issuer: 'foobar' }) })
    const response = await redeem(provider, { scope: 'profile calendar' })
    const { jti, ...claims } = decode(text(response, 'access_token'))
    assert.match(String(jti), /^.{22}$/)
    assert.deepEqual(claims, {
      iss: 'foobar',
      scope: 'profile calendar',
      sub: 'alice',
      client_id: 'app',
      iat: 1_800_000_000,
      exp: 1_800_000_600,
    })
    assert.match(text(response, 'refresh_token'), secure, 'the refresh token stays a random string')
  })

  test('a user who grants less gets a token that says less', async () => {
    const provider = await makeProvider({ tokenGenerator: signedTokenGenerator(privateKeyPem, { issuer: 'foobar' }) })
    const code = await obtainCode(provider.server, { scope: 'profile calendar' }, { scopes: ['profile'] })
    const grant = { grant_type: 'authorization_code', ...code, scope: 'profile calendar write' }
    const response = await provider.server.createTokenResponse(form(grant, provider.app))
    assert.equal(decode(text(response, 'access_token'))['scope'], 'profile')
    assert.equal(body(response)['scope'], 'profile')
  })

  test('two tokens of one second differ', async () => {
    const provider = await makeProvider({ tokenGenerator: signedTokenGenerator(privateKeyPem, { issuer: 'foobar' }) })
    const ask = async () =>
      text(
        await provider.server.createTokenResponse(form({ grant_type: 'client_credentials' }, provider.app)),
        'access_token',
      )
    assert.notEqual(await ask(), await ask())
  })

  const wrong: readonly [name: string, key: string, message: RegExp][] = [
    ['a public key', publicKeyPem, /private key.*public key/is],
    ['no key at all', 'secret', /PEM/],
    ['a damaged key', privateKeyPem.replace(/\n[A-Za-z0-9+/]{64}\n/, '\n'), /private key/],
    ['a certificate request', privateKeyPem.replaceAll('PRIVATE KEY', 'CERTIFICATE REQUEST'), /private key/],
  ]
  for (const [name, key, message] of wrong) {
    test(`${name} instead of the private key → the constructor says what was expected`, () => {
      assert.throws(
        () => signedTokenGenerator(key, { issuer: 'foobar' }),
        (error: unknown) => {
          assert.ok(error instanceof ConfigurationError)
          assert.match(error.message, message)
          assert.ok(!error.message.includes(privateKeyPem.slice(40, 80)), 'no key material in the message')
          return true
        },
      )
    })
  }
})

describe('Per-request claims', () => {
  class MyValidator extends StoreValidator {
    override async validateClientId(clientId: string, oauth: OAuthRequest) {
      oauth.claims['aud'] = clientId // reaches the token, whatever the grant
      return super.validateClientId(clientId, oauth)
    }
    override async validateUser(username: string): Promise<User> {
      return { id: username }
    }
  }
  const signed = { tokenGenerator: signedTokenGenerator(privateKeyPem, { issuer: 'foobar' }) }
  const mine = { validator: (store: MemoryStore) => new MyValidator(store) }
  const expected = { aud: 'app', iss: 'foobar', client_id: 'app' }
  const expectClaims = (token: string) => {
    const { aud, iss, client_id } = decode(token)
    assert.deepEqual({ aud, iss, client_id }, expected)
  }

  test('authorization code', async () => {
    expectClaims(text(await redeem(await makeProvider(signed, mine)), 'access_token'))
  })
  test('client credentials', async () => {
    const { server, app } = await makeProvider(signed, {
      ...mine,
      server: (v, options) => new BackendApplicationServer(v, options),
    })
    expectClaims(
      text(await server.createTokenResponse(form({ grant_type: 'client_credentials' }, app)), 'access_token'),
    )
  })
  test('password', async () => {
    const { server, app } = await makeProvider(signed, {
      ...mine,
      server: (v, options) => new LegacyApplicationServer(v, options),
    })
    const grant = { grant_type: 'password', username: 'alice', password: 'secret' }
    expectClaims(text(await server.createTokenResponse(form(grant, app)), 'access_token'))
  })
  test('refresh token', async () => {
    const provider = await makeProvider(signed, mine)
    const refresh_token = text(await redeem(provider), 'refresh_token')
    const response = await provider.server.createTokenResponse(
      form({ grant_type: 'refresh_token', refresh_token }, provider.app),
    )
    expectClaims(text(response, 'access_token'))
  })
  test('implicit', async () => {
    const { server } = await makeProvider(signed, {
      ...mine,
      server: (v, options) => new MobileApplicationServer(v, options),
    })
    const response = await approve(server, { response_type: 'token', client_id: 'app', scope: 'profile' })
    expectClaims(redirected(response).get('access_token') ?? '')
  })

  test('claims set while the user authorizes come back at the token endpoint, and at each refresh', async () => {
    class Tenants extends StoreValidator {
      override async validateScopes(client: Client, scopes: readonly string[], oauth: OAuthRequest) {
        if (oauth.endpoint === 'authorization') oauth.claims['tenant'] = 'acme'
        return super.validateScopes(client, scopes, oauth)
      }
    }
    const provider = await makeProvider(signed, { validator: (store) => new Tenants(store) })
    const first = await redeem(provider)
    assert.equal(decode(text(first, 'access_token'))['tenant'], 'acme')
    const refresh = form({ grant_type: 'refresh_token', refresh_token: text(first, 'refresh_token') }, provider.app)
    assert.equal(decode(text(await provider.server.createTokenResponse(refresh), 'access_token'))['tenant'], 'acme')
  })

  test('claims of one request do not reach the next', async () => {
    class Once extends StoreValidator {
      #first = true
      override validateClientId(clientId: string, oauth: OAuthRequest) {
        if (this.#first) oauth.claims['once'] = true
        this.#first = false
        return super.validateClientId(clientId, oauth)
      }
    }
    const { server, app } = await makeProvider(signed, { validator: (store) => new Once(store) })
    const ask = async () =>
      decode(text(await server.createTokenResponse(form({ grant_type: 'client_credentials' }, app)), 'access_token'))
    assert.equal((await ask())['once'], true)
    assert.equal((await ask())['once'], undefined)
  })

  test('request claims win over static ones; those that would widen the grant are refused and nothing is issued', async () => {
    class Widening extends StoreValidator {
      override validateClientId(clientId: string, oauth: OAuthRequest) {
        oauth.claims['team'] = 'request'
        const [name] = oauth.resources
        if (name !== undefined) oauth.claims[new URL(name).host] = 'admin'
        return super.validateClientId(clientId, oauth)
      }
    }
    const generator = signedTokenGenerator(privateKeyPem, { issuer: 'foobar', claims: { team: 'static' } })
    const resources = ['https://scope', 'https://client_id', 'https://iss', 'https://cnf']
    const options = { tokenGenerator: generator, resources }
    const { server, app, events } = await makeProvider(options, { validator: (store) => new Widening(store) })
    const plain = await server.createTokenResponse(form({ grant_type: 'client_credentials' }, app))
    assert.equal(decode(text(plain, 'access_token'))['team'], 'request')
    for (const resource of resources) {
      const response = await server.createTokenResponse(form({ grant_type: 'client_credentials', resource }, app))
      assert.equal(response.status, 500)
      assert.equal(body(response)['error'], 'server_error')
      const refusal = events.at(-1)
      assert.ok(refusal?.type === 'request.refused')
      assert.match(refusal.detail ?? '', new RegExp(`${new URL(resource).host}.*allowClaimOverride`))
    }
  })
})
