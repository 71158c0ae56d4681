/** OpenID Connect RP-Initiated, Back-Channel and Front-Channel Logout, as far as the toolkit goes. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createLocalJWKSet, jwtVerify } from 'jose'
import { body, form, request } from '../support/requests.ts'
import { changeClient, codeFlow, issuer, makeOpenId, type OpenIdProvider } from './provider.ts'

const back = 'https://app.example/bye?x=1'
const registered = { postLogoutRedirectUris: [back] }

const validate = async ({ server }: OpenIdProvider, parameters: Readonly<Record<string, string>>) => {
  const validation = await server.validateLogoutRequest(
    request('GET', `/logout?${new URLSearchParams(parameters).toString()}`),
  )
  return validation.ok ? validation.request : validation.error.reason
}

describe('logout request (RP-Initiated Logout §2)', () => {
  test('hint, redirect and state → client, user and session, and where to go', async () => {
    const provider = await makeOpenId({}, registered)
    const hint = String((await codeFlow(provider))['id_token'])
    provider.clock.now += 86_400
    const parameters = { id_token_hint: hint, post_logout_redirect_uri: back, state: 'a b', ui_locales: 'de en' }
    const logout = await validate(provider, parameters)
    assert.ok(typeof logout === 'object')
    const { client, ...rest } = logout
    assert.equal(client?.id, 'app')
    assert.deepEqual(rest, {
      ...{ subject: 'alice', sessionId: 's-1', redirectTo: `${back}&state=a+b`, uiLocales: ['de', 'en'], parameters },
    })
  })

  test('nothing at all → nobody to redirect to, and the user is to be asked', async () => {
    const logout = await validate(await makeOpenId(), {})
    assert.ok(typeof logout === 'object')
    assert.deepEqual([logout.client, logout.subject, logout.redirectTo], [undefined, undefined, undefined])
  })

  test('by POST, with client_id instead of a hint', async () => {
    const provider = await makeOpenId({}, registered)
    const sent = form({ client_id: 'app', post_logout_redirect_uri: back })
    const validation = await provider.server.validateLogoutRequest(sent)
    assert.ok(validation.ok)
    assert.deepEqual([validation.request.redirectTo, validation.request.subject], [back, undefined])
  })

  const refused: [name: string, change: Readonly<Record<string, string>>, reason: string][] = [
    ['a redirect that is not registered', { post_logout_redirect_uri: `${back}2` }, 'redirect_uri_unregistered'],
    ['a redirect of nobody', { client_id: '', post_logout_redirect_uri: back }, 'redirect_uri_unregistered'],
    ['an unknown client', { client_id: 'no' }, 'client_unknown'],
    ['a hint that is no token', { id_token_hint: 'x.y.z' }, 'openid_parameter_malformed'],
  ]
  for (const [name, change, reason] of refused) {
    test(`${name} → refused where the browser is (${reason})`, async () => {
      const provider = await makeOpenId({}, registered)
      const parameters = Object.entries({ client_id: 'app', ...change }).filter(([, value]) => value !== '')
      assert.equal(await validate(provider, Object.fromEntries(parameters)), reason)
    })
  }

  test('a hint of another client, or changed → refused', async () => {
    const provider = await makeOpenId()
    const hint = String((await codeFlow(provider))['id_token'])
    assert.equal(await validate(provider, { id_token_hint: hint, client_id: 'spa' }), 'openid_parameter_malformed')
    const changed = hint.slice(0, -8) + 'AAAAAAAA'
    assert.equal(await validate(provider, { id_token_hint: changed }), 'openid_parameter_malformed')
  })

  test('a parameter twice → refused', async () => {
    const { server } = await makeOpenId({}, registered)
    const validation = await server.validateLogoutRequest(request('GET', '/logout?state=1&state=2'))
    assert.ok(!validation.ok && validation.response.status === 400)
  })
})

describe('telling clients', () => {
  test('a logout token is of its own type, for this client, with the event and without nonce (Back-Channel Logout §2.4)', async () => {
    const provider = await makeOpenId()
    const client = await provider.store.findClient('app')
    assert.ok(client)
    const token = await provider.server.createLogoutToken(client, { userId: 'alice', sessionId: 's-1' })
    const keys = JSON.parse((await provider.server.createJwksResponse()).body) as Parameters<
      typeof createLocalJWKSet
    >[0]
    const currentDate = new Date(provider.clock.now * 1000)
    const options = { issuer, audience: 'app', typ: 'logout+jwt', currentDate }
    const { payload } = await jwtVerify(token, createLocalJWKSet(keys), options)
    const { jti, ...claims } = payload
    assert.match(jti ?? '', /^[\w-]{22}$/)
    assert.deepEqual(claims, {
      ...{ iss: issuer, aud: 'app', sub: 'alice', sid: 's-1' },
      ...{ iat: provider.clock.now, exp: provider.clock.now + 120 },
      events: { 'http://schemas.openid.net/event/backchannel-logout': {} },
    })
  })

  test('a logout token is no hint and no access token', async () => {
    const provider = await makeOpenId()
    const client = await provider.store.findClient('app')
    assert.ok(client)
    const token = await provider.server.createLogoutToken(client, { userId: 'alice' })
    assert.equal(await validate(provider, { id_token_hint: token }), 'openid_parameter_malformed')
    const shown = await provider.server.createIntrospectionResponse(form({ token }, provider.app))
    assert.deepEqual(body(shown), { active: false })
  })

  test('what the browser loads names issuer and session (Front-Channel Logout §2)', async () => {
    const provider = await makeOpenId()
    await changeClient(provider, { frontchannelLogoutUri: 'https://app.example/out' })
    const client = await provider.store.findClient('app')
    assert.ok(client)
    const uri = provider.server.frontchannelLogoutUri(client, 's-1')
    assert.equal(uri, `https://app.example/out?${new URLSearchParams({ iss: issuer, sid: 's-1' }).toString()}`)
    assert.equal(provider.server.frontchannelLogoutUri({ id: 'other' }, 's-1'), undefined)
  })

  test('the metadata document names what there is', async () => {
    const plain = body(await (await makeOpenId()).server.createMetadataResponse())
    assert.equal('end_session_endpoint' in plain, false)
    const { server } = await makeOpenId({ logoutPath: '/logout', backchannelLogout: true, frontchannelLogout: true })
    const metadata = body(await server.createMetadataResponse())
    assert.equal(metadata['end_session_endpoint'], `${issuer}/logout`)
    assert.equal(metadata['backchannel_logout_session_supported'], true)
    assert.equal(metadata['frontchannel_logout_supported'], true)
  })
})
