/**
 * The promises of oauthlib's page "Bearer Tokens", heading by heading, as a user of Grantry writes them. The access tokens are read by
 * libraries other than the one that made them.
 */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { createHmac, generateKeyPairSync, randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { createVerifier } from 'fast-jwt'
import {
  BackendApplicationServer,
  BearerToken,
  ConfigurationError,
  encryptedTokenGenerator,
  LegacyApplicationServer,
  MobileApplicationServer,
  randomTokenGenerator,
  Server,
  signedTokenGenerator,
  StoreValidator,
  WebApplicationServer,
  type Client,
  type OAuthRequest,
  type TokenContext,
  type User,
} from 'grantry'
import { MemoryStore } from 'grantry/storage/memory'
import jsonwebtoken from 'jsonwebtoken'
import { approve, makeProvider, obtainCode, redeem, type Provider } from '../support/provider.ts'
import { body, form, redirected, request, text } from '../support/requests.ts'

const folder = mkdtempSync(join(tmpdir(), 'grantry-keys-'))
after(() => rmSync(folder, { recursive: true }))

/** Keys as an operator makes them: by openssl. */
const privateKeyPem = execFileSync('openssl', ['genrsa', '2048'], {
  encoding: 'utf8',
  stdio: ['ignore', 'pipe', 'ignore'],
})
const publicKeyPem = execFileSync('openssl', ['rsa', '-pubout'], {
  input: privateKeyPem,
  encoding: 'utf8',
  stdio: ['pipe', 'pipe', 'ignore'],
})

const decode = (token: string): Readonly<Record<string, unknown>> => {
  const claims = jsonwebtoken.verify(token, publicKeyPem, { algorithms: ['RS256'], clockTimestamp: 1_800_000_000 })
  assert.ok(typeof claims === 'object')
  const same: unknown = createVerifier({ key: publicKeyPem, algorithms: ['RS256'], clockTimestamp: 1_800_000_000_000 })(
    token,
  )
  assert.deepEqual(same, claims)
  return claims
}

const secure = /^[A-Za-z0-9_-]{43}$/

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

describe('Generators of your own', () => {
  const secret = randomBytes(32)
  class OwnTokens extends StoreValidator {
    readonly prefix = 'ref'
    /** A text reference, made by a method of the validator. */
    generateAccessToken(this: OwnTokens, { client, user }: TokenContext): string {
      return `${this.prefix}-${client.id}-${user?.id ?? 'self'}-${randomBytes(16).toString('hex')}`
    }
  }

  test('an unbound method of the validator sees the validator as this', async () => {
    const validator = new OwnTokens(new MemoryStore())
    const provider = await makeProvider(
      // eslint-disable-next-line @typescript-eslint/unbound-method -- the page passes it unbound; the server binds it
      { tokenGenerator: validator.generateAccessToken, refreshTokenGenerator: randomTokenGenerator },
      { validator: (store) => new OwnTokens(store) },
    )
    const response = await redeem(provider)
    assert.match(text(response, 'access_token'), /^ref-app-alice-[0-9a-f]{32}$/)
    assert.match(text(response, 'refresh_token'), secure)
    const introspected = await provider.server.createIntrospectionResponse(
      form({ token: text(response, 'access_token') }, provider.app),
    )
    assert.equal(body(introspected)['active'], true)
  })

  test('HS256 by hand, asynchronous', async () => {
    const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
    const tokenGenerator = async ({ client, scopes, issuedAt, expiresIn }: TokenContext) => {
      const input = `${encode({ alg: 'HS256' })}.${encode({ sub: client.id, scope: scopes.join(' '), exp: issuedAt + expiresIn })}`
      return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`
    }
    const { server, app } = await makeProvider({ tokenGenerator })
    const token = text(
      await server.createTokenResponse(form({ grant_type: 'client_credentials' }, app)),
      'access_token',
    )
    const claims = jsonwebtoken.verify(token, secret, { algorithms: ['HS256'], clockTimestamp: 1_800_000_000 })
    assert.deepEqual({ ...(claims as object) }, { sub: 'app', scope: 'profile', exp: 1_800_000_600 })
  })

  test('JWE', async () => {
    const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
    const generator = encryptedTokenGenerator({
      encryptionKey: privateKey,
      signingKey: privateKeyPem,
      issuer: 'foobar',
    })
    assert.ok(publicKey.type === 'public')
    const { server, app } = await makeProvider({ tokenGenerator: generator, tokenVerifier: generator.verifier })
    const token = text(
      await server.createTokenResponse(form({ grant_type: 'client_credentials' }, app)),
      'access_token',
    )
    assert.equal(token.split('.').length, 5)
    const result = await server.verifyRequest(request('GET', '/', { headers: { authorization: `Bearer ${token}` } }), [
      'profile',
    ])
    assert.ok(result.ok)
    assert.equal(result.token.clientId, 'app')
  })

  const bad: readonly [name: string, generator: () => string][] = [
    ['nothing', () => ''],
    ['a space', () => 'a b'],
    ['a line break', () => 'a\r\nb'],
    ['no string', () => 42 as unknown as string],
  ]
  for (const [name, tokenGenerator] of bad) {
    test(`a generator that returns ${name} → server_error, nothing saved`, async () => {
      const { server, app, events } = await makeProvider({ tokenGenerator })
      const response = await server.createTokenResponse(form({ grant_type: 'client_credentials' }, app))
      assert.equal(response.status, 500)
      const event = events.at(-1)
      assert.ok(event?.type === 'request.refused')
      assert.match(event.detail ?? '', /tokenGenerator must return/)
    })
  }
})

describe('Every preconfigured server takes both generators', () => {
  const options = { tokenGenerator: () => 'access', refreshTokenGenerator: () => 'refresh' }
  class AnyPassword extends StoreValidator {
    override async validateUser(username: string): Promise<User> {
      return { id: username }
    }
  }
  const presets = [
    Server,
    WebApplicationServer,
    LegacyApplicationServer,
    BackendApplicationServer,
    MobileApplicationServer,
  ]
  for (const Preset of presets) {
    test(Preset.name, async () => {
      const provider: Provider<InstanceType<typeof Preset>> = await makeProvider(options, {
        validator: (store) => new AnyPassword(store),
        server: (validator, all) => new Preset(validator, all),
      })
      const { server, app } = provider
      const issue = {
        Server: () => redeem(provider),
        WebApplicationServer: () => redeem(provider),
        LegacyApplicationServer: () =>
          server.createTokenResponse(form({ grant_type: 'password', username: 'u', password: 'p' }, app)),
        BackendApplicationServer: () => server.createTokenResponse(form({ grant_type: 'client_credentials' }, app)),
        MobileApplicationServer: () => approve(server, { response_type: 'token', client_id: 'app', scope: 'read' }),
      }[Preset.name]
      const response = await issue?.()
      assert.ok(response)
      if (response.status === 303) {
        assert.equal(redirected(response).get('access_token'), 'access')
        assert.equal(redirected(response).get('refresh_token'), null)
        return
      }
      assert.equal(body(response)['access_token'], 'access')
      assert.equal(body(response)['refresh_token'], Preset === BackendApplicationServer ? undefined : 'refresh')
    })
  }
})

describe('BearerToken for an endpoint of your own', () => {
  test('creates, validates and estimates', async () => {
    const validator = new StoreValidator(new MemoryStore())
    const bearer = new BearerToken(validator, { tokenGenerator: randomTokenGenerator, tokenExpiresIn: 120 })
    const authorization = {
      client: { id: 'app' },
      user: { id: 'alice' },
      scopes: ['read'],
      grantType: 'urn:example:voucher',
    }
    const token = await bearer.createToken(authorization, { refreshToken: true })
    assert.equal(token.expires_in, 120)
    assert.equal(token.token_type, 'Bearer')
    assert.match(token.refresh_token ?? '', secure)

    const call = request('GET', '/files', { headers: { authorization: `bearer ${token.access_token}` } })
    const accepted = await bearer.validateRequest(call, ['read'])
    assert.ok(accepted.ok)
    assert.equal(accepted.token.user?.id, 'alice')
    const refused = await bearer.validateRequest(call, ['write'])
    assert.ok(!refused.ok)
    assert.equal(refused.response.status, 403)
    assert.equal(bearer.estimateType(call), 9)
    assert.equal(bearer.estimateType(request('GET', '/files?access_token=x')), 0)
    assert.equal(
      new BearerToken(validator, { legacyQueryToken: true }).estimateType(request('GET', '/files?access_token=x')),
      5,
    )
  })

  test('the lifetime may be a function', async () => {
    const validator = new StoreValidator(new MemoryStore())
    const bearer = new BearerToken(validator, {
      tokenExpiresIn: ({ scopes }) => (scopes.includes('admin') ? 60 : 3600),
    })
    const authorization = { client: { id: 'app' }, grantType: 'urn:example:voucher' }
    assert.equal((await bearer.createToken({ ...authorization, scopes: ['read'] })).expires_in, 3600)
    assert.equal((await bearer.createToken({ ...authorization, scopes: ['read', 'admin'] })).expires_in, 60)
  })

  test('the key in a file, as the page reads it', async () => {
    const file = join(folder, 'key.pem')
    execFileSync('openssl', ['genpkey', '-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:2048', '-out', file], {
      stdio: 'ignore',
    })
    const { server, app } = await makeProvider({
      tokenGenerator: signedTokenGenerator(readFileSync(file, 'utf8'), { issuer: 'foobar' }),
    })
    const response = await server.createTokenResponse(form({ grant_type: 'client_credentials' }, app))
    assert.equal(jsonwebtoken.decode(text(response, 'access_token'), { json: true })?.iss, 'foobar')
  })
})
