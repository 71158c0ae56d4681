/** What oauthlib does with grant objects, endpoints and modifiers by hand, done here. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  AuthorizationCodeGrant,
  AuthorizationServer,
  BearerToken,
  ClientCredentialsGrant,
  CodeResponseType,
  makeGrantRequest,
  PasswordGrant,
  RefreshTokenGrant,
  Server,
  StoreValidator,
  TemporarilyUnavailableError,
  TokenResponseType,
  type OAuthRequest,
  type ServerOptions,
  type TokenContext,
  type TokenResponse,
} from 'grantry'
import { MemoryStore } from 'grantry/storage/memory'
import { approve, makeProvider, obtainCode, registration } from '../support/provider.ts'
import { body, form, redirected } from '../support/requests.ts'

const now = 1_800_000_000

class Passwords extends StoreValidator {
  override validateUser(username: string, password: string) {
    return password === 'wonderland' ? { id: username } : undefined
  }
}

describe('A grant that is called alone', () => {
  const client = { id: 'app', scopes: ['read', 'write'], defaultScopes: ['read'] }
  const validator = new Passwords(new MemoryStore())

  test('says what the client may have, and makes nothing', async () => {
    const grant = new ClientCredentialsGrant(validator, { resources: ['https://api.example/'] })
    const asked = makeGrantRequest(client, { scope: '' }, { now, resources: ['https://api.example/'] })
    assert.deepEqual(await grant.authorize(asked), { client, scopes: ['read'], resources: ['https://api.example/'] })
  })

  test('refuses by an OAuthError', async () => {
    const grant = new PasswordGrant(validator)
    const good = { username: 'alice', password: 'wonderland' }
    assert.equal((await grant.authorize(makeGrantRequest(client, good, { now }))).user?.id, 'alice')
    const wrong = makeGrantRequest(client, { ...good, password: 'x' }, { now })
    await assert.rejects(grant.authorize(wrong), { name: 'InvalidGrantError', reason: 'user_credentials_wrong' })
    const missing = makeGrantRequest(client, {}, { now })
    await assert.rejects(grant.authorize(missing), { name: 'InvalidRequestError', reason: 'parameter_missing' })
    await assert.rejects(new RefreshTokenGrant(validator).authorize(missing), { name: 'InvalidRequestError' })
    await assert.rejects(new AuthorizationCodeGrant(validator).authorize(missing), { name: 'InvalidRequestError' })
  })

  test('and BearerToken make an endpoint of your own', async () => {
    const bearer = new BearerToken(validator)
    const outcome = await new ClientCredentialsGrant(validator).authorize(makeGrantRequest(client, {}, { now }))
    const token = await bearer.createToken({ ...outcome, grantType: 'client_credentials', state: { note: 'mine' } })
    assert.equal(token.scope, 'read')
  })
})

describe('A server that is composed by hand', () => {
  const compose = (validator: StoreValidator, options: ServerOptions) =>
    new AuthorizationServer(validator, options, {
      name: 'Composed',
      slices: ['code'],
      grants: { authorization_code: new AuthorizationCodeGrant(validator, options) },
      responseTypes: (bearer) => ({
        code: new CodeResponseType(validator, options),
        token: new TokenResponseType(bearer),
      }),
    })

  test('has the grants and response types it was given, and no others', async () => {
    const { server, app } = await makeProvider(
      { issuer: 'https://as.example' },
      { validator: (store) => new StoreValidator(store), server: compose },
    )
    const implicit = await approve(server, { response_type: 'token', client_id: 'app' })
    assert.ok(redirected(implicit).get('access_token'))
    const redeemed = form({ grant_type: 'authorization_code', ...(await obtainCode(server)) }, app)
    const issued = await server.createTokenResponse(redeemed)
    assert.equal(issued.status, 200)
    assert.equal(body(issued)['refresh_token'], undefined, 'there is no grant that could use one')
    const other = await server.createTokenResponse(form({ grant_type: 'client_credentials' }, app))
    assert.equal(body(other)['error'], 'unsupported_grant_type')
    const metadata = body(await server.createMetadataResponse())
    assert.deepEqual(metadata['grant_types_supported'], ['authorization_code', 'implicit'])
    assert.deepEqual(metadata['response_types_supported'], ['code', 'token'])
  })
})

describe('What one request carries', () => {
  class Tenants extends StoreValidator {
    readonly saved: unknown[] = []
    override validateClientId(clientId: string, oauth: OAuthRequest) {
      oauth.state['tenant'] = oauth.headers.get('host') ?? oauth.endpoint
      return super.validateClientId(clientId, oauth)
    }
    override saveToken(token: TokenResponse, context: TokenContext) {
      this.saved.push(context.state['tenant'])
      return super.saveToken(token, context)
    }
  }

  test('state reaches modifiers and saveToken, and nothing that is sent (extra_credentials)', async () => {
    let tenants: Tenants | undefined
    const { server, app } = await makeProvider(
      { tokenModifiers: [(token, { state }) => ({ ...token, tenant: state['tenant'] })] },
      { validator: (store) => (tenants = new Tenants(store)), server: (validator, all) => new Server(validator, all) },
    )
    const ask = (host: string) =>
      server.createTokenResponse(form({ grant_type: 'client_credentials' }, { ...app, host }))
    assert.equal(body(await ask('acme.example'))['tenant'], 'acme.example')
    assert.equal(body(await ask('other.example'))['tenant'], 'other.example')
    assert.deepEqual(tenants?.saved, ['acme.example', 'other.example'])
  })

  test('state of an implicit request reaches the token as well', async () => {
    const { server } = await makeProvider(
      { tokenModifiers: [(token, { state }) => ({ ...token, tenant: state['tenant'] })] },
      {
        validator: (store) => new Tenants(store),
        server: (validator, options) =>
          new AuthorizationServer(validator, options, {
            ...{ name: 'Implicit', slices: [], grants: {} },
            responseTypes: (bearer) => ({ token: new TokenResponseType(bearer) }),
          }),
      },
    )
    const response = await approve(server, { response_type: 'token', client_id: 'app' })
    assert.equal(redirected(response).get('tenant'), 'authorization')
  })

  test('a token modifier for one grant looks at the grant type, and gets the same arguments in all of them', async () => {
    const { server, app } = await makeProvider({
      tokenModifiers: [
        (token, { grantType }) => (grantType === 'client_credentials' ? { ...token, machine: true } : token),
      ],
    })
    const machine = await server.createTokenResponse(form({ grant_type: 'client_credentials' }, app))
    assert.equal(body(machine)['machine'], true)
    const code = form({ grant_type: 'authorization_code', ...(await obtainCode(server)) }, app)
    const issued = await server.createTokenResponse(code)
    assert.equal(body(issued)['machine'], undefined)
    const renewed = { grant_type: 'refresh_token', refresh_token: String(body(issued)['refresh_token']) }
    assert.equal(body(await server.createTokenResponse(form(renewed, app)))['machine'], undefined)
  })
})

describe('Per client', () => {
  test('PKCE can be waived for a confidential client only (is_pkce_required)', async () => {
    const { server } = await makeProvider({}, { client: { ...registration, allowMissingPkce: true } })
    const ask = (client_id: string) => approve(server, { response_type: 'code', client_id, state: 's' })
    assert.ok(redirected(await ask('app')).get('code'))
    assert.equal(redirected(await ask('spa')).get('error'), 'invalid_request')
  })

  test('a refresh token is for clients that may use one (refresh_token=False of a grant)', async () => {
    const { server, app } = await makeProvider({}, { client: { grantTypes: ['authorization_code'] } })
    const code = form({ grant_type: 'authorization_code', ...(await obtainCode(server)) }, app)
    assert.equal(body(await server.createTokenResponse(code))['refresh_token'], undefined)
  })

  test('a server that is closed answers 503 everywhere (available = False)', async () => {
    class Closed extends StoreValidator {
      override validateClientId(): never {
        throw new TemporarilyUnavailableError('hook_refused')
      }
    }
    const { server, app } = await makeProvider({}, { validator: (store) => new Closed(store) })
    const token = form({ grant_type: 'client_credentials', token: 'x' }, app)
    for (const response of [
      await server.createTokenResponse(token),
      await server.createIntrospectionResponse(token),
      await server.createRevocationResponse(token),
      await approve(server, { response_type: 'code', client_id: 'app' }),
    ])
      assert.deepEqual([response.status, response.headers['Retry-After']], [503, '1'])
  })
})
