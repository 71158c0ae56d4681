import { basic } from '../support/requests.ts'
import { ask, redeem, secretOf, type Scenario, type Step } from './scenarios.ts'

const alone = (server: Scenario['server'], steps: readonly Step[]): readonly Scenario[] =>
  steps.map((step) => ({ server, steps: [step] }))

const web = alone('WebApplicationServer', [
  ask('code: good'),
  ask('code: without state', { state: undefined }),
  ask('code: default redirect URI and scope', { redirect_uri: undefined, scope: undefined }),
  ask('code: two scopes', { scope: 'read write' }),
  ask('code: the user denies', {}, { decision: 'deny' }),
  ask('code: the user grants less', { scope: 'read write' }, { granted: ['read'] }),
  ask('code: no client_id', { client_id: undefined }),
  ask('code: client unknown', { client_id: 'nobody' }),
  ask('code: redirect URI of another', { redirect_uri: 'https://evil.example/cb' }),
  ask('code: redirect URI relative', { redirect_uri: '/cb' }),
  ask('code: redirect URI with javascript', { redirect_uri: 'javascript:alert(1)' }),
  ask('code: redirect URI empty', { redirect_uri: '' }),
  ask('code: two registered, none named', { client_id: 'two', redirect_uri: undefined }),
  ask('code: client_id twice', {}, { more: '&client_id=app' }),
  ask('code: redirect_uri twice', {}, { more: '&redirect_uri=https://evil.example/' }),
  ask('code: scope twice', {}, { more: '&scope=write' }),
  ask('code: state twice', {}, { more: '&state=abc' }),
  ask('code: nonce twice', {}, { more: '&nonce=a&nonce=b' }),
  ask('code: code_challenge twice', {}, { more: `&code_challenge=${'a'.repeat(43)}` }),
  ask('code: a & at the end', {}, { more: '&' }),
  ask('code: unknown parameter', { foo: 'bar' }),
  ask('code: no response_type', { response_type: undefined }),
  ask('code: response_type unknown', { response_type: 'fish' }),
  ask('code: response_type notcodeatall', { response_type: 'notcodeatall' }),
  ask('code: response_type not for this client', { client_id: 'limited' }),
  ask('code: scope unknown', { scope: 'admin' }),
  ask('code: two spaces in scope', { scope: 'read  write' }),
  ask('code: scope empty', { scope: '' }),
  ask('code: no PKCE', { code_challenge: undefined, code_challenge_method: undefined }),
  ask('code: PKCE plain', { code_challenge_method: 'plain' }),
  ask('code: PKCE without method', { code_challenge_method: undefined }),
  ask('code: PKCE method unknown', { code_challenge_method: 'S512' }),
  ask('code: PKCE challenge of 8 characters', { code_challenge: 'tooshort' }),
  ask('code: response_mode=fragment', { response_mode: 'fragment' }),
  ask('code: response_mode=form_post', { response_mode: 'form_post' }),
  ask('code: response_mode unknown', { response_mode: 'pigeon' }),
  ask('code: error with response_mode=fragment', { response_mode: 'fragment', scope: 'admin' }),
])

const mobile = alone('MobileApplicationServer', [
  ask('implicit: good', { response_type: 'token' }),
  ask('implicit: default scope', { response_type: 'token', scope: undefined }),
  ask('implicit: scope unknown', { response_type: 'token', scope: 'admin' }),
  ask('implicit: not for this client', { response_type: 'token', client_id: 'limited' }),
  ask('implicit: response_mode=query', { response_type: 'token', response_mode: 'query' }),
  ask('implicit: response_type=code', {}),
  ask('implicit: redirect URI of another', { response_type: 'token', redirect_uri: 'https://evil.example/' }),
  ask('implicit: extra_credentials sent', { response_type: 'token', extra_credentials: 'x' }),
])

const json = { headers: { ...basic('app', secretOf('app')), 'Content-Type': 'application/json' } }

const redeeming = [
  redeem('redeem: good'),
  redeem('redeem: by the body', {}, 'post'),
  redeem('redeem: no code', { code: undefined }),
  redeem('redeem: code unknown', { code: 'nope' }),
  redeem('redeem: verifier wrong', { code_verifier: 'a'.repeat(43) }),
  redeem('redeem: verifier missing', { code_verifier: undefined }),
  redeem('redeem: redirect URI differs', { redirect_uri: 'https://app.example/other' }),
  redeem('redeem: redirect URI left out', { redirect_uri: undefined }),
  redeem('redeem: by another client', {}, 'spa'),
  redeem('redeem: secret wrong', {}, 'wrong'),
  redeem('redeem: client unknown', {}, 'unknown'),
  redeem('redeem: nobody authenticates', {}, 'nobody'),
  redeem('redeem: by Basic and body', {}, 'twice'),
  redeem('redeem: scope sent', { scope: 'write' }),
  redeem('redeem: refresh_token sent', { refresh_token: 'chosen' }),
  redeem('redeem: a body of another type', {}, 'app', json),
].map((step): Scenario => ({ server: 'WebApplicationServer', steps: [ask(`${step.name}, asking`), step] }))

const publicClient: readonly Scenario[] = [
  {
    server: 'WebApplicationServer',
    steps: [ask('public code: asking', { client_id: 'spa' }), redeem('public code: good', {}, 'spa')],
  },
  { server: 'WebApplicationServer', steps: [ask('reuse: asking'), redeem('reuse: first'), redeem('reuse: second')] },
  {
    server: 'WebApplicationServer',
    steps: [
      ask('burnt: asking'),
      redeem('burnt: verifier wrong', { code_verifier: 'a'.repeat(43) }),
      redeem('burnt: verifier right'),
    ],
  },
]

/** What users and clients do at the authorization endpoint, and with codes. */
export const authorizationScenarios: readonly Scenario[] = [...web, ...mobile, ...redeeming, ...publicClient]
