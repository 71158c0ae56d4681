/** Defects 22 to 28 of oauthlib, as in `defects.test.ts`: what is read of a request, and what is trusted. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { registerClient, Server, StoreValidator, type AuthorizationDecision } from 'grantry'
import { MemoryStore } from 'grantry/storage/memory'
import { login, makeOpenId, redirectUri } from '../openid/provider.ts'
import { approve, makeProvider, redeem } from '../support/provider.ts'
import { body, pkce, redirected, request } from '../support/requests.ts'

const challenge = { code_challenge: pkce().challenge, code_challenge_method: 'S256' }

describe('22: a decision names its scopes', () => {
  const decide = async (decision: object): Promise<string | null> => {
    const { server } = await makeProvider()
    const query = new URLSearchParams({ response_type: 'code', client_id: 'app', scope: 'read write', ...challenge })
    const http = request('GET', `/authorize?${query.toString()}`)
    const checked = await server.validateAuthorizationRequest(http)
    assert.ok(checked.ok)
    const answer = await server.createAuthorizationResponse(http, checked.request, decision as AuthorizationDecision)
    assert.ok(!redirected(answer).has('code'))
    return redirected(answer).get('error')
  }
  test('none → invalid_scope', async () =>
    assert.equal(await decide({ approved: true, user: { id: 'a' }, scopes: [] }), 'invalid_scope'))
  test('left out, as JavaScript can → server_error, never all that was asked for', async () =>
    assert.equal(await decide({ approved: true, user: { id: 'a' } }), 'server_error'))

  test('prompt=none is judged by nextStep, whatever the scopes', async () => {
    const { server } = await makeOpenId()
    const query = {
      response_type: 'code',
      client_id: 'app',
      redirect_uri: redirectUri,
      scope: 'openid',
      prompt: 'none',
      ...challenge,
    }
    const checked = await server.validateAuthorizationRequest(
      request('GET', `/authorize?${new URLSearchParams(query).toString()}`),
    )
    assert.ok(checked.ok)
    const known = { userId: 'alice', authentication: login, hasConsent: false }
    assert.equal((await server.nextStep(checked.request, checked.client, known)).step, 'refuse')
  })
})

describe('23: empty parameters and doubled spaces are read as the specification says', () => {
  const rows: readonly [name: string, change: Readonly<Record<string, string>>, scope: string][] = [
    ['redirect_uri is empty', { redirect_uri: '', scope: 'read' }, 'read'],
    ['scope is empty', { scope: '' }, 'profile'],
    ['two spaces in scope', { scope: 'read  write' }, 'read write'],
    ['spaces around scope', { scope: ' read ' }, 'read'],
  ]
  for (const [name, change, scope] of rows)
    test(name, async () => assert.equal(body(await redeem(await makeProvider(), change))['scope'], scope))
})

test('27: the environment of the process opens nothing', async (t) => {
  process.env['OAUTHLIB_INSECURE_TRANSPORT'] = '1'
  t.after(() => delete process.env['OAUTHLIB_INSECURE_TRANSPORT'])
  const validator = new StoreValidator(new MemoryStore())
  assert.throws(() => new Server(validator, { issuer: 'http://as.example' }), /issuer must be an https URL/)
})

describe('28: a redirect URI that is implied is checked like one that was sent', () => {
  for (const uri of ['javascript:alert(1)', 'data:text/html,x', 'http://app.example/cb', 'https://u:p@app.example/'])
    test(`${uri} → 400 without Location`, async () => {
      const { server, store } = await makeProvider()
      await store.putClient({ id: 'app', redirectUris: [uri], scopes: ['read'] }) // past registerClient, which refuses it
      const answer = await approve(server, { response_type: 'code', client_id: 'app', scope: 'read', ...challenge })
      assert.deepEqual([answer.status, answer.headers['Location']], [400, undefined])
    })
})

test('promise “server”: what is kept between two pages is plain data', async () => {
  const { server } = await makeProvider()
  const query = new URLSearchParams({ response_type: 'code', client_id: 'app', scope: 'read', ...challenge })
  const http = request('GET', `/authorize?${query.toString()}`)
  const checked = await server.validateAuthorizationRequest(http)
  assert.ok(checked.ok)
  const kept = JSON.parse(JSON.stringify(checked.request)) as typeof checked.request // what a session gives back
  const answer = await server.createAuthorizationResponse(http, kept, {
    approved: true,
    user: { id: 'alice' },
    scopes: kept.scopes,
  })
  assert.ok(redirected(answer).has('code'))
})

describe('CVE-2022-36087: a hostile redirect URI is refused in no time', () => {
  const many = 50_000
  const hostile: readonly [name: string, uri: string][] = [
    ['an IPv6 address of colons', `https://[${':'.repeat(many)}]/`],
    ['an IPv6 address of groups', `https://[${'0:'.repeat(many)}]/`],
    ['credentials without end', `https://${'a:'.repeat(many)}@`],
    ['a scheme of dots', `${'a.'.repeat(many)}:/cb`],
    ['percents', `https://app.example/${'%'.repeat(many)}#`],
  ]
  for (const [name, uri] of hostile)
    test(name, async () => {
      const start = performance.now()
      await registerClient(new MemoryStore(), { redirectUris: [uri] }).catch(() => undefined)
      const { server, store } = await makeProvider()
      await store.putClient({ id: 'app', redirectUris: [uri], scopes: ['read'] })
      const asked = { response_type: 'code', client_id: 'app', redirect_uri: uri, scope: 'read', ...challenge }
      assert.notEqual((await approve(server, asked)).status, 500)
      assert.ok(performance.now() - start < 1000) // far above what linear time needs
    })
})
