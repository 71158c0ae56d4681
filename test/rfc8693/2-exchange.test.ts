/** RFC 8693 §2: what an exchange takes, gives and refuses. */
import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { describe, test } from 'node:test'
import { InvalidTargetError, tokenExchangeGrantType, tokenTypes } from 'grantry'
import type { TokenExchange, TokenExchangeOptions } from 'grantry'
import { lastReason, makeProvider, obtainCode } from '../support/provider.ts'
import { body, form, text } from '../support/requests.ts'
import {
  actorOf,
  backend,
  exchange,
  frontend,
  introspect,
  issuer,
  login,
  makeExchanger,
  partnerJwt,
  start,
  subjectOf,
  type Exchanger,
  type Format,
} from './fixture.ts'

const formats: Format[] = ['opaque', 'signed']

for (const format of formats) {
  describe(`an access token, ${format}`, () => {
    test('of a user, for the next service: of its scopes, its user, its end, and its own client (§2.2.1)', async () => {
      const exchanger = await makeExchanger({}, { format })
      const subject_token = await subjectOf(exchanger)
      exchanger.clock.now += 100
      const response = await exchange(exchanger, { subject_token, resource: backend, scope: 'read' })
      assert.equal(response.status, 200, response.body)
      const { access_token, ...members } = body(response)
      assert.deepEqual(members, {
        ...{ issued_token_type: tokenTypes.accessToken, token_type: 'Bearer', expires_in: 500, scope: 'read' },
      })
      assert.equal(response.headers['Cache-Control'], 'no-store')
      const seen = await introspect(exchanger, String(access_token))
      assert.deepEqual(
        [seen['active'], seen['sub'], seen['client_id'], seen['aud'], seen['exp'], seen['act']],
        [true, 'alice', 'service', backend, start + 600, undefined],
      )
    })

    test('ends with the grant of the subject token, and no longer is one then', async () => {
      const exchanger = await makeExchanger({}, { format })
      const first = await login(exchanger)
      const subject_token = text(first, 'access_token')
      const issued = text(await exchange(exchanger, { subject_token, scope: 'read' }), 'access_token')
      const second = text(await exchange(exchanger, { subject_token: issued, scope: 'read' }), 'access_token')
      assert.equal((await introspect(exchanger, second))['active'], true)
      const token = text(first, 'refresh_token')
      await exchanger.server.createRevocationResponse(form({ token }, exchanger.app))
      assert.deepEqual(
        [await introspect(exchanger, issued), await introspect(exchanger, second)],
        [{ active: false }, { active: false }],
      )
      assert.equal(body(await exchange(exchanger, { subject_token }))['error'], 'invalid_request')
    })

    test('that has expired, was revoked, or is meant for others → invalid_request (§2.2.2)', async () => {
      const exchanger = await makeExchanger({}, { format })
      const refused = async (subject_token: string) => {
        const response = await exchange(exchanger, { subject_token })
        assert.deepEqual(
          [response.status, body(response)['error'], lastReason(exchanger)],
          [400, 'invalid_request', 'subject_token_invalid'],
        )
      }
      await refused(await subjectOf(exchanger, { resource: backend }))
      await refused(await subjectOf(exchanger, { resource: '' }))
      const token = await subjectOf(exchanger)
      await exchanger.server.createRevocationResponse(form({ token }, exchanger.app))
      await refused(token)
      const old = await subjectOf(exchanger)
      exchanger.clock.now += 600
      await refused(old)
    })
  })
}

describe('what else is exchanged', () => {
  const own = { mayImpersonate: () => ({ scopes: ['read'] }) }
  const asApp = ({ app }: Exchanger) => ({ headers: app })

  test('an ID token of the client: how the user logged in goes with it', async () => {
    const exchanger = await makeExchanger(own)
    const subject_token = text(await login(exchanger), 'id_token')
    const parameters = { subject_token, subject_token_type: tokenTypes.idToken }
    const response = await exchange(exchanger, parameters, asApp(exchanger))
    assert.equal(response.status, 200, response.body)
    const seen = await introspect(exchanger, text(response, 'access_token'), exchanger.app)
    assert.deepEqual([seen['sub'], seen['scope']], ['alice', 'read'])
    assert.ok(!('id_token' in body(response)))
    assert.equal(body(await exchange(exchanger, parameters))['error'], 'invalid_request') // service got none
  })

  test('a signed access token is no ID token, nor is an ID token an access token', async () => {
    const exchanger = await makeExchanger(own, { format: 'signed' })
    const first = await login(exchanger, { resource: '' })
    const swapped: [string, string][] = [
      [text(first, 'access_token'), tokenTypes.idToken],
      [text(first, 'id_token'), tokenTypes.accessToken],
      [text(first, 'refresh_token'), tokenTypes.accessToken],
      [text(first, 'access_token'), tokenTypes.refreshToken],
      [text(first, 'access_token'), tokenTypes.jwt],
    ]
    for (const [subject_token, subject_token_type] of swapped) {
      const response = await exchange(exchanger, { subject_token, subject_token_type }, asApp(exchanger))
      assert.deepEqual([subject_token_type, body(response)['error']], [subject_token_type, 'invalid_request'])
    }
  })

  test('a refresh token, by its client alone, the newest of its family; it stays as it is', async () => {
    const exchanger = await makeExchanger({}, { refreshTokenRotation: 'always', refreshTokenGrace: 0 })
    const refresh_token = text(await login(exchanger), 'refresh_token')
    const parameters = { subject_token: refresh_token, subject_token_type: tokenTypes.refreshToken, scope: 'read' }
    assert.equal((await exchange(exchanger, parameters)).status, 400)
    assert.equal((await exchange(exchanger, parameters, asApp(exchanger))).status, 200)
    const grant = { grant_type: 'refresh_token', refresh_token }
    assert.equal((await exchanger.server.createTokenResponse(form(grant, exchanger.app))).status, 200)
    assert.equal((await exchange(exchanger, parameters, asApp(exchanger))).status, 400)
  })

  const jwt = { subject_token_type: tokenTypes.jwt }
  const other = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
  const refused: [name: string, token: () => string][] = [
    ['of an issuer that is not trusted', () => partnerJwt({ iss: 'https://evil.example' })],
    ['of one named as a member of every object', () => partnerJwt({ iss: 'constructor' })],
    ['by another key', () => partnerJwt({}, {}, other)],
    ['that is not signed', () => partnerJwt({}, { alg: 'none' })],
    ['of another typ', () => partnerJwt({}, { typ: 'at+jwt' })],
    ['for another server', () => partnerJwt({ aud: 'https://other-as.example' })],
    ['without aud', () => partnerJwt({ aud: undefined })],
    ['without sub', () => partnerJwt({ sub: undefined })],
    ['without exp', () => partnerJwt({ exp: undefined })],
    ['whose exp is no number', () => partnerJwt({ exp: '1900000000' })],
    ['that expired', () => partnerJwt({ exp: start })],
    ['that expires within this second', () => partnerJwt({ exp: start + 0.5 })],
    ['of the future', () => partnerJwt({ nbf: start + 11 })],
    ['about nobody here', () => partnerJwt({ sub: 'nobody' })],
    ['that is none', () => 'x'],
  ]
  for (const [name, token] of refused) {
    test(`a JWT ${name} → invalid_request`, async () => {
      const exchanger = await makeExchanger(own)
      const response = await exchange(exchanger, { ...jwt, subject_token: token() })
      assert.deepEqual(
        [response.status, body(response)['error'], lastReason(exchanger)],
        [400, 'invalid_request', 'subject_token_invalid'],
      )
    })
  }

  test('a JWT of a trusted issuer: no more scopes than it names, and no longer than it lives', async () => {
    const exchanger = await makeExchanger()
    const good = await exchange(exchanger, { ...jwt, subject_token: partnerJwt({ scope: 'read write' }) })
    assert.deepEqual([body(good)['scope'], body(good)['expires_in']], ['read write', 300])
    const wider = await exchange(exchanger, { ...jwt, subject_token: partnerJwt({ scope: 'read' }), scope: 'write' })
    assert.equal(body(wider)['error'], 'invalid_scope')
    const none = await exchange(exchanger, { ...jwt, subject_token: partnerJwt(), scope: 'read' })
    assert.equal(body(none)['error'], 'invalid_scope')
  })

  test('a type of your own, by a verifier of your own, which is told who asks', async () => {
    const verify: NonNullable<TokenExchangeOptions['verifiers']>[string] = (token, { client, now }) => ({
      ...{ claims: {}, user: { id: `${token} by ${client.id}` }, clientId: undefined },
      ...{ scopes: ['read'], carried: { tenant: 7 }, expiresAt: now + 60 },
    })
    const exchanger = await makeExchanger({ verifiers: { 'urn:example:badge': verify } })
    const response = await exchange(exchanger, { subject_token: '4711', subject_token_type: 'urn:example:badge' })
    const seen = await introspect(exchanger, text(response, 'access_token'))
    assert.deepEqual([seen['sub'], seen['tenant'], body(response)['expires_in']], ['4711 by service', 7, 60])
  })
})

describe('a request that is not good', () => {
  const rows: [name: string, change: Readonly<Record<string, string>>, error: string][] = [
    ['no subject_token', { subject_token: '' }, 'invalid_request'],
    ['no subject_token_type', { subject_token_type: '' }, 'invalid_request'],
    ['a subject_token_type without verifier', { subject_token_type: tokenTypes.saml2 }, 'invalid_request'],
    ['one named as a member of every object', { subject_token_type: 'constructor' }, 'invalid_request'],
    ['an actor_token without actor_token_type (§2.1)', { actor_token: 'x' }, 'invalid_request'],
    ['an actor_token_type without actor_token (§2.1)', { actor_token_type: tokenTypes.jwt }, 'invalid_request'],
    ['an actor_token that is none', { actor_token: 'x', actor_token_type: tokenTypes.accessToken }, 'invalid_request'],
    ['a requested_token_type that is not issued', { requested_token_type: tokenTypes.refreshToken }, 'invalid_request'],
    ['a resource that is no URI', { resource: 'backend' }, 'invalid_target'],
    ['a resource with a fragment', { resource: `${backend}#x` }, 'invalid_target'],
    ['a resource of nobody', { resource: 'https://evil.example' }, 'invalid_target'],
    ['an audience of nobody', { audience: 'evil' }, 'invalid_target'],
    ['a scope beyond that of the subject token', { scope: 'read admin' }, 'invalid_scope'],
    ['a scope with a quote', { scope: 'read"' }, 'invalid_scope'],
  ]
  for (const [name, change, error] of rows) {
    test(`${name} → ${error}`, async () => {
      const exchanger = await makeExchanger()
      const response = await exchange(exchanger, { subject_token: await subjectOf(exchanger), ...change })
      assert.deepEqual([response.status, body(response)['error']], [400, error])
    })
  }

  test('audience and resource may come several times, all else but once; other grants take one audience (§2.1)', async () => {
    const exchanger = await makeExchanger()
    const subject_token = await subjectOf(exchanger)
    const several: [string, string][] = [
      ...[frontend, backend].map((resource): [string, string] => ['resource', resource]),
      ...['billing', 'stock'].map((audience): [string, string] => ['audience', audience]),
    ]
    const response = await exchange(exchanger, { subject_token, scope: 'read' }, { pairs: several })
    const seen = await introspect(exchanger, text(response, 'access_token'))
    assert.deepEqual(seen['aud'], [frontend, backend, 'billing', 'stock'])
    const oneOfThem = [...several, ['audience', 'evil']] as [string, string][]
    assert.equal(body(await exchange(exchanger, { subject_token }, { pairs: oneOfThem }))['error'], 'invalid_target')
    const scopes = await exchange(exchanger, { subject_token, scope: 'read' }, { pairs: [['scope', 'write']] })
    assert.equal(lastReason(exchanger), 'parameter_repeated')
    assert.equal(scopes.status, 400)
    const grant: [string, string][] = [
      ['grant_type', 'client_credentials'],
      ['audience', 'billing'],
    ]
    const twice = form([...grant, ['audience', 'stock']], exchanger.service)
    assert.equal(body(await exchanger.server.createTokenResponse(twice))['error'], 'invalid_request')
    assert.equal((await exchanger.server.createTokenResponse(form(grant, exchanger.service))).status, 200)
  })
})

describe('who may', () => {
  test('nobody, unless a judge says so: impersonation and delegation are two questions (§1.1)', async () => {
    const refuse = async (change: Partial<TokenExchangeOptions>, withActor: boolean) => {
      const exchanger = await makeExchanger({ mayImpersonate: undefined, mayDelegate: undefined, ...change })
      const actor = { actor_token: await actorOf(exchanger), actor_token_type: tokenTypes.accessToken }
      const response = await exchange(exchanger, {
        ...{ subject_token: await subjectOf(exchanger), scope: 'read', ...(withActor && actor) },
      })
      return response.status === 200 ? 200 : [body(response)['error'], lastReason(exchanger)]
    }
    const refused = ['invalid_request', 'exchange_refused']
    assert.deepEqual(await refuse({}, false), refused)
    assert.deepEqual(await refuse({}, true), refused)
    assert.deepEqual(await refuse({ mayImpersonate: () => true }, true), refused)
    assert.deepEqual(await refuse({ mayDelegate: () => true }, false), refused)
    assert.deepEqual(await refuse({ mayImpersonate: () => false }, false), refused)
    assert.equal(await refuse({ mayImpersonate: () => true }, false), 200)
    assert.equal(await refuse({ mayDelegate: () => true }, true), 200)
  })

  test('the judge sees all that is asked, and may refuse with an error of its own', async () => {
    const seen: TokenExchange[] = []
    const mayImpersonate = (asked: TokenExchange) => {
      seen.push(asked)
      if (asked.audiences.includes('stock')) throw new InvalidTargetError()
      return true
    }
    const exchanger = await makeExchanger({ mayImpersonate })
    const parameters = { subject_token: await subjectOf(exchanger), resource: backend, scope: 'read' }
    await exchange(exchanger, { ...parameters, audience: 'billing' })
    const [asked] = seen
    assert.deepEqual(
      [
        asked?.client.id,
        asked?.subject.user?.id,
        asked?.subject.clientId,
        asked?.resources,
        asked?.audiences,
        asked?.scopes,
      ],
      ['service', 'alice', 'app', [backend], ['billing'], ['read']],
    )
    assert.equal(body(await exchange(exchanger, { ...parameters, audience: 'stock' }))['error'], 'invalid_target')
  })

  test('the judge may give more scopes, a later end and claims; what the client may have stays the limit', async () => {
    const mayImpersonate = ({ request }: TokenExchange) => ({
      ...{ scopes: ['read', 'admin', 'root'], expiresAt: request.now + 500, claims: { via: 'exchange' } },
    })
    const exchanger = await makeExchanger({ mayImpersonate })
    const subject_token = await subjectOf(exchanger)
    exchanger.clock.now += 590
    const response = await exchange(exchanger, { subject_token, scope: 'read admin' })
    assert.deepEqual([body(response)['scope'], body(response)['expires_in']], ['read admin', 500])
    assert.equal((await introspect(exchanger, text(response, 'access_token')))['via'], 'exchange')
    assert.equal(body(await exchange(exchanger, { subject_token, scope: 'root' }))['error'], 'invalid_scope')
  })

  test('a token that a client got for itself stays with that client', async () => {
    const exchanger = await makeExchanger({ verifiers: undefined })
    const subject_token = await actorOf(exchanger)
    const narrowed = await exchange(exchanger, { subject_token, resource: backend })
    assert.equal(narrowed.status, 200, narrowed.body)
    const grant = { grant_type: 'client_credentials', scope: 'read', resource: frontend }
    const ofApp = text(await exchanger.server.createTokenResponse(form(grant, exchanger.app)), 'access_token')
    assert.equal(body(await exchange(exchanger, { subject_token: ofApp }))['error'], 'invalid_request')
    assert.equal(lastReason(exchanger), 'subject_token_invalid')
  })

  test('no client without the grant type, without its secret, or public', async () => {
    const exchanger = await makeExchanger()
    const subject_token = await subjectOf(exchanger)
    const wrong = await exchange(exchanger, { subject_token }, { headers: { authorization: 'Basic c2VydmljZTp4' } })
    assert.deepEqual([wrong.status, body(wrong)['error']], [401, 'invalid_client'])
    const ofSpa = { grant_type: tokenExchangeGrantType, subject_token, subject_token_type: tokenTypes.accessToken }
    const asSpa = (server: Exchanger['server']) => server.createTokenResponse(form({ ...ofSpa, client_id: 'spa' }))
    assert.equal(body(await asSpa(exchanger.server))['error'], 'unauthorized_client')
    const plain = await makeProvider({ issuer })
    assert.equal(
      body(await plain.server.createTokenResponse(form(ofSpa, plain.app)))['error'],
      'unsupported_grant_type',
    )
    const open = await makeExchanger({ allowsPublicClients: true })
    const { code, code_verifier } = await obtainCode(open.server, {
      ...{ client_id: 'spa', scope: 'read', redirect_uri: 'https://app.example/cb' },
    })
    const redeemed = await open.server.createTokenResponse(
      form({
        ...{ grant_type: 'authorization_code', code, code_verifier, client_id: 'spa' },
        redirect_uri: 'https://app.example/cb',
      }),
    )
    const mine = { ...ofSpa, subject_token: text(redeemed, 'access_token'), client_id: 'spa' }
    assert.equal((await open.server.createTokenResponse(form(mine))).status, 200)
  })
})
