import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { basic, pkce } from '../support/requests.ts'
import { CompleteModel } from './complete-model.ts'
import { codeFlow, ours, theirs, type CompatProvider, type Outcome } from './providers.ts'

const app = basic('app', 'app-secret')
const other = basic('other', 'other-secret')
const proof = pkce()

/** What a client goes by: the status, the error, the scope, and which members there are. */
const summary = ({ status, body, redirected }: Outcome) => ({
  status: redirected === undefined ? status : 'redirect',
  error: redirected?.['error'] ?? body['error'],
  scope: body['scope'],
  expiresIn: typeof body['expires_in'] === 'number' ? Math.ceil(body['expires_in'] / 10) * 10 : undefined, // theirs counts milliseconds
  members: Object.keys(redirected ?? body)
    .filter((name) => name !== 'error_description')
    .sort(),
})

const granted = (members: readonly string[], scope = 'read', expiresIn = 3600) => ({
  ...{ status: 200, error: undefined, scope, expiresIn },
  members: ['access_token', 'expires_in', ...members, 'scope', 'token_type'],
})
const refused = (status: number | 'redirect', error: string, members = ['error']) => ({
  ...{ status, error, scope: undefined, expiresIn: undefined, members },
})
const sent = {
  status: 'redirect',
  error: undefined,
  scope: undefined,
  expiresIn: undefined,
  members: ['code', 'state'],
}

type Run = (provider: CompatProvider) => Promise<Outcome>
const redeem =
  (changes: Parameters<typeof codeFlow>[2] = {}): Run =>
  async (provider) =>
    (await codeFlow(provider, proof, { headers: app, ...changes }))[1]
const authorize =
  (changes: Readonly<Record<string, string>>): Run =>
  async (provider) =>
    (await codeFlow(provider, proof, { authorize: changes }))[0]
const password =
  (changes: Readonly<Record<string, string>> = {}): Run =>
  (provider) =>
    provider.token({ grant_type: 'password', username: 'alice', password: 'correct', ...changes }, app)
const machine =
  (scope: Readonly<Record<string, string>>, headers = app): Run =>
  (provider) =>
    provider.token({ grant_type: 'client_credentials', ...scope }, headers)
const refresh =
  (scope: Readonly<Record<string, string>>, headers = app, times = 1): Run =>
  async (provider) => {
    const { body } = await password({ scope: 'read write' })(provider)
    const asked = { grant_type: 'refresh_token', refresh_token: String(body['refresh_token']), ...scope }
    let answer = await provider.token(asked, headers)
    for (let time = 1; time < times; time++) answer = await provider.token(asked, headers)
    return answer
  }
const call =
  (token: (body: Outcome['body']) => string, scope?: string): Run =>
  async (provider) =>
    provider.api({ authorization: token((await password()(provider)).body) }, scope)
const good = (body: Outcome['body']): string => `Bearer ${String(body['access_token'])}`
const withRefresh = ['refresh_token']

const same: [name: string, run: Run, expected: ReturnType<typeof summary>][] = [
  ['code with PKCE', redeem(), granted(withRefresh)],
  [
    'code, secret in the body',
    redeem({ headers: {}, token: { client_id: 'app', client_secret: 'app-secret' } }),
    granted(withRefresh),
  ],
  [
    'code of a public client',
    redeem({ headers: {}, authorize: { client_id: 'spa' }, token: { client_id: 'spa' } }),
    granted(withRefresh),
  ],
  ['code for some scopes', redeem({ authorize: { scope: 'write extra' } }), granted(withRefresh, 'write')],
  ['another verifier', redeem({ token: { code_verifier: 'v'.repeat(43) } }), refused(400, 'invalid_grant')],
  ['no verifier', redeem({ token: { code_verifier: '' } }), refused(400, 'invalid_grant')],
  ['code of another client', redeem({ headers: other }), refused(400, 'invalid_grant')],
  ['unknown code', redeem({ token: { code: 'nope' } }), refused(400, 'invalid_grant')],
  ['wrong secret', redeem({ headers: basic('app', 'wrong') }), refused(401, 'invalid_client')],
  ['unknown client', redeem({ headers: basic('nobody', 'wrong') }), refused(401, 'invalid_client')],
  ['authorization', authorize({}), sent],
  ['no state', authorize({ state: '' }), refused('redirect', 'invalid_request')],
  [
    'scope that the model refuses',
    authorize({ scope: 'admin' }),
    refused('redirect', 'invalid_scope', ['error', 'state']),
  ],
  [
    'plain PKCE',
    authorize({ code_challenge_method: 'plain' }),
    refused('redirect', 'invalid_request', ['error', 'state']),
  ],
  ['client credentials', machine({ scope: 'write' }), granted([], 'write')],
  ['client credentials, default scope', machine({}), granted([])],
  ['lifetime of a client', machine({}, basic('narrow', 'narrow-secret')), granted([], 'read', 60)],
  ['client credentials, scope that the model refuses', machine({ scope: 'admin' }), refused(400, 'invalid_scope')],
  ['grant of other clients', machine({}, other), refused(400, 'unauthorized_client')],
  ['password', password(), granted(withRefresh)],
  ['wrong password', password({ password: 'wrong' }), refused(400, 'invalid_grant')],
  ['no username', password({ username: '' }), refused(400, 'invalid_request')],
  ['refresh', refresh({}), granted(withRefresh, 'read write')],
  ['refresh for fewer scopes', refresh({ scope: 'read' }), granted(withRefresh)],
  ['refresh for more scopes', refresh({ scope: 'read admin' }), refused(400, 'invalid_scope')],
  ['refresh by another client', refresh({}, other), refused(400, 'invalid_grant')],
  ['refresh twice', refresh({}, app, 2), refused(400, 'invalid_grant')],
  ['unknown grant', (provider) => provider.token({ grant_type: 'magic' }, app), refused(400, 'unsupported_grant_type')],
  ['API', call(good), { status: 200, error: undefined, scope: undefined, expiresIn: undefined, members: [] }],
  [
    'API, scope of the token',
    call(good, 'read'),
    { status: 200, error: undefined, scope: undefined, expiresIn: undefined, members: [] },
  ],
  ['API, another scope', call(good, 'write'), refused(403, 'insufficient_scope')],
  ['API, unknown token', call(() => 'Bearer nope'), refused(401, 'invalid_token')],
]

suite('a model answers here as there', () => {
  for (const [name, run, expected] of same) {
    test(name, async () => {
      assert.deepEqual(summary(await run(theirs(new CompleteModel()))), expected, 'there')
      assert.deepEqual(summary(await run(ours(new CompleteModel()))), expected, 'here')
    })
  }
})

const none = { code_challenge: '', code_challenge_method: '' }
const different: [name: string, run: Run, there: readonly unknown[], here: readonly unknown[]][] = [
  ['no PKCE -> refused', authorize(none), ['redirect', undefined], ['redirect', 'invalid_request']],
  [
    'scope that is refused is used up with the token there -> not here',
    async (provider) => {
      const { body } = await password({ scope: 'read' })(provider)
      const asked = { grant_type: 'refresh_token', refresh_token: String(body['refresh_token']) }
      await provider.token({ ...asked, scope: 'admin' }, app)
      return provider.token(asked, app)
    },
    [400, 'invalid_grant'],
    [200, undefined],
  ],
  [
    'redirect URI of the token request differs -> the code is not good',
    redeem({ token: { redirect_uri: 'https://app.example/other' } }),
    [400, 'invalid_request'],
    [400, 'invalid_grant'],
  ],
  [
    'redirect URI that is not registered',
    authorize({ redirect_uri: 'https://evil.example/cb' }),
    [400, 'invalid_client'],
    [400, 'invalid_request'],
  ],
  [
    'unknown client at the authorization endpoint',
    authorize({ client_id: 'nobody' }),
    [400, 'invalid_client'],
    [400, 'invalid_request'],
  ],
  [
    'wrong secret in the body -> always 401',
    redeem({ headers: {}, token: { client_id: 'app', client_secret: 'wrong' } }),
    [400, 'invalid_client'],
    [401, 'invalid_client'],
  ],
  [
    'no token -> no error, as RFC 6750 has it',
    (provider) => provider.api({}),
    [401, 'unauthorized_request'],
    [401, undefined],
  ],
]

suite('what differs, on purpose', () => {
  for (const [name, run, there, here] of different) {
    test(name, async () => {
      const seen = async (provider: CompatProvider) => {
        const { status, error } = summary(await run(provider))
        return [status, error]
      }
      assert.deepEqual(await seen(theirs(new CompleteModel())), there, 'there')
      assert.deepEqual(await seen(ours(new CompleteModel())), here, 'here')
    })
  }
})
