import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { InvalidGrantError, type GrantryEvent } from 'grantry'
import {
  fromOAuth2ServerModel,
  type OAuth2ServerModel,
  type OAuth2ServerModelOptions,
} from 'grantry/compat/oauth2-server'
import { basic, form, pkce } from '../support/requests.ts'
import { CompleteModel } from './complete-model.ts'
import { codeFlow, ours } from './providers.ts'

const app = basic('app', 'app-secret')
const login = { grant_type: 'password', username: 'alice', password: 'correct' }
const noPkce = { code_challenge: '', code_challenge_method: '' }
const warned = (events: readonly GrantryEvent[]): readonly string[] =>
  events.flatMap((event) => (event.type === 'model.warning' ? [event.name] : []))

const always = ['access-tokens-irrevocable', 'tokens-readable']
const machines: OAuth2ServerModel = { getClient: () => false, saveToken: () => false, validateScope: () => false }
const warnings: [
  name: string,
  model: OAuth2ServerModel,
  options: OAuth2ServerModelOptions,
  expected: readonly string[],
][] = [
  ['least', machines, {}, always],
  ['accepted', machines, { acceptedWarnings: ['tokens-readable', 'access-tokens-irrevocable'] }, []],
  ['no validateScope', { ...machines, validateScope: undefined }, {}, [...always, 'scopes-unjudged']],
  ['getUser', { ...machines, getUser: () => false }, {}, [...always, 'password-grant']],
  [
    'getRefreshToken without revokeToken',
    { ...machines, getRefreshToken: () => false },
    {},
    [...always, 'refresh-not-offered'],
  ],
  [
    'refresh tokens',
    { ...machines, getRefreshToken: () => false, revokeToken: () => true },
    {},
    [...always, 'refresh-endless', 'refresh-reuse', 'refresh-single-use'],
  ],
  [
    'refresh tokens that stay',
    { ...machines, getRefreshToken: () => false },
    { alwaysIssueNewRefreshToken: false },
    [...always, 'refresh-endless', 'refresh-reuse', 'refresh-unrotated'],
  ],
  [
    'codes',
    {
      ...machines,
      getAuthorizationCode: () => false,
      saveAuthorizationCode: () => false,
      revokeAuthorizationCode: () => true,
      validateRedirectUri: () => true,
    },
    {},
    [...always, 'clients-without-secret', 'code-fields', 'code-reuse', 'code-single-use', 'redirect-uris-judged'],
  ],
  [
    'options',
    machines,
    {
      allowMissingPkce: true,
      enablePlainPKCE: true,
      allowBearerTokensInQueryString: true,
      requireClientAuthentication: { password: false },
    },
    [...always, 'clients-without-secret', 'pkce-optional', 'pkce-plain', 'tokens-in-urls'],
  ],
]

suite('warnings at start', () => {
  for (const [name, model, options, expected] of warnings) {
    test(name, () => {
      const events: GrantryEvent[] = []
      fromOAuth2ServerModel(model, { ...options, events: (event) => events.push(event) })
      assert.deepEqual([...warned(events)].sort(), [...expected].sort())
    })
  }

  test('nobody listens -> they are printed', (context) => {
    const warn = context.mock.method(console, 'warn', () => undefined)
    fromOAuth2ServerModel(machines)
    assert.match(String(warn.mock.calls[0]?.arguments[0]), /^grantry: tokens-readable \(saveToken\): .+ SHA-256/)
  })
})

const wrong: [name: string, model: object, options: object, message: RegExp][] = [
  ['no model', {}, {}, /first argument is the model/],
  ['a misspelt option', machines, { accessTokenLifeTime: 60 }, /unknown option accessTokenLifeTime/],
  ['resources, which no model keeps', machines, { resources: ['https://api.example/'] }, /resources needs a Store/],
  ['authenticateHandler', machines, { authenticateHandler: {} }, /interact/],
  [
    'a class of theirs as a grant',
    machines,
    { extendedGrantTypes: { magic: Map } },
    /extendedGrantTypes\.magic must be a Grant/,
  ],
  ['a code for an hour', new CompleteModel(), { authorizationCodeLifetime: 3600 }, /1 to 600 seconds/],
]
for (const [name, model, options, message] of wrong) {
  test(`${name} -> ConfigurationError`, () => {
    assert.throws(() => fromOAuth2ServerModel(model as OAuth2ServerModel, options), {
      name: 'ConfigurationError',
      message,
    })
  })
}

test('alwaysIssueNewRefreshToken: false -> the refresh token stays', async () => {
  const provider = ours(new CompleteModel(), { alwaysIssueNewRefreshToken: false })
  const { body } = await provider.token(login, app)
  const asked = { grant_type: 'refresh_token', refresh_token: String(body['refresh_token']) }
  const answers = [await provider.token(asked, app), await provider.token(asked, app)]
  assert.deepEqual(
    answers.map((answer) => answer.body['refresh_token']),
    [asked.refresh_token, asked.refresh_token],
  )
})

test('allowMissingPkce -> a code for those with a secret, never for those without', async () => {
  const provider = ours(new CompleteModel(), {
    allowMissingPkce: true,
    requireClientAuthentication: { authorization_code: false },
  })
  const [, confidential] = await codeFlow(provider, pkce(), {
    authorize: noPkce,
    token: { code_verifier: '' },
    headers: app,
  })
  assert.equal(confidential.status, 200)
  const spa = { client_id: 'spa' }
  const [asked, open] = await codeFlow(provider, pkce(), {
    authorize: { ...noPkce, ...spa },
    token: { ...spa, code_verifier: '' },
  })
  assert.deepEqual([asked.redirected?.['error'], open.body['error']], [undefined, 'invalid_grant'])
})

test('requireClientAuthentication -> public clients may refresh, and act for themselves never', async () => {
  const free = { refresh_token: false, password: false, client_credentials: false }
  const provider = ours(new CompleteModel(), { requireClientAuthentication: free })
  const spa = { client_id: 'spa' }
  const { body } = await provider.token({ ...login, ...spa })
  const asked = { grant_type: 'refresh_token', refresh_token: String(body['refresh_token']), ...spa }
  assert.equal((await provider.token(asked)).status, 200)
  assert.equal((await provider.token({ ...asked, client_id: 'app' })).status, 401) // the model says that it has a secret
  assert.equal((await ours(new CompleteModel()).token({ ...login, ...spa })).status, 401)
  assert.equal(
    (await provider.token({ grant_type: 'client_credentials', ...spa })).body['error'],
    'unauthorized_client',
  )
})

test('validateRedirectUri of the model decides, and what is unsafe stays refused', async () => {
  const model = Object.assign(new CompleteModel(), {
    validateRedirectUri: async (uri: string) => uri.includes('.example'),
  })
  const provider = ours(model)
  const redirectedTo = async (redirect_uri: string) =>
    (await codeFlow(provider, pkce(), { authorize: { redirect_uri } }))[0].status
  assert.equal(await redirectedTo('https://branch.example/cb'), 303)
  assert.equal(await redirectedTo('https://elsewhere.test/cb'), 400)
  assert.equal(await redirectedTo('http://branch.example/cb'), 400)
})

test('tokens of the model, and members that it adds', async () => {
  const model = new CompleteModel()
  const save = model.saveToken.bind(model)
  Object.assign(model, {
    generateAccessToken: async () => 'made-access',
    generateRefreshToken: async () => 'made-refresh',
    saveToken: async (...saved: Parameters<CompleteModel['saveToken']>) => ({
      ...(await save(...saved)),
      tenant: 'acme',
      accessToken: 'wrapped',
    }),
  })
  const { body } = await ours(model, { allowExtendedTokenAttributes: true }).token(login, app)
  assert.deepEqual([body['access_token'], body['refresh_token'], body['tenant']], ['wrapped', 'made-refresh', 'acme'])
  assert.equal((await ours(model).token(login, app)).body['tenant'], undefined)
})

test('extendedGrantTypes: a Grant of one’s own issues through the model', async () => {
  const model = new CompleteModel()
  model.clients.push({ id: 'kiosk', secret: 's', grants: ['urn:example:voucher'], redirectUris: [] })
  const provider = ours(model, {
    extendedGrantTypes: {
      'urn:example:voucher': {
        authorize({ client, parameters }) {
          if (parameters.get('voucher') !== 'v-1') throw new InvalidGrantError('hook_refused')
          return { client, user: { id: 'alice' }, scopes: ['read'] }
        },
      },
    },
  })
  const ask = async (voucher: string) =>
    (await provider.token({ grant_type: 'urn:example:voucher', voucher }, basic('kiosk', 's'))).status
  assert.deepEqual([await ask('v-1'), await ask('v-2')], [200, 400])
  assert.equal([...model.accessTokens.values()][0]?.client.id, 'kiosk')
})

test('introspection tells a client of its own tokens; revocation ends refresh tokens, and says that it cannot end others', async () => {
  const model = new CompleteModel()
  const server = fromOAuth2ServerModel(model, { events: () => undefined })
  const post = async (path: string, parameters: Readonly<Record<string, string>>, headers = app) => {
    const { status, body } = await server.handle({ ...form(parameters, headers), url: path })
    return { status, body: body === '' ? {} : (JSON.parse(body) as Readonly<Record<string, unknown>>) }
  }
  const { body } = await post('/token', login)
  const token = String(body['access_token'])
  const refreshToken = String(body['refresh_token'])
  const described = (await post('/introspect', { token })).body
  assert.deepEqual([described['active'], described['sub'], described['client_id']], [true, 'alice', 'app'])
  assert.equal((await post('/introspect', { token }, basic('other', 'other-secret'))).body['active'], false)
  assert.equal((await post('/revoke', { token })).body['error'], 'unsupported_token_type')
  assert.equal((await post('/revoke', { token: refreshToken })).status, 200)
  assert.equal((await post('/token', { grant_type: 'refresh_token', refresh_token: refreshToken })).status, 400)
})

test('a model without getAccessToken issues tokens, and knows none', async () => {
  assert.equal((await ours(machines).api({ authorization: 'Bearer t' })).status, 401)
})
