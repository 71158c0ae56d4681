import assert from 'node:assert/strict'
import { formBody, postForm, send } from './http.ts'
import { scopeOf } from './jws.ts'
import { refreshRows } from './rows-issuing-refresh.ts'
import { type Row, testCase } from './row.ts'
import * as steps from './steps.ts'
import { expectError, expectStatus, member, requestToken } from './steps.ts'

const { basic } = steps
const noStore = /(^|,)\s*no-store\s*(,|$)/i
const stackTrace = /\n\s+at .+:\d+|node_modules/
/** %x20-21 / %x23-5B / %x5D-7E (RFC 6749 §5.2). */
const descriptionText = /^[\x20-\x21\x23-\x5b\x5d-\x7e]*$/

/** Rows 1 to 13: requests and errors of the token endpoint. */
const requestRows: readonly Row[] = [
  {
    row: 1,
    title: 'client credentials with Basic → 200 with access_token, token_type, expires_in',
    source: '6749 5.1',
    cases: [
      testCase('token response', [], async (server) => {
        const answer = await requestToken(server, { scope: server.otherScope })
        expectStatus(answer, 200)
        assert.match(
          answer.header('content-type') ?? '',
          /^application\/json\s*(;|$)/i,
          'the answer is not application/json',
        )
        member(answer, 'access_token')
        assert.equal(member(answer, 'token_type').toLowerCase(), 'bearer', 'token_type is not Bearer')
        assert.equal(typeof answer.json.expires_in, 'number', 'expires_in is not a number')
      }),
    ],
  },
  {
    row: 2,
    title: 'token response → Cache-Control: no-store',
    source: '6749 5.1',
    cases: [
      testCase('token response', [], async (server) => {
        const answer = await requestToken(server, { scope: server.otherScope })
        expectStatus(answer, 200)
        assert.match(answer.header('cache-control') ?? '(none)', noStore, 'no Cache-Control: no-store')
      }),
    ],
  },
  {
    row: 4,
    title: 'granted scope smaller than asked → the response says so',
    source: '6749 5.1',
    cases: [
      testCase('narrowed scope', ['narrowing'], async (server) => {
        const answer = await requestToken(server, { scope: server.narrowing.asked })
        expectStatus(answer, 200)
        assert.equal(answer.json.scope, server.narrowing.granted, 'scope is not the granted one')
      }),
    ],
  },
  {
    row: 5,
    title: 'no scope → default granted and returned, or invalid_scope; unknown scope → invalid_scope',
    source: '6749 3.3, 5.2',
    cases: [
      testCase('no scope', [], async (server) => {
        const answer = await requestToken(server)
        if (answer.status !== 200) {
          expectError(answer, [400], 'invalid_scope')
          return
        }
        if (answer.json.scope !== undefined) return void member(answer, 'scope')
        const granted = await scopeOf(server, member(answer, 'access_token'))
        assert.equal(granted, undefined, 'the response does not name the default scope that was granted')
      }),
      testCase('unknown scope', [], async (server) => {
        expectError(await requestToken(server, { scope: 'never-heard-of' }), [400], 'invalid_scope')
      }),
    ],
  },
  {
    row: 6,
    title: 'wrong secret → invalid_client, with a Basic challenge where Basic was used',
    source: '6749 5.2',
    cases: [
      testCase('by Basic', [], async (server) => {
        const answer = await requestToken(server, {}, { id: server.confidential.id, secret: 'wrong' })
        expectError(answer, [401], 'invalid_client')
        assert.ok(
          answer.challenges.some(({ scheme }) => scheme.toLowerCase() === 'basic'),
          'no Basic challenge',
        )
      }),
      testCase('in the body', [], async (server) => {
        const form = { grant_type: 'client_credentials', client_id: server.confidential.id, client_secret: 'wrong' }
        expectError(await postForm(server.tokenUrl, form), [400, 401], 'invalid_client')
      }),
    ],
  },
  {
    row: 7,
    title: 'id and secret with special characters, form-encoded in Basic → 200',
    source: '6749 2.3.1',
    cases: [
      testCase('colon, percent, plus', ['punctuatedClient'], async (server) => {
        expectStatus(await requestToken(server, { scope: server.otherScope }, server.punctuatedClient), 200)
      }),
      testCase('letters outside ASCII', ['nonAsciiClient'], async (server) => {
        expectStatus(await requestToken(server, { scope: server.otherScope }, server.nonAsciiClient), 200)
      }),
    ],
  },
  {
    row: 8,
    title: 'two ways of client authentication → invalid_request; credentials in the query → refused',
    source: '6749 2.3, 2.3.1',
    cases: [
      testCase('Basic and body', [], async (server) => {
        const { id, secret = '' } = server.confidential
        const form = { scope: server.otherScope, client_id: id, client_secret: secret }
        expectError(await requestToken(server, form), [400], 'invalid_request')
      }),
      testCase('in the query', [], async (server) => {
        const { id, secret = '' } = server.confidential
        const query = formBody({ client_id: id, client_secret: secret })
        const answer = await postForm(`${server.tokenUrl}?${query}`, {
          grant_type: 'client_credentials',
          scope: server.otherScope,
        })
        expectError(answer, [400, 401], 'invalid_request', 'invalid_client')
      }),
    ],
  },
  {
    row: 9,
    title: 'grant_type twice → invalid_request; unknown parameter → ignored; empty scope → as absent',
    source: '6749 3.2',
    cases: [
      testCase('grant_type twice', [], async (server) => {
        const answer = await requestToken(server, [
          ['grant_type', 'client_credentials'],
          ['scope', server.otherScope],
        ])
        expectError(answer, [400], 'invalid_request')
      }),
      testCase('unknown parameter', [], async (server) => {
        expectStatus(await requestToken(server, { scope: server.otherScope, unheard_of: '1' }), 200)
      }),
      testCase('empty scope', [], async (server) => {
        const [absent, empty] = [await requestToken(server), await requestToken(server, { scope: '' })]
        assert.ok(
          absent.status === 200 || absent.json.error === 'invalid_scope',
          `control: answered ${steps.summary(absent)}`,
        )
        assert.equal(steps.summary(empty), steps.summary(absent), 'not answered as without scope')
        assert.equal(empty.json.scope, absent.json.scope, 'another scope than without scope')
      }),
    ],
  },
  {
    row: 10,
    title: 'GET → refused; JSON body → invalid_request without stack trace',
    source: '6749 3.2',
    cases: [
      testCase('GET', [], async (server) => {
        const query = formBody({ grant_type: 'client_credentials', scope: server.otherScope })
        steps.expectMethodRefused(await send(`${server.tokenUrl}?${query}`, { headers: [basic(server.confidential)] }))
      }),
      testCase('JSON body', [], async (server) => {
        const body = JSON.stringify({ grant_type: 'client_credentials', scope: server.otherScope })
        const headers = [['Content-Type', 'application/json'], basic(server.confidential)] as const
        const answer = await send(server.tokenUrl, { method: 'POST', headers, body })
        assert.doesNotMatch(answer.text, stackTrace, 'the answer shows a stack trace')
        if (answer.status !== 415) expectError(answer, [400], 'invalid_request')
      }),
    ],
  },
  {
    row: 11,
    title: 'unknown grant → unsupported_grant_type; grant not allowed for the client → unauthorized_client',
    source: '6749 5.2',
    cases: [
      testCase('unknown grant', [], async (server) => {
        const answer = await postForm(server.tokenUrl, { grant_type: 'urn:example:none' }, [basic(server.confidential)])
        expectError(answer, [400], 'unsupported_grant_type')
      }),
      testCase('grant not allowed', [], async (server) => {
        expectError(
          await requestToken(server, { scope: server.otherScope }, server.second),
          [400],
          'unauthorized_client',
        )
      }),
    ],
  },
  {
    row: 12,
    title: 'any error → JSON, no-store, error_description in its alphabet',
    source: '6749 5.2',
    cases: [
      ['unknown grant', { grant_type: 'a "quoted" \\ ünknown grant' }, 'right'] as const,
      ['unknown scope', { grant_type: 'client_credentials', scope: 'quoted" bäck\\slash' }, 'right'] as const,
      ['wrong secret', { grant_type: 'client_credentials' }, 'wrong'] as const,
      ['no grant_type', {}, 'right'] as const,
    ].map(([name, form, secret]) =>
      testCase(name, [], async (server) => {
        const client = secret === 'right' ? server.confidential : { id: server.confidential.id, secret }
        const answer = await postForm(server.tokenUrl, form, [basic(client)])
        assert.ok(answer.status >= 400 && answer.status < 500, `answered ${answer.status} instead of 4xx`)
        assert.match(
          answer.header('content-type') ?? '',
          /^application\/json\s*(;|$)/i,
          'the error is not application/json',
        )
        const { error_description: description = '' } = answer.json
        assert.ok(
          typeof member(answer, 'error') === 'string' && typeof description === 'string',
          'error_description is no string',
        )
        assert.match(description, descriptionText, 'error_description has characters outside its alphabet')
        assert.match(answer.header('cache-control') ?? '(none)', noStore, 'no Cache-Control: no-store on the error')
      }),
    ),
  },
  {
    row: 13,
    title: 'public client with client credentials → refused',
    source: '6749 4.4',
    cases: [
      testCase('public client', ['publicClient'], async (server) => {
        const form = { grant_type: 'client_credentials', client_id: server.publicClient.id, scope: server.otherScope }
        expectError(
          await postForm(server.tokenUrl, form),
          [400, 401],
          'invalid_client',
          'unauthorized_client',
          'invalid_request',
        )
      }),
    ],
  },
]

/** Rows 1 to 17: the token endpoint, for any kind of access token. */
export const issuingRows: readonly Row[] = [...requestRows, ...refreshRows]
