import assert from 'node:assert/strict'
import { postForm, send } from './http.ts'
import { decode, sign } from './jws.ts'
import { type Row, testCase, type With } from './row.ts'
import * as steps from './steps.ts'
import { asClient, expectError, expectStatus, introspectableTokens } from './steps.ts'

type Introspecting = With<'introspectionUrl' | 'resourceServer'>

const needs = ['introspectionUrl', 'resourceServer'] as const

const introspect = (server: Introspecting, token: string, extra: Readonly<Record<string, string>> = {}) =>
  asClient(server.introspectionUrl, server.resourceServer, { token, ...extra })

/** Fails unless the token is called active: the control of every case that wants `false`. */
const expectActive = async (server: Introspecting, token: string): Promise<void> => {
  const answer = await introspect(server, token)
  assert.equal(answer.json.active, true, `control: a live token is answered ${steps.summary(answer)}, not active`)
}

const expectInactive = async (server: Introspecting, token: string): Promise<void> => {
  const answer = await introspect(server, token)
  expectStatus(answer, 200)
  assert.deepEqual(answer.json, { active: false }, 'the body is not exactly {"active":false}')
}

const inactiveStrings = [
  ['unknown', 'unknown-token-0123456789'],
  ['malformed', 'not a token, at "all" \u00e9'],
] as const

/** Rows 61 to 69: the introspection endpoint. */
export const introspectionRows: readonly Row[] = [
  {
    row: 61,
    title: 'live token, authorised resource server → active with scope client_id exp iat sub aud iss token_type',
    source: '7662 2.2',
    cases: [
      testCase('active', needs, async (server) => {
        const answer = await introspect(server, (await introspectableTokens(server)).accessToken)
        expectStatus(answer, 200)
        assert.match(
          answer.header('content-type') ?? '',
          /^application\/json\s*(;|$)/i,
          'the answer is not application/json',
        )
        assert.equal(answer.json.active, true, 'active is not true')
      }),
      testCase('members', needs, async (server) => {
        const { json } = await introspect(server, (await introspectableTokens(server)).accessToken)
        const names = ['scope', 'client_id', 'exp', 'iat', 'sub', 'aud', 'iss', 'token_type']
        const missing = names.filter((name) => json[name] === undefined)
        assert.equal(missing.length, 0, `without ${missing.join(', ')}`)
      }),
      testCase('values', needs, async (server) => {
        const { json } = await introspect(server, (await introspectableTokens(server)).accessToken)
        assert.equal(json.client_id, server.confidential.id, 'client_id is not the client')
        assert.equal(json.scope, server.otherScope, 'scope is not what was granted')
        assert.equal(String(json.token_type).toLowerCase(), 'bearer', `token_type is ${String(json.token_type)}`)
        assert.ok(Number.isInteger(json.exp) && Number.isInteger(json.iat), 'exp or iat is not an integer')
      }),
    ],
  },
  {
    row: 62,
    title: 'no or bad caller credentials → 401 invalid_client',
    source: '7662 2.1, 2.3',
    cases: [
      testCase('none', needs, async (server) => {
        const { accessToken: token } = await introspectableTokens(server)
        expectError(await postForm(server.introspectionUrl, { token }), [401], 'invalid_client')
      }),
      testCase('bad', needs, async (server) => {
        const { accessToken: token } = await introspectableTokens(server)
        const caller = { id: server.resourceServer.id, secret: 'wrong' }
        const answer = await asClient(server.introspectionUrl, caller, { token })
        expectError(answer, [401], 'invalid_client')
        assert.ok(
          answer.challenges.some(({ scheme }) => scheme.toLowerCase() === 'basic'),
          'no Basic challenge',
        )
      }),
    ],
  },
  {
    row: 63,
    title: 'caller with an expired bearer token → 401 invalid_token',
    source: '7662 2.3',
    cases: [
      testCase('expired caller', [...needs, 'introspectionToken', 'advance'], async (server) => {
        const caller = steps.bearer(await server.introspectionToken())
        const { accessToken } = await introspectableTokens(server)
        expectStatus(await postForm(server.introspectionUrl, { token: accessToken }, [caller]), 200)
        await server.advance(server.accessTokenLifetime + 61)
        const { accessToken: token } = await introspectableTokens(server)
        steps.expectChallenge(await postForm(server.introspectionUrl, { token }, [caller]), 401, 'invalid_token')
      }),
    ],
  },
  {
    row: 64,
    title: 'unknown, malformed, expired, revoked, badly signed token → exactly {"active":false}',
    source: '7662 2.2',
    cases: [
      ...inactiveStrings.map(([name, token]) => testCase(name, needs, (server) => expectInactive(server, token))),
      testCase('expired', [...needs, 'advance'], async (server) => {
        const { accessToken } = await introspectableTokens(server)
        await expectActive(server, accessToken)
        await server.advance(server.accessTokenLifetime + 61)
        await expectInactive(server, accessToken)
      }),
      testCase('revoked', [...needs, 'revocationUrl'], async (server) => {
        const { accessToken: token } = await introspectableTokens(server)
        await expectActive(server, token)
        expectStatus(await asClient(server.revocationUrl, server.confidential, { token }), 200)
        await expectInactive(server, token)
      }),
      testCase('bad signature', [...needs, 'signingKey'], async (server) => {
        const { accessToken } = await introspectableTokens(server)
        await expectActive(server, accessToken)
        const { header, claims } = decode(accessToken)
        const changed = sign({ header, claims: { ...claims, scope: 'everything' } }, server.signingKey.privateKey)
        const signature = accessToken.slice(accessToken.lastIndexOf('.'))
        await expectInactive(server, changed.slice(0, changed.lastIndexOf('.')) + signature)
      }),
    ],
  },
  {
    row: 65,
    title: 'token meant for another resource server → {"active":false}',
    source: '7662 2.2',
    cases: [
      testCase('another audience', [...needs, 'resources', 'otherResourceServer'], async (server) => {
        const { accessToken: token } = await introspectableTokens(server)
        await expectActive(server, token)
        const answer = await asClient(server.introspectionUrl, server.otherResourceServer, { token })
        expectStatus(answer, 200)
        assert.deepEqual(answer.json, { active: false }, 'the body is not exactly {"active":false}')
      }),
    ],
  },
  {
    row: 66,
    title: 'missing or repeated token → 400 invalid_request',
    source: '7662 2.1, 6749 3.2',
    cases: [
      testCase('missing', needs, async (server) => {
        expectError(await asClient(server.introspectionUrl, server.resourceServer, {}), [400], 'invalid_request')
      }),
      testCase('repeated', needs, async (server) => {
        const { accessToken } = await introspectableTokens(server)
        const form = [
          ['token', accessToken],
          ['token', accessToken],
        ] as const
        expectError(await asClient(server.introspectionUrl, server.resourceServer, form), [400], 'invalid_request')
      }),
    ],
  },
  {
    row: 67,
    title: 'wrong or unknown token_type_hint → token still found',
    source: '7662 2.1',
    cases: ['refresh_token', 'urn:example:unknown'].map((hint) =>
      testCase(hint, needs, async (server) => {
        const { accessToken } = await introspectableTokens(server)
        await expectActive(server, accessToken)
        const answer = await introspect(server, accessToken, { token_type_hint: hint })
        assert.equal(answer.json.active, true, `answered ${steps.summary(answer)}, not active`)
      }),
    ),
  },
  {
    row: 68,
    title: 'GET → refused; answers → no-store',
    source: '7662 4; product',
    cases: [
      testCase('GET', needs, async (server) => {
        const { accessToken } = await introspectableTokens(server)
        const url = `${server.introspectionUrl}?${new URLSearchParams({ token: accessToken }).toString()}`
        steps.expectMethodRefused(await send(url, { headers: [steps.basic(server.resourceServer)] }))
      }),
      testCase('no-store', needs, async (server) => {
        const answer = await introspect(server, (await introspectableTokens(server)).accessToken)
        expectStatus(answer, 200)
        assert.match(answer.header('cache-control') ?? '(none)', /\bno-store\b/i, 'no Cache-Control: no-store')
      }),
    ],
  },
  {
    row: 69,
    title: 'live refresh token → active for its owner only, clearly not an access token',
    source: '7662 2; product',
    cases: [
      testCase('owner', ['introspectionUrl', 'authorize'], async (server) => {
        const token = steps.refreshTokenOf(await server.authorize('confidential', { scope: server.otherScope }))
        const answer = await asClient(server.introspectionUrl, server.confidential, {
          token,
          token_type_hint: 'refresh_token',
        })
        assert.equal(answer.json.active, true, `answered ${steps.summary(answer)}, not active`)
        assert.notEqual(String(answer.json.token_type).toLowerCase(), 'bearer', 'it looks like an access token')
      }),
      testCase('another client', ['introspectionUrl', 'authorize', 'otherResourceServer'], async (server) => {
        const token = steps.refreshTokenOf(await server.authorize('confidential', { scope: server.otherScope }))
        const form = { token, token_type_hint: 'refresh_token' }
        const { json } = await asClient(server.introspectionUrl, server.confidential, form)
        assert.equal(json.active, true, 'control: not active for its owner')
        const answer = await asClient(server.introspectionUrl, server.otherResourceServer, form)
        assert.notEqual(answer.json.active, true, 'active for a client that does not own it')
      }),
      testCase('at the resource', ['introspectionUrl', 'resourceUrl', 'authorize'], async (server) => {
        const { refreshToken = '' } = await server.authorize('confidential', { scope: server.requiredScope })
        steps.expectChallenge(await steps.callResource(server.resourceUrl, refreshToken), 401, 'invalid_token')
      }),
    ],
  },
]
