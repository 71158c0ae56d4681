import {
  ask,
  introspect,
  redeem,
  revoke,
  token,
  use,
  type As,
  type Parameters,
  type Scenario,
  type Step,
} from './scenarios.ts'

type Server = Scenario['server']

const alone = (server: Server, steps: readonly Step[]): readonly Scenario[] =>
  steps.map((step) => ({ server, steps: [step] }))

const web = alone('WebApplicationServer', [
  token('token: no grant_type', { code: 'x' }),
  token('token: grant_type unknown', { grant_type: 'fish' }),
  token('token: grant_type not offered', { grant_type: 'client_credentials' }),
  token('token: grant_type not for this client', { grant_type: 'authorization_code', code: 'x' }, 'limited'),
  token('token: grant_type twice', {}, 'app', {
    body: 'grant_type=authorization_code&grant_type=refresh_token&code=x',
  }),
  token('token: code twice', {}, 'app', { body: 'grant_type=authorization_code&code=x&code=y' }),
  token('token: GET', { grant_type: 'authorization_code', code: 'x' }, 'app', { method: 'GET' }),
  token('token: parameters in the URL', { code: 'x' }, 'app', { query: 'grant_type=authorization_code' }),
  token('token: foreign parameter in the URL', { grant_type: 'fish' }, 'app', { query: 'tenant=acme' }),
  token('token: a body that cannot be decoded', {}, 'app', { body: 'grant_type=%zz' }),
  token('token: an empty body', {}, 'app', { body: '' }),
])

const legacyGrant = { grant_type: 'password', username: 'alice', password: 'wonderland' }
const legacy = alone('LegacyApplicationServer', [
  token('password: good', { ...legacyGrant, scope: 'read' }),
  token('password: public client', { ...legacyGrant, scope: 'read' }, 'spa'),
  token('password: default scope', legacyGrant),
  token('password: wrong', { ...legacyGrant, password: 'x' }),
  token('password: user unknown', { ...legacyGrant, username: 'bob' }),
  token('password: no username', { ...legacyGrant, username: undefined }),
  token('password: scope unknown', { ...legacyGrant, scope: 'admin' }),
  token('password: secret wrong', legacyGrant, 'wrong'),
  token('password: a refresh_token is sent', { ...legacyGrant, refresh_token: 'chosen' }),
])

const backend = alone('BackendApplicationServer', [
  token('client credentials: good', { grant_type: 'client_credentials', scope: 'read' }),
  token('client credentials: default scope', { grant_type: 'client_credentials' }),
  token('client credentials: scope unknown', { grant_type: 'client_credentials', scope: 'admin' }),
  token('client credentials: not for this client', { grant_type: 'client_credentials', scope: 'read' }, 'limited'),
  token('client credentials: public client', { grant_type: 'client_credentials', scope: 'read' }, 'spa'),
  token('client credentials: secret wrong', { grant_type: 'client_credentials' }, 'wrong'),
])

const refreshing = (name: string, change: Parameters = {}, as: As = 'app'): Step =>
  token(name, { grant_type: 'refresh_token', refresh_token: '$refresh_token', ...change }, as)

/** A scenario that begins with the tokens of `client`. */
const after = (client: 'app' | 'spa', ...steps: readonly [Step, ...Step[]]): Scenario => ({
  server: 'WebApplicationServer',
  steps: [
    ask(`${steps[0].name}, asking`, { client_id: client, scope: 'read write' }),
    redeem(`${steps[0].name}, redeeming`, {}, client),
    ...steps,
  ],
})

const refresh: readonly Scenario[] = [
  after('app', refreshing('refresh: confidential'), refreshing('refresh: confidential again')),
  after('app', refreshing('refresh: narrower', { scope: 'read' }), refreshing('refresh: all after narrower')),
  after('app', refreshing('refresh: wider', { scope: 'read admin' })),
  after('app', refreshing('refresh: by another client', {}, 'spa')),
  after('app', refreshing('refresh: unknown', { refresh_token: 'nope' })),
  after('app', refreshing('refresh: missing', { refresh_token: undefined })),
  after('app', refreshing('refresh: an access token', { refresh_token: '$access_token' })),
  after('app', refreshing('refresh: secret wrong', {}, 'wrong')),
  after(
    'spa',
    refreshing('refresh: public, rotated', {}, 'spa'),
    refreshing('refresh: public, the new one', {}, 'spa'),
  ),
  after(
    'spa',
    refreshing('refresh: public, first answer lost', {}, 'spa'),
    refreshing('refresh: public, the old one again', { refresh_token: '$first_refresh_token' }, 'spa'),
  ),
]

const revoking: readonly Scenario[] = [
  after(
    'app',
    revoke('revoke: access token', { token: '$access_token' }),
    use('revoke: then used', { Authorization: 'Bearer $access_token' }),
  ),
  after('app', revoke('revoke: refresh token', { token: '$refresh_token' }), refreshing('revoke: then refreshed')),
  after('app', revoke('revoke: unknown token', { token: 'nope' })),
  after('app', revoke('revoke: no token', {})),
  after('app', revoke('revoke: hint right', { token: '$access_token', token_type_hint: 'access_token' })),
  after('app', revoke('revoke: hint unknown', { token: '$access_token', token_type_hint: 'fish' })),
  after('app', revoke('revoke: token of another', { token: '$access_token' }, 'spa')),
  after('app', revoke('revoke: secret wrong', { token: '$access_token' }, 'wrong')),
  after('app', revoke('revoke: GET', { token: '$access_token' }, 'app', { method: 'GET' })),
]

const introspecting: readonly Scenario[] = [
  after('app', introspect('introspect: access token', { token: '$access_token' })),
  after('app', introspect('introspect: refresh token', { token: '$refresh_token' })),
  after('app', introspect('introspect: unknown token', { token: 'nope' })),
  after('app', introspect('introspect: no token', {})),
  after('app', introspect('introspect: token of another', { token: '$access_token' }, 'limited')),
  after('app', introspect('introspect: by a public client', { token: '$access_token' }, 'spa')),
  after('app', introspect('introspect: secret wrong', { token: '$access_token' }, 'wrong')),
  after('app', introspect('introspect: hint unknown', { token: '$access_token', token_type_hint: 'fish' })),
]

const form = { 'Content-Type': 'application/x-www-form-urlencoded' }
const using: readonly Scenario[] = [
  after('app', use('use: good', { Authorization: 'Bearer $access_token' })),
  after('app', use('use: scheme in small letters', { Authorization: 'bearer $access_token' })),
  after('app', use('use: scope too few', { Authorization: 'Bearer $access_token' }, { scopes: ['admin'] })),
  after('app', use('use: unknown token', { Authorization: 'Bearer nope' })),
  after('app', use('use: no token', {})),
  after('app', use('use: Bearer with nothing', { Authorization: 'Bearer' })),
  after('app', use('use: Basic', { Authorization: 'Basic YTpi' })),
  after('app', use('use: in the query', {}, { query: 'access_token=$access_token' })),
  after('app', use('use: in a form', form, { method: 'POST', body: 'access_token=$access_token' })),
  after('app', use('use: in header and query', { Authorization: 'Bearer $access_token' }, { query: 'access_token=x' })),
  after('app', use('use: a refresh token', { Authorization: 'Bearer $refresh_token' })),
]

/** What clients and resources do with tokens. */
export const tokenScenarios: readonly Scenario[] = [
  ...[...web, ...legacy, ...backend],
  ...[...refresh, ...revoking, ...introspecting, ...using],
]
