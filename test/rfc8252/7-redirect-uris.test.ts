/** RFC 8252 §7 and §8: where native apps receive codes. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { redirectUriProblem } from 'grantry'
import { lastReason, makeProvider, obtainCode } from '../support/provider.ts'
import { body, form, pkce, request } from '../support/requests.ts'

const registered = [
  'http://127.0.0.1/cb',
  'http://[::1]:4000/cb',
  'http://localhost:4000/cb',
  'https://app.example/cb',
  'com.example.app:/cb',
]
const provider = await makeProvider({}, { client: { redirectUris: registered } })

const outcome = async (redirect_uri: string, more: Readonly<Record<string, string>> = {}): Promise<string> => {
  const challenge = { code_challenge: pkce().challenge, code_challenge_method: 'S256' }
  const parameters = { response_type: 'code', client_id: 'spa', redirect_uri, ...challenge, ...more }
  const query = new URLSearchParams(Object.entries(parameters).filter(([, value]) => value !== ''))
  const http = request('GET', `/authorize?${query.toString()}`)
  const validation = await provider.server.validateAuthorizationRequest(http)
  return validation.ok ? validation.request.redirectUri : `${validation.response.status} ${lastReason(provider) ?? ''}`
}

describe('the redirect URI of a native app', () => {
  const good = [
    'http://127.0.0.1:51004/cb', // §7.3: the port that was free
    'http://127.0.0.1:1/cb',
    'http://127.0.0.1:65535/cb',
    'http://127.0.0.1/cb',
    'http://[::1]:51004/cb',
    'http://[::1]/cb',
    'http://localhost:4000/cb', // §8.3: a name, which is no IP literal
    'https://app.example/cb', // §7.2: claimed
    'com.example.app:/cb', // §7.1: private use
  ]
  for (const uri of good) test(`${uri} → taken as it is`, async () => assert.equal(await outcome(uri), uri))

  const bad: [uri: string, reason: string][] = [
    ['http://127.0.0.1:51004/other', 'redirect_uri_unregistered'],
    ['http://127.0.0.1:51004/cb?x=1', 'redirect_uri_unregistered'],
    ['http://127.0.0.1:51004/cb/', 'redirect_uri_unregistered'],
    ['https://127.0.0.1:51004/cb', 'redirect_uri_unregistered'],
    ['http://127.0.0.2/cb', 'redirect_uri_unregistered'],
    ['http://127.1/cb', 'redirect_uri_unregistered'],
    ['http://2130706433/cb', 'redirect_uri_unregistered'],
    ['http://[::ffff:127.0.0.1]/cb', 'redirect_uri_unregistered'],
    ['http://127.0.0.1.evil.example/cb', 'redirect_uri_unregistered'],
    ['http://127.0.0.1@evil.example/cb', 'redirect_uri_unregistered'],
    ['http://127.0.0.1:4000@evil.example/cb', 'redirect_uri_unregistered'],
    ['http://evil.example:51004/cb', 'redirect_uri_unregistered'],
    ['http://127.0.0.1:99999/cb', 'redirect_uri_unsafe'],
    ['http://127.0.0.1:/cb', 'redirect_uri_unregistered'],
    ['http://localhost:51004/cb', 'redirect_uri_unregistered'],
    ['http://localhost/cb', 'redirect_uri_unregistered'],
    ['https://app.example:8443/cb', 'redirect_uri_unregistered'],
    ['com.example.app:/other', 'redirect_uri_unregistered'],
    ['com.example.app://cb', 'redirect_uri_unregistered'],
    ['COM.example.app:/cb', 'redirect_uri_unregistered'],
  ]
  for (const [uri, reason] of bad)
    test(`${uri} → shown to the user, ${reason}`, async () => assert.equal(await outcome(uri), `400 ${reason}`))

  test('schemes without a dot belong to nobody, and some of them run (§7.1)', () => {
    for (const uri of [
      'myapp:/cb',
      'javascript:alert(1)',
      'data:text/html,x',
      'file:///cb',
      'urn:ietf:wg:oauth:2.0:oob',
    ])
      assert.match(redirectUriProblem(uri) ?? '', /neither https nor a reversed domain name/, uri)
  })
})

test('a public native app uses PKCE, or gets nothing (§6, §8.1)', async () => {
  const http = request('GET', `/authorize?response_type=code&client_id=spa&redirect_uri=${registered[4] ?? ''}`)
  assert.equal((await provider.server.validateAuthorizationRequest(http)).ok, false)
  assert.equal(lastReason(provider), 'code_challenge_missing')
})

test('the code is redeemed with the port that it was sent to, and no other (§7.3)', async () => {
  const [first, other] = ['http://127.0.0.1:51004/cb', 'http://127.0.0.1:51005/cb']
  const redeem = async (redirect_uri: string) => {
    const code = await obtainCode(provider.server, { client_id: 'spa', redirect_uri: first })
    return provider.server.createTokenResponse(
      form({ grant_type: 'authorization_code', client_id: 'spa', ...code, redirect_uri }),
    )
  }
  assert.equal(body(await redeem(other))['error'], 'invalid_grant')
  assert.equal((await redeem(first)).status, 200)
})
