/** Access tokens that are bound to a key: the token endpoint (RFC 9449 §5), and what the server itself does with them (§6, §7). */
import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { describe, test } from 'node:test'
import {
  ConfigurationError,
  OpenIdServer,
  Server,
  signedTokenGenerator,
  StoreValidator,
  type AuthorizationServer,
  type HttpResponse,
  type Reason,
  type ServerOptions,
} from 'grantry'
import { MemoryStore } from 'grantry/storage/memory'
import { decodeJwt } from 'jose'
import { dpopCall, makeProver, provedForm, type ProofChange } from '../support/dpop.ts'
import { approve, lastReason, makeProvider, obtainCode, type Provider } from '../support/provider.ts'
import { body, form, redirected, request, text } from '../support/requests.ts'

const issuer = 'https://as.example'
const htu = `${issuer}/token`
const on: ServerOptions = { dpop: true, issuer }
const provider = await makeProvider(on)
const { server, clock, app } = provider
const prover = await makeProver(clock)
const thief = await makeProver(clock)

const machine = { grant_type: 'client_credentials', scope: 'read' }
const ask = (dpop: string, of: AuthorizationServer = server, parameters: Readonly<Record<string, string>> = machine) =>
  of.createTokenResponse(provedForm(parameters, dpop, app))
const use = (token: string, of: AuthorizationServer = server) =>
  of.verifyRequest(dpopCall('/files', token, prover.proof({ htm: 'GET', htu: `${issuer}/files`, token })))
const useAsBearer = (token: string, of: AuthorizationServer = server) =>
  of.verifyRequest(request('GET', '/files', { headers: { authorization: `Bearer ${token}` } }))

const header = (name: string, change: ProofChange['header']): Row => [name, { header: change }]
const claims = (name: string, change: ProofChange['claims']): Row => [name, { claims: change }]
type Row = [name: string, change: ProofChange, reason?: Reason]

describe('A proof at the token endpoint', () => {
  test('gives a token of the type DPoP that its key alone can use', async () => {
    const response = await ask(prover.proof({ htu }))
    assert.equal(body(response)['token_type'], 'DPoP')
    assert.equal(response.headers['DPoP-Nonce'], undefined)
    const token = text(response, 'access_token')
    assert.ok((await use(token)).ok)
    assert.ok(!(await useAsBearer(token)).ok)
    assert.equal(lastReason(provider), 'token_bound')
    const stolen = thief.proof({ htm: 'GET', htu: `${issuer}/files`, token })
    assert.ok(!(await server.verifyRequest(dpopCall('/files', token, stolen))).ok)
  })

  test('that is not sent gives a bearer token, which goes without proofs', async () => {
    const response = await server.createTokenResponse(form(machine, app))
    assert.equal(body(response)['token_type'], 'Bearer')
    assert.ok((await useAsBearer(text(response, 'access_token'))).ok)
    assert.ok(!(await use(text(response, 'access_token'))).ok)
  })

  const refused: Row[] = [
    header('typ JWT', { typ: 'JWT' }),
    header('alg none', { alg: 'none' }),
    ['alg HS256', { header: { alg: 'HS256' }, by: 'secret' }],
    header('jwk with a private member', { jwk: { ...prover.jwk, d: 'x' } }),
    header('jwk missing', { jwk: undefined }),
    header('jwk of another key', { jwk: thief.jwk }),
    claims('htm GET', { htm: 'GET' }),
    claims('htu of another endpoint', { htu: `${issuer}/introspect` }),
    claims('htu of another server', { htu: 'https://evil.example/token' }),
    claims('iat 60 seconds ago', { iat: clock.now - 60 }),
    claims('iat 11 seconds ahead', { iat: clock.now + 11 }),
    claims('jti missing', { jti: undefined }),
  ]
  for (const [name, change, reason = 'dpop_proof_invalid'] of refused) {
    test(`${name} → 400 invalid_dpop_proof`, async () => {
      const response = await ask(prover.proof({ htu }, change))
      assert.equal(response.status, 400)
      assert.equal(body(response)['error'], 'invalid_dpop_proof')
      assert.equal(lastReason(provider), reason)
    })
  }

  for (const [name, dpop] of [
    ['two proofs', `${prover.proof({ htu })}, ${prover.proof({ htu })}`],
    ['an empty header', ''],
  ] as const) {
    test(`${name} → 400 invalid_dpop_proof, and no bearer token`, async () =>
      assert.equal(body(await ask(dpop))['error'], 'invalid_dpop_proof'))
  }

  test('works once at all nodes, also when it comes to both at the same time', async () => {
    const other = new Server(new StoreValidator(provider.store), { ...on, now: () => clock.now })
    const dpop = prover.proof({ htu })
    const sent = Array.from({ length: 16 }, (_, index) => ask(dpop, index % 2 === 0 ? server : other))
    const statuses = (await Promise.all(sent)).map(({ status }) => status)
    assert.deepEqual(
      statuses.filter((status) => status === 200),
      [200],
    )
    const reasons = provider.events.map((event) => event.type === 'request.refused' && event.reason)
    assert.ok(reasons.includes('dpop_proof_replayed'))
  })

  test('of a client that cannot authenticate is not looked at, and stays good', async () => {
    const dpop = prover.proof({ htu })
    const wrong = await server.createTokenResponse(provedForm(machine, dpop, { authorization: 'Basic YXBwOng=' }))
    assert.equal(body(wrong)['error'], 'invalid_client')
    assert.equal((await ask(dpop)).status, 200)
  })

  test('a code is still good after a bad proof: the client comes again', async () => {
    const code = { grant_type: 'authorization_code', ...(await obtainCode(server)) }
    assert.equal((await ask('x', server, code)).status, 400)
    assert.equal(body(await ask(prover.proof({ htu }), server, code))['token_type'], 'DPoP')
  })
})

describe('What a bound token says', () => {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const tokenGenerator = signedTokenGenerator(privateKey, { issuer, audience: issuer, profile: 'at+jwt' })

  test('a JWT has cnf.jkt, and is checked without a row (RFC 9449 §6.1)', async () => {
    const signed = await makeProvider({ ...on, tokenGenerator, tokenVerifier: tokenGenerator.verifier })
    const response = await signed.server.createTokenResponse(provedForm(machine, prover.proof({ htu }), signed.app))
    const token = text(response, 'access_token')
    assert.deepEqual(decodeJwt(token)['cnf'], { jkt: prover.jkt })
    assert.ok((await use(token, signed.server)).ok)
    assert.ok(!(await useAsBearer(token, signed.server)).ok)
  })

  test('what the application says of cnf does not replace the key', async () => {
    const generator = signedTokenGenerator(privateKey, { issuer, allowClaimOverride: ['cnf'] })
    const preToken = [(http: { claims: object }) => void Object.assign(http.claims, { cnf: { jkt: thief.jkt } })]
    const signed = await makeProvider({ ...on, tokenGenerator: generator, hooks: { preToken } })
    const response = await signed.server.createTokenResponse(provedForm(machine, prover.proof({ htu }), signed.app))
    assert.deepEqual(decodeJwt(text(response, 'access_token'))['cnf'], { jkt: prover.jkt })
  })

  test('introspection tells cnf and the type (RFC 9449 §6.2)', async () => {
    const token = text(await ask(prover.proof({ htu })), 'access_token')
    const told = body(await server.createIntrospectionResponse(form({ token }, app)))
    assert.deepEqual([told['token_type'], told['cnf']], ['DPoP', { jkt: prover.jkt }])
  })

  test('introspection does not take it from its caller as a bearer token', async () => {
    const token = text(await ask(prover.proof({ htu })), 'access_token')
    const plain = text(await server.createTokenResponse(form(machine, app)), 'access_token')
    const by = (caller: string): Promise<HttpResponse> =>
      server.createIntrospectionResponse(form({ token }, { authorization: `Bearer ${caller}` }))
    assert.equal((await by(plain)).status, 200)
    assert.equal((await by(token)).status, 401)
  })

  test('UserInfo takes it with a proof, and not without (RFC 9449 §7)', async () => {
    const openid = { keys: [generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey] }
    class Users extends StoreValidator {
      getUserClaims = () => ({})
    }
    const oidc: Provider<OpenIdServer> = await makeProvider(on, {
      validator: (store) => new Users(store),
      server: (validator, options) => new OpenIdServer(validator, { ...options, issuer, openid }),
      client: { scopes: ['openid'], defaultScopes: ['openid'] },
    })
    const code = await obtainCode(oidc.server, { scope: 'openid', redirect_uri: 'https://app.example/cb' })
    const grant = { grant_type: 'authorization_code', redirect_uri: 'https://app.example/cb', ...code }
    const token = text(
      await oidc.server.createTokenResponse(provedForm(grant, prover.proof({ htu }), oidc.app)),
      'access_token',
    )
    const proof = prover.proof({ htm: 'GET', htu: `${issuer}/userinfo`, token })
    assert.deepEqual(body(await oidc.server.handle(dpopCall('/userinfo', token, proof))), { sub: 'alice' })
    const bearer = request('GET', '/userinfo', { headers: { authorization: `Bearer ${token}` } })
    assert.equal((await oidc.server.handle(bearer)).status, 401)
  })
})

describe('A client whose tokens must be bound (dpop_bound_access_tokens, RFC 9449 §5.2)', () => {
  const client = { dpopBoundAccessTokens: true }

  test('without a proof → invalid_dpop_proof, and its code is still good', async () => {
    const bound = await makeProvider(on, { client })
    const code = { grant_type: 'authorization_code', ...(await obtainCode(bound.server)) }
    const response = await bound.server.createTokenResponse(form(code, bound.app))
    assert.deepEqual([response.status, body(response)['error']], [400, 'invalid_dpop_proof'])
    assert.equal(lastReason(bound), 'dpop_proof_missing')
    assert.equal(
      (await bound.server.createTokenResponse(provedForm(code, prover.proof({ htu }), bound.app))).status,
      200,
    )
  })

  test('gets no token from the authorization endpoint', async () => {
    const bound = await makeProvider(on, {
      client,
      validator: (store) => new StoreValidator(store),
      server: (validator, options) =>
        new OpenIdServer(Object.assign(validator, { getUserClaims: () => ({}) }), {
          ...{ ...options, issuer },
          openid: { keys: [generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey] },
        }),
    })
    const asked = { client_id: 'app', response_type: 'token', redirect_uri: 'https://app.example/cb', scope: 'read' }
    assert.equal(redirected(await approve(bound.server, asked)).get('error'), 'unauthorized_client')
  })

  test('gets none from a server that looks at no proofs', async () => {
    const off = await makeProvider({ issuer }, { client })
    assert.equal((await off.server.createTokenResponse(form(machine, off.app))).status, 400)
    assert.equal(
      (await off.server.createTokenResponse(provedForm(machine, prover.proof({ htu }), off.app))).status,
      400,
    )
  })

  test('so are all of a server that requires it, by whatever grant', async () => {
    const strict = await makeProvider({ issuer, dpop: { required: true } })
    assert.equal((await strict.server.createTokenResponse(form(machine, strict.app))).status, 400)
    const response = await strict.server.createTokenResponse(provedForm(machine, prover.proof({ htu }), strict.app))
    assert.equal(body(response)['token_type'], 'DPoP')
    const authorization = { client: { id: 'app' }, scopes: [], grantType: 'x' }
    await assert.rejects(strict.server.bearer.createToken(authorization), /invalid_dpop_proof/)
  })
})

describe('The option dpop', () => {
  test('is told in the metadata, where it is on alone (RFC 9449 §5.1)', async () => {
    const algorithms = async (options: ServerOptions) =>
      body(await (await makeProvider(options)).server.createMetadataResponse())['dpop_signing_alg_values_supported']
    assert.deepEqual(await algorithms({ issuer, dpop: { algorithms: ['ES256'] } }), ['ES256'])
    assert.equal(await algorithms({ issuer }), undefined)
    assert.equal(await algorithms({ issuer, dpop: false }), undefined)
  })

  test('off: a proof is not looked at, and the token is a bearer token', async () => {
    const off = await makeProvider({ issuer })
    const response = await off.server.createTokenResponse(provedForm(machine, 'x', off.app))
    assert.equal(body(response)['token_type'], 'Bearer')
  })

  test('requestUrl says what clients asked for, behind a proxy', async () => {
    const dpop = { requestUrl: ({ url }: { readonly url: string }) => `https://public.example/oauth${url}` }
    const proxied = await makeProvider({ dpop })
    const proof = prover.proof({ htu: 'https://public.example/oauth/token' })
    assert.equal((await proxied.server.createTokenResponse(provedForm(machine, proof, proxied.app))).status, 200)
  })

  const wrong: [name: string, options: ServerOptions, problem: RegExp][] = [
    ['without issuer and requestUrl', { dpop: true }, /issuer or dpop\.requestUrl/],
    ['with a misspelt option', { issuer, dpop: { nonceSecrets: 'x' } as object }, /nonceSecrets/],
    ['with a short secret', { issuer, dpop: { nonceSecret: ['n'.repeat(32), 'short'] } }, /32 random characters/],
    ['with no secret in the list', { issuer, dpop: { nonceSecret: [] } }, /32 random characters/],
    ['with a symmetric algorithm', { issuer, dpop: { algorithms: ['HS256'] } }, /HS256/],
  ]
  for (const [name, options, problem] of wrong) {
    test(`${name} → ConfigurationError`, async () => {
      const thrown = await makeProvider(options).catch((error: unknown) => error)
      assert.ok(thrown instanceof ConfigurationError)
      assert.match(thrown.message, problem)
    })
  }

  test('needs a validator that notes what was used', () => {
    const validator = Object.assign(new StoreValidator(new MemoryStore()), { markSeen: undefined })
    assert.throws(() => new Server(validator, on), /markSeen/)
  })
})
