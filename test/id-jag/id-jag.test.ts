/** Identity assertions for other servers (draft-ietf-oauth-identity-assertion-authz-grant-04): from the server of the login to that of an API. */
import assert from 'node:assert/strict'
import { generateKeyPairSync, randomUUID } from 'node:crypto'
import { describe, test } from 'node:test'
import {
  idJag,
  idJagTokenType,
  JwtBearerGrant,
  jwtBearerGrantType,
  Server,
  tokenExchangeGrantType,
  tokenTypes,
  type Jwk,
  type JwtBearerOptions,
  type StoreValidator,
  type TokenExchangeOptions,
} from 'grantry'
import { decodeProtectedHeader, jwtVerify } from 'jose'
import * as oauth from 'oauth4webapi'
import { exchange, issuer as idp, login, makeExchanger, start, subjectOf, type Exchanger } from '../rfc8693/fixture.ts'
import { writeJwt, type Members } from '../support/assertions.ts'
import { makeProver } from '../support/dpop.ts'
import { lastReason, makeProvider, type Provider } from '../support/provider.ts'
import { body, form, text } from '../support/requests.ts'

const chat = 'https://chat.example'
const api = 'https://api.chat.example'
const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const key = { ...publicKey.export({ format: 'jwk' }) } as Jwk // JsonWebKey of Node is one

const options: Partial<TokenExchangeOptions> = {
  audiences: [chat, idp, 'https://other.example'],
  resources: [api],
  mayImpersonate: ({ requestedTokenType }) => requestedTokenType === idJagTokenType && { scopes: ['read', 'write'] },
  issues: {
    [idJagTokenType]: idJag(privateKey, {
      ...{ issuer: idp, clientIdAt: (client, audience) => `${client.id}@${new URL(audience).host}` },
      claimsAt: (user) => ({ email: `${user.id}@corp.example` }),
    }),
  },
}

const ask = (exchanger: Exchanger, subject_token: string, more: Record<string, string> = {}, headers = {}) =>
  exchange(
    exchanger,
    {
      ...{ subject_token, subject_token_type: tokenTypes.idToken, requested_token_type: idJagTokenType },
      ...{ audience: chat, resource: api, scope: 'read', ...more },
    },
    { headers: { ...exchanger.app, ...headers } },
  )

const claims = (change: Members = {}): Members => ({
  ...{ iss: idp, sub: 'alice', aud: chat, client_id: 'app', iat: start, exp: start + 300, jti: randomUUID() },
  ...{ scope: 'read write', ...change },
})
const make = (change: Members = {}, header: Members = {}): string =>
  writeJwt({ alg: 'ES256', typ: 'oauth-id-jag+jwt', ...header }, claims(change), privateKey)

/** The server of the API. */
const makeChat = (change: Partial<JwtBearerOptions> = {}, now = () => start): Promise<Provider<Server>> =>
  makeProvider(
    { issuer: chat, resources: [api, `${api}/other`], now },
    {
      server: (validator: StoreValidator, all) =>
        new Server(validator, {
          ...{ ...all, dpop: true },
          grants: {
            [jwtBearerGrantType]: new JwtBearerGrant(validator, {
              ...{ issuer: chat, issuers: { [idp]: key }, profile: 'id-jag', resources: [api, `${api}/other`] },
              findUser: ({ sub }) => ({ id: `corp:${typeof sub === 'string' ? sub : ''}` }),
              ...change,
            }),
          },
        }),
      client: { grantTypes: [jwtBearerGrantType], scopes: ['read', 'write'] },
    },
  )

const bring = (
  { server, app }: Provider<Server>,
  assertion: string,
  more: Record<string, string> = {},
  headers: Record<string, string> = app,
) => server.createTokenResponse(form({ grant_type: jwtBearerGrantType, assertion, ...more }, headers))

describe('the server of the login', () => {
  test('makes one for an ID token of the client: the claims of §3.1, which jose verifies', async () => {
    const exchanger = await makeExchanger(options)
    const response = await ask(exchanger, text(await login(exchanger), 'id_token'))
    const { access_token, ...members } = body(response)
    assert.deepEqual(members, {
      ...{ issued_token_type: idJagTokenType, token_type: 'N_A', expires_in: 300, scope: 'read' },
    })
    const token = text(response, 'access_token')
    assert.ok(access_token)
    assert.equal(decodeProtectedHeader(token).typ, 'oauth-id-jag+jwt')
    const checks = { issuer: idp, audience: chat, currentDate: new Date(start * 1000) }
    const { jti, ...payload } = (await jwtVerify(token, publicKey, checks)).payload
    assert.ok(jti)
    assert.deepEqual(payload, {
      ...{ iss: idp, sub: 'alice', aud: chat, client_id: 'app@chat.example', email: 'alice@corp.example' },
      ...{ iat: start, exp: start + 300, resource: api, scope: 'read' },
    })
    const headers = new Headers({ authorization: `Bearer ${token}` })
    assert.equal((await exchanger.server.verifyRequest({ ...form({}), headers })).ok, false) // it opens nothing here
  })

  test('makes one for a refresh token of the client, and none for an access token', async () => {
    const exchanger = await makeExchanger(options)
    const refresh = text(await login(exchanger), 'refresh_token')
    assert.equal((await ask(exchanger, refresh, { subject_token_type: tokenTypes.refreshToken })).status, 200)
    const access = { subject_token_type: tokenTypes.accessToken }
    const response = await ask(exchanger, await subjectOf(exchanger), access)
    assert.deepEqual([body(response)['error'], lastReason(exchanger)], ['invalid_request', 'token_type_not_exchanged'])
  })

  const refused: [name: string, change: Readonly<Record<string, string>>, error: string][] = [
    ['no audience', { audience: '' }, 'invalid_target'],
    ['this server as audience', { audience: idp }, 'invalid_target'],
    ['a server that the grant does not list', { audience: 'https://evil.example' }, 'invalid_target'],
    ['a scope beyond what the judge allows', { scope: 'admin' }, 'invalid_scope'],
  ]
  for (const [name, change, error] of refused) {
    test(`${name} → ${error}`, async () => {
      const exchanger = await makeExchanger(options)
      assert.equal(body(await ask(exchanger, text(await login(exchanger), 'id_token'), change))['error'], error)
    })
  }

  test('a proof binds it to the key of the client (§8.5.1.1); the metadata says that they are made (§7.1)', async () => {
    const exchanger = await makeExchanger(options, { dpop: true })
    const prover = await makeProver(exchanger.clock)
    const id = text(await login(exchanger), 'id_token')
    const response = await ask(exchanger, id, {}, { dpop: prover.proof({ htu: `${idp}/token` }) })
    assert.equal(body(response)['token_type'], 'N_A')
    const { payload } = await jwtVerify(text(response, 'access_token'), publicKey, {
      currentDate: new Date(start * 1000),
    })
    assert.deepEqual(payload['cnf'], { jkt: prover.jkt })
    const metadata = body(await exchanger.server.createMetadataResponse())
    assert.deepEqual(metadata['identity_chaining_requested_token_types_supported'], [idJagTokenType])
    const plain = body(await (await makeExchanger()).server.createMetadataResponse())
    assert.ok(!('identity_chaining_requested_token_types_supported' in plain))
  })
})

describe('the server of the API', () => {
  test('gives a token for it: of the user, the scopes and the resource that it names', async () => {
    const provider = await makeChat()
    const response = await bring(provider, make({ resource: api, auth_time: start - 9, act: { sub: 'agent' } }))
    assert.equal(body(response)['scope'], 'read write', response.body)
    const token = text(response, 'access_token')
    const seen = body(await provider.server.createIntrospectionResponse(form({ token }, provider.app)))
    assert.deepEqual(
      [seen['sub'], seen['client_id'], seen['aud'], seen['auth_time']],
      ['corp:alice', 'app', api, start - 9],
    )
    assert.deepEqual(seen['act'], { sub: 'agent' })
    const metadata = body(await provider.server.createMetadataResponse())
    const profiles = ['urn:ietf:params:oauth:grant-profile:id-jag']
    assert.deepEqual(metadata['authorization_grant_profiles_supported'], profiles)
  })

  const refused: [name: string, assertion: () => string, more: Record<string, string>, error: string][] = [
    ['for another client', () => make({ client_id: 'spa' }), {}, 'invalid_grant'],
    ['for no client', () => make({ client_id: undefined }), {}, 'invalid_grant'],
    ['for another server', () => make({ aud: idp }), {}, 'invalid_grant'],
    ['for two servers', () => make({ aud: [chat, idp] }), {}, 'invalid_grant'],
    ['of the typ of all JWTs', () => make({}, { typ: 'JWT' }), {}, 'invalid_grant'],
    ['without jti', () => make({ jti: undefined }), {}, 'invalid_grant'],
    ['bound to a key, without proof', () => make({ cnf: { jkt: 'x' } }), {}, 'invalid_grant'],
    ['bound in an unknown way', () => make({ cnf: { kid: 'x' } }), {}, 'invalid_grant'],
    ['with authorization_details', () => make({ authorization_details: [{ type: 'x' }] }), {}, 'invalid_grant'],
    ['for a resource of nobody', () => make({ resource: 'https://evil.example' }), {}, 'invalid_target'],
    ['whose resource is no text', () => make({ resource: { a: 1 } }), {}, 'invalid_grant'],
    ['for less scope than is asked', () => make({ scope: 'read' }), { scope: 'read write' }, 'invalid_scope'],
    ['for a scope that is none', () => make({ scope: ['read'] }), {}, 'invalid_scope'],
    [
      'for another resource than is asked',
      () => make({ resource: api }),
      { resource: `${api}/other` },
      'invalid_target',
    ],
  ]
  for (const [name, assertion, more, error] of refused) {
    test(`one ${name} → ${error}`, async () => {
      const response = await bring(await makeChat(), assertion(), more)
      assert.deepEqual([response.status, body(response)['error']], [400, error])
    })
  }

  test('takes one that names two resources for both, or for the one that is asked; and each once', async () => {
    const provider = await makeChat()
    const assertion = make({ resource: [api, `${api}/other`] })
    const audienceOf = async (token: string) =>
      body(await provider.server.createIntrospectionResponse(form({ token }, provider.app)))['aud']
    const both = await bring(provider, assertion)
    assert.deepEqual(await audienceOf(text(both, 'access_token')), [api, `${api}/other`])
    const again = await bring(provider, assertion)
    assert.deepEqual([body(again)['error'], lastReason(provider)], ['invalid_grant', 'assertion_replayed'])
    const one = await bring(provider, make({ resource: [api, `${api}/other`] }), { resource: api, scope: 'read' })
    assert.deepEqual([await audienceOf(text(one, 'access_token')), body(one)['scope']], [api, 'read'])
  })

  test('public clients may not, and it never takes its own', async () => {
    const provider = await makeChat()
    const spa = await bring(provider, make({ client_id: 'spa' }), { client_id: 'spa' }, {})
    assert.equal(body(spa)['error'], 'unauthorized_client')
    await assert.rejects(makeChat({ issuers: { [chat]: key } }), /no identity assertions of its own/)
    await assert.rejects(makeChat({ typ: 'JWT' }), /typ or profile/)
  })
})

test('oauth4webapi goes from one server to the other with one key: the token is bound to it (§8.5)', async () => {
  const now = () => Math.floor(Date.now() / 1000)
  const issues = { [idJagTokenType]: idJag(privateKey, { issuer: idp }) }
  const [exchanger, provider] = [
    await makeExchanger({ ...options, issues }, { dpop: true, now }),
    await makeChat({}, now),
  ]
  const client = { client_id: 'app' }
  const DPoP = oauth.DPoP({}, await oauth.generateKeyPair('ES256'))
  const at = async (
    { server, secret }: Pick<Exchanger, 'secret'> & { readonly server: Server | Exchanger['server'] },
    issuer: string,
  ) => {
    const http = { [oauth.customFetch]: (url: string, init: object) => server.fetch(new Request(url, init)) }
    const found = await oauth.discoveryRequest(new URL(issuer), { ...http, algorithm: 'oauth2' })
    const as = await oauth.processDiscoveryResponse(new URL(issuer), found)
    return async (grantType: string, parameters: Record<string, string>) => {
      const auth = oauth.ClientSecretBasic(secret)
      const response = await oauth.genericTokenEndpointRequest(
        as,
        client,
        auth,
        grantType,
        new URLSearchParams(parameters),
        { ...http, DPoP },
      )
      const recognizedTokenTypes = { n_a: () => undefined }
      return oauth.processGenericTokenEndpointResponse(as, client, response, { recognizedTokenTypes })
    }
  }
  const [atLogin, atChat] = [await at(exchanger, idp), await at(provider, chat)]
  const issued = await atLogin(tokenExchangeGrantType, {
    ...{ subject_token: text(await login(exchanger), 'id_token'), subject_token_type: tokenTypes.idToken },
    ...{ requested_token_type: idJagTokenType, audience: chat, resource: api, scope: 'read' },
  })
  const token = await atChat(jwtBearerGrantType, { assertion: issued.access_token })
  assert.deepEqual([issued.token_type, token.token_type, token.scope], ['n_a', 'dpop', 'read'])
})
