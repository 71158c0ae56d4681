/** What the page about bearer tokens promises: generators of one's own, every server, endpoints of one's own. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { createHmac, generateKeyPairSync, randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import {
  BackendApplicationServer,
  BearerToken,
  encryptedTokenGenerator,
  LegacyApplicationServer,
  MobileApplicationServer,
  randomTokenGenerator,
  Server,
  signedTokenGenerator,
  StoreValidator,
  WebApplicationServer,
  type TokenContext,
  type User,
} from 'grantry'
import { MemoryStore } from 'grantry/storage/memory'
import jsonwebtoken from 'jsonwebtoken'
import { approve, makeProvider, redeem, type Provider } from '../support/provider.ts'
import { body, form, redirected, request, text } from '../support/requests.ts'
import { folder, privateKeyPem, secure } from './bearer-tokens-fixture.ts'

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
