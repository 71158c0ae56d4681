import assert from 'node:assert/strict'
import { type Answer, send } from './http.ts'
import { type Row, testCase } from './row.ts'
import { expectNoCredentials, placeRows } from './rows-using-places.ts'
import type { ServerUnderTest } from './target.ts'
import * as steps from './steps.ts'
import { bearer, callResource, expectChallenge, expectStatus, resourceToken } from './steps.ts'

const withHeader = (url: string, value: string): Promise<Answer> => send(url, { headers: [['Authorization', value]] })

const scopeOf = (answer: Answer): string | undefined =>
  answer.challenges.flatMap(({ attributes }) => attributes).find(([name]) => name === 'scope')?.[1]

const wrongScopeToken = (server: ServerUnderTest): Promise<string> => resourceToken(server, server.otherScope)

/** Rows 18 to 25, 33 and 35: a token in the header, and challenges. */
const headerRows: readonly Row[] = [
  {
    row: 18,
    title: 'Authorization: Bearer → 200',
    source: '6750 2.1',
    cases: [
      testCase('live token', ['resourceUrl'], async (server) => {
        expectStatus(await callResource(server.resourceUrl, await resourceToken(server)), 200)
      }),
    ],
  },
  {
    row: 19,
    title: 'scheme in any case, two spaces before the token → 200',
    source: 'v2-1 5.1.1, 9110 11.1',
    cases: [
      ['bearer', 'bearer '] as const,
      ['BEARER', 'BEARER '] as const,
      ['bEaReR', 'bEaReR '] as const,
      ['two spaces', 'Bearer  '] as const,
    ].map(([name, prefix]) =>
      testCase(name, ['resourceUrl'], async (server) => {
        expectStatus(await withHeader(server.resourceUrl, prefix + (await resourceToken(server))), 200)
      }),
    ),
  },
  {
    row: 20,
    title: 'no credentials → 401, Bearer challenge with an auth-param and without error',
    source: '6750 3, 3.1',
    cases: [
      testCase('no credentials', ['resourceUrl'], async (server) => {
        expectNoCredentials(await send(server.resourceUrl))
      }),
    ],
  },
  {
    row: 21,
    title: 'Authorization: Basic only → as without credentials',
    source: '6750 3.1',
    cases: [
      testCase('Basic', ['resourceUrl'], async (server) => {
        expectNoCredentials(await send(server.resourceUrl, { headers: [steps.basic(server.confidential)] }))
      }),
    ],
  },
  {
    row: 22,
    title: 'Bearer with nothing, two tokens, a comma list → 400 invalid_request',
    source: '6750 3.1',
    cases: [
      testCase('nothing', ['resourceUrl'], async (server) => {
        expectChallenge(await withHeader(server.resourceUrl, 'Bearer'), 400, 'invalid_request')
      }),
      testCase('two tokens', ['resourceUrl'], async (server) => {
        const token = await resourceToken(server)
        expectChallenge(await withHeader(server.resourceUrl, `Bearer ${token} ${token}`), 400, 'invalid_request')
      }),
      testCase('comma list', ['resourceUrl'], async (server) => {
        const token = await resourceToken(server)
        expectChallenge(
          await withHeader(server.resourceUrl, `Bearer ${token}, Bearer ${token}`),
          400,
          'invalid_request',
        )
      }),
    ],
  },
  {
    row: 23,
    title: 'character outside the syntax of tokens → 401 invalid_token or 400 invalid_request',
    source: '6750 2.1',
    cases: ['a$b', 'a"b', 'a\u00e9b', 'a\\b', 'a=b'].map((token) =>
      testCase(JSON.stringify(token), ['resourceUrl'], async (server) => {
        const answer = await withHeader(server.resourceUrl, `Bearer ${token}`)
        expectChallenge(
          answer,
          answer.status === 400 ? 400 : 401,
          answer.status === 400 ? 'invalid_request' : 'invalid_token',
        )
      }),
    ),
  },
  {
    row: 24,
    title: 'unknown, expired, revoked token → 401 invalid_token',
    source: '6750 3.1',
    cases: [
      testCase('unknown', ['resourceUrl'], async (server) => {
        expectChallenge(await callResource(server.resourceUrl, 'unknown-token-0123456789'), 401, 'invalid_token')
      }),
      testCase('expired', ['resourceUrl', 'advance'], async (server) => {
        const token = await resourceToken(server)
        expectStatus(await callResource(server.resourceUrl, token), 200)
        await server.advance(server.accessTokenLifetime + 61)
        expectChallenge(await callResource(server.resourceUrl, token), 401, 'invalid_token')
      }),
      testCase('revoked', ['resourceUrl', 'revocationUrl'], async (server) => {
        const token = await resourceToken(server)
        expectStatus(await callResource(server.resourceUrl, token), 200)
        expectStatus(await steps.asClient(server.revocationUrl, server.confidential, { token }), 200)
        expectChallenge(await callResource(server.resourceUrl, token), 401, 'invalid_token')
      }),
    ],
  },
  {
    row: 25,
    title: 'valid token without the scope → 403 insufficient_scope with scope',
    source: '6750 3.1',
    cases: [
      testCase('another scope', ['resourceUrl'], async (server) => {
        const answer = await callResource(server.resourceUrl, await wrongScopeToken(server))
        expectChallenge(answer, 403, 'insufficient_scope')
      }),
      testCase('scope in the challenge', ['resourceUrl'], async (server) => {
        const answer = await callResource(server.resourceUrl, await wrongScopeToken(server))
        expectStatus(answer, 403)
        assert.equal(scopeOf(answer), server.requiredScope, 'the challenge does not name the scope')
      }),
    ],
  },
  {
    row: 33,
    title: 'each challenge attribute → at most once',
    source: '6750 3',
    cases: [
      ['no credentials', async () => []] as const,
      ['unknown token', async () => [bearer('unknown-token-0123456789')]] as const,
      ['missing scope', async (server: ServerUnderTest) => [bearer(await wrongScopeToken(server))]] as const,
    ].map(([name, headers]) =>
      testCase(name, ['resourceUrl'], async (server) => {
        const answer = await send(server.resourceUrl, { headers: await headers(server) })
        assert.ok(answer.challenges.length > 0, `answered ${answer.status} without a challenge`)
        for (const { scheme, attributes } of answer.challenges) {
          const names = attributes.map(([attribute]) => attribute)
          assert.equal(new Set(names).size, names.length, `an attribute of ${scheme} is repeated: ${names.join(', ')}`)
        }
      }),
    ),
  },
  {
    row: 35,
    title: 'store down → 5xx without invalid_token; HEAD → guarded; preflight → answered without a token',
    source: 'product',
    cases: [
      testCase('store down', ['resourceUrl', 'breakStore'], async (server) => {
        const token = await resourceToken(server)
        const mend = server.breakStore('store-failure-text-0815')
        const answer = await callResource(server.resourceUrl, token).finally(mend)
        assert.ok(answer.status >= 500, `answered ${steps.summary(answer)} instead of 5xx`)
        const whole = `${answer.text} ${answer.header('www-authenticate') ?? ''}`
        assert.doesNotMatch(whole, /invalid_token/, 'the answer calls the token invalid')
        assert.doesNotMatch(whole, /store-failure-text-0815|node_modules/, 'the answer shows the text of the exception')
      }),
      testCase('HEAD', ['resourceUrl'], async (server) => {
        expectStatus(await send(server.resourceUrl, { method: 'HEAD' }), 401)
        const headers = [bearer(await resourceToken(server))]
        expectStatus(await send(server.resourceUrl, { method: 'HEAD', headers }), 200, 204)
      }),
      testCase('preflight', ['corsResourceUrl'], async (server) => {
        const asked = [
          ['Access-Control-Request-Method', 'GET'],
          ['Access-Control-Request-Headers', 'authorization'],
        ] as const
        const headers = [['Origin', 'https://app.example'], ...asked] as const
        const answer = await send(server.corsResourceUrl, { method: 'OPTIONS', headers })
        expectStatus(answer, 200, 204)
        assert.ok(answer.header('access-control-allow-origin') !== undefined, 'no Access-Control-Allow-Origin')
      }),
    ],
  },
]

/** Rows 18 to 35: a protected resource. */
export const usingRows: readonly Row[] = [...headerRows, ...placeRows].sort((a, b) => a.row - b.row)
