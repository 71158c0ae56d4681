/** FAPI 2.0 Security Profile: what a server with the option `profile` does, whatever its options and its clients say. */
import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { describe, test } from 'node:test'
import {
  ConfigurationError,
  LegacyApplicationServer,
  OpenIdServer,
  signedTokenGenerator,
  StoreValidator,
  type Claims,
  type OpenIdServerOptions,
} from 'grantry'
import { MemoryStore } from 'grantry/storage/memory'
import { decodeJwt, decodeProtectedHeader } from 'jose'
import type { Members } from '../support/assertions.ts'
import { lastReason } from '../support/provider.ts'
import { basic, body, form, redirected, request, text } from '../support/requests.ts'
import { good, issuer, keyOfApp, makeFapi } from './fixture.ts'

test('a whole flow: pushed, with PKCE and iss; bound tokens, an ID token by PS256, a refresh without rotation', async () => {
  const { push, authorize, redeem, token } = await makeFapi()
  const pushed = await push()
  assert.equal(pushed.status, 201)
  const answer = await authorize(pushed)
  assert.deepEqual([redirected(answer).get('iss'), redirected(answer).get('state')], [issuer, 'st'])
  const issued = await redeem(answer)
  assert.deepEqual([issued.status, body(issued)['token_type']], [200, 'DPoP'])
  assert.equal(decodeProtectedHeader(text(issued, 'id_token')).alg, 'PS256')
  const grant = { grant_type: 'refresh_token', refresh_token: text(issued, 'refresh_token') }
  const refreshed = await token(grant)
  assert.equal(body(refreshed)['refresh_token'], grant.refresh_token) // §5.3.2.1
})

describe('requests (§5.3.2.2)', () => {
  test('not pushed → invalid_request', async () => {
    const { server, asked } = await makeFapi()
    const query = new URLSearchParams({ ...asked, client_id: 'app' }).toString()
    const answer = await server.handle(request('GET', `/authorize?${query}`))
    assert.equal(redirected(answer).get('error'), 'invalid_request')
  })

  const refused: [name: string, change: Readonly<Record<string, string>>, error: string][] = [
    ['without redirect_uri', { redirect_uri: '' }, 'invalid_request'],
    ['without PKCE', { code_challenge: '', code_challenge_method: '' }, 'invalid_request'],
    ['with plain PKCE', { code_challenge: 'x'.repeat(43), code_challenge_method: 'plain' }, 'invalid_request'],
    ['response_type token', { response_type: 'token' }, 'unsupported_response_type'],
    ['response_type code id_token', { response_type: 'code id_token' }, 'unsupported_response_type'],
  ]
  for (const [name, change, error] of refused) {
    test(`${name} → ${error}, whatever the record of the client says`, async () => {
      const client = {
        allowMissingPkce: true,
        legacyPlainPkce: true,
        responseTypes: ['code', 'token', 'code id_token'],
      }
      const { push } = await makeFapi('fapi2', { client })
      assert.equal(body(await push(change))['error'], error)
    })
  }

  test('a code is good for 60 seconds', async () => {
    for (const [seconds, status] of [
      [59, 200],
      [60, 400],
    ] as const) {
      const { push, authorize, redeem, clock } = await makeFapi()
      const answer = await authorize(await push())
      clock.now += seconds
      assert.equal((await redeem(answer)).status, status)
    }
  })
})

describe('client authentication (§5.3.2.1)', () => {
  test('secrets and none are not offered', async () => {
    const { server, secret } = await makeFapi()
    const grant = { grant_type: 'client_credentials', scope: 'read' }
    const ways = [
      form(grant, basic('secret', secret)),
      form({ ...grant, client_id: 'secret', client_secret: secret }),
      form({ ...grant, client_id: 'spa' }),
    ]
    for (const way of ways) assert.equal(body(await server.createTokenResponse(way))['error'], 'invalid_client')
    const metadata = body(await server.createMetadataResponse())
    const methods = ['private_key_jwt', 'tls_client_auth', 'self_signed_tls_client_auth']
    assert.deepEqual(metadata['token_endpoint_auth_methods_supported'], methods)
  })

  const rows: [name: string, claims: (now: number) => Members, isTaken: boolean, header?: Members][] = [
    ['aud the issuer', () => ({}), true],
    ['aud a list of the issuer', () => ({ aud: [issuer] }), false],
    ['aud the token endpoint', () => ({ aud: `${issuer}/token` }), false],
    ['aud the endpoint for pushed requests', () => ({ aud: `${issuer}/par` }), false],
    ['iat and nbf 8 seconds ahead', (now) => ({ iat: now + 8, nbf: now + 8 }), true],
    ['iat 61 seconds ahead', (now) => ({ iat: now + 61 }), false],
    ['nbf 61 seconds ahead', (now) => ({ nbf: now + 61 }), false],
    ['by RS256', () => ({}), false, { alg: 'RS256', kid: 'r' }],
    ['by PS256', () => ({}), true, { alg: 'PS256', kid: 'r' }],
  ]
  for (const [name, claims, isTaken, header] of rows) {
    test(`${name} → ${isTaken ? 'taken' : 'invalid_client'}, also for legacyAssertionAudience`, async () => {
      const fapi = await makeFapi('fapi2', { client: { legacyAssertionAudience: 'token-endpoint' } })
      const key = header === undefined ? keyOfApp.privateKey : fapi.rsa.privateKey
      const by = fapi.assertion(claims(fapi.clock.now), header, key)
      assert.equal(body(await fapi.push({}, by))['error'], isTaken ? undefined : 'invalid_client')
    })
  }
})

describe('bound tokens (§5.3.2.1)', () => {
  test('without a proof and a certificate: refused, and the code is still good', async () => {
    const fapi = await makeFapi()
    const answer = await fapi.authorize(await fapi.push())
    assert.equal((await fapi.redeem(answer, {})).status, 400)
    assert.equal(lastReason(fapi), 'dpop_proof_missing')
    assert.equal((await fapi.redeem(answer)).status, 200)
  })

  test('by the certificate of the client, without that in its record', async () => {
    const { server } = await makeFapi()
    const grant = { grant_type: 'client_credentials', scope: 'read', client_id: 'tls' }
    const issued = await server.createTokenResponse(form(grant, { 'x-cert': 'own' }))
    assert.deepEqual([issued.status, body(issued)['token_type']], [200, 'Bearer'])
    const told = await server.createIntrospectionResponse(
      form({ token: text(issued, 'access_token'), client_id: 'tls' }, { 'x-cert': 'own' }),
    )
    assert.ok((body(told)['cnf'] as Members)['x5t#S256'])
  })

  test('proofs by RS256 are not taken', async () => {
    const { server, rsa, prover, token } = await makeFapi()
    const metadata = body(await server.createMetadataResponse())
    assert.deepEqual(metadata['dpop_signing_alg_values_supported'], ['PS256', 'ES256', 'EdDSA', 'Ed25519'])
    const jwk = rsa.publicKey.export({ format: 'jwk' }) as Members
    const dpop = prover.proof({ htu: `${issuer}/token` }, { header: { alg: 'RS256', jwk }, by: rsa.privateKey })
    const answer = await token({ grant_type: 'client_credentials', scope: 'read' }, { dpop })
    assert.equal(body(answer)['error'], 'invalid_dpop_proof')
  })
})

test('access tokens signed by RS256 are not made (§5.4.1)', async () => {
  const audience = 'https://api.example'
  for (const [algorithm, status] of [
    ['RS256', 500],
    ['PS256', 200],
  ] as const) {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
    const tokenGenerator = signedTokenGenerator(privateKey, { issuer, audience, algorithm })
    const { token } = await makeFapi('fapi2', { options: { tokenGenerator } })
    assert.equal((await token({ grant_type: 'client_credentials', scope: 'read' })).status, status)
  }
})

test('the metadata lists what there is: no RS256, no response type but code, pushed requests alone', async () => {
  const metadata = body(await (await makeFapi()).server.createMetadataResponse())
  assert.deepEqual(metadata['response_types_supported'], ['code'])
  assert.equal(metadata['require_pushed_authorization_requests'], true)
  for (const [name, value] of Object.entries(metadata))
    if (name.endsWith('_alg_values_supported') && name.includes('signing'))
      assert.ok(!(value as string[]).some((algorithm) => /^RS|^HS/.test(algorithm)), name)
})

describe('with Message Signing', () => {
  const make = () => makeFapi('fapi2-message-signing')

  test('signed request, signed answer, signed introspection', async () => {
    const { push, authorize, signedRequest, server, assertion } = await make()
    const pushed = await push({}, { ...assertion(), ...signedRequest() })
    assert.equal(pushed.status, 201, pushed.body)
    const answer = redirected(await authorize(pushed)).get('response') ?? ''
    assert.equal(decodeProtectedHeader(answer).alg, 'PS256')
    assert.deepEqual([decodeJwt(answer).iss, decodeJwt(answer).aud], [issuer, 'app'])
    const headers = { accept: 'application/token-introspection+jwt' }
    const told = await server.createIntrospectionResponse(form({ token: 'x', ...assertion() }, headers))
    assert.equal(decodeProtectedHeader(told.body).alg, 'PS256')
    const metadata = body(await server.createMetadataResponse())
    assert.equal(metadata['require_signed_request_object'], true)
    assert.deepEqual(metadata['response_modes_supported'], ['jwt', 'query.jwt', 'fragment.jwt', 'form_post.jwt'])
  })

  const rows: [name: string, claims: (now: number) => Members, header?: Members][] = [
    ['without aud', () => ({ aud: undefined })],
    ['without nbf', () => ({ nbf: undefined })],
    ['without exp', () => ({ exp: undefined })],
    ['nbf over an hour ago', (now) => ({ nbf: now - 3700, exp: now + 60 })],
    ['exp over an hour after nbf', (now) => ({ exp: now + 3601 })],
    ['by RS256', () => ({}), { alg: 'RS256', kid: 'r' }],
  ]
  for (const [name, claims, header] of rows) {
    test(`a request object ${name} → invalid_request_object (§5.3.1)`, async () => {
      const fapi = await make()
      const key = header === undefined ? keyOfApp.privateKey : fapi.rsa.privateKey
      const sent = fapi.signedRequest(claims(fapi.clock.now), header, key)
      assert.equal(body(await fapi.push({}, { ...fapi.assertion(), ...sent }))['error'], 'invalid_request_object')
    })
  }

  test('each answer by an algorithm that there is a key for, where the keys differ', async () => {
    const { privateKey } = generateKeyPairSync('ed25519')
    const { push, authorize, signedRequest, assertion } = await makeFapi('fapi2-message-signing', {
      options: { signedResponses: { keys: [privateKey] } },
    })
    const answer = await authorize(await push({}, { ...assertion(), ...signedRequest() }))
    assert.equal(decodeProtectedHeader(redirected(answer).get('response') ?? '').alg, 'EdDSA')
  })

  test('an unsigned request, or an answer that would not be signed → invalid_request', async () => {
    const { push, signedRequest, assertion } = await make()
    assert.equal(body(await push())['error'], 'invalid_request')
    const plain = signedRequest({ response_mode: 'query' })
    assert.equal(body(await push({}, { ...assertion(), ...plain }))['error'], 'invalid_request')
  })
})

class Validator extends StoreValidator {
  getUserClaims(): Claims {
    return {}
  }
}

describe('what breaks the profile is a ConfigurationError that names the mend', () => {
  const rows: [name: string, change: Partial<OpenIdServerOptions> | { readonly profile: string }, message: RegExp][] = [
    ['neither dpop nor mutualTls', { dpop: false, mutualTls: undefined }, /dpop: Turn on dpop or mutualTls/],
    ['dpop by RS256', { dpop: { algorithms: ['RS256'] } }, /dpop\.algorithms: Leave it out/],
    ['requests that are not pushed', { pushedRequests: { isRequired: false } }, /pushedRequests\.isRequired/],
    ['pushed requests for 10 minutes', { pushedRequests: { expiresIn: 600 } }, /pushedRequests\.expiresIn/],
    ['request objects by reference', { requestObjects: { byReference: true } }, /requestObjects\.byReference/],
    ['codes for 61 seconds', { codeExpiresIn: 61 }, /codeExpiresIn: Make it 60/],
    ['no PKCE', { allowMissingPkce: true }, /allowMissingPkce/],
    ['rotation', { refreshTokenRotation: 'always' }, /refreshTokenRotation: Leave it out/],
    ['tokens in URLs', { legacyQueryToken: true }, /legacyQueryToken/],
    ['the profile openid', { openid: { ...good('fapi2').openid, profile: 'openid' } }, /openid\.profile/],
    ['a response type more', { responseTypes: { x: { defaultMode: 'query', respond: () => ({}) } } }, /responseTypes/],
    [
      'another way to authenticate',
      { clientAuthentication: [{ name: 'x', read: () => undefined }] },
      /clientAuthentication/,
    ],
    ['a profile that there is not', { profile: 'fapi1' }, /fapi2 or fapi2-message-signing/],
  ]
  for (const [name, change, message] of rows) {
    test(name, () => {
      const options = { ...good('fapi2'), ...change } as OpenIdServerOptions
      assert.throws(
        () => new OpenIdServer(new Validator(new MemoryStore()), options),
        (error) => {
          assert.ok(error instanceof ConfigurationError)
          assert.match(error.message, message)
          return true
        },
      )
    })
  }

  test('the password grant', () => {
    const plain = { issuer, profile: 'fapi2', dpop: true } as const
    assert.throws(
      () => new LegacyApplicationServer(new Validator(new MemoryStore()), plain),
      /without the password grant/,
    )
  })
})
