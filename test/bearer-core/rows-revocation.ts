import assert from 'node:assert/strict'
import { postForm, send } from './http.ts'
import { type Row, testCase } from './row.ts'
import type { ServerUnderTest } from './target.ts'
import * as steps from './steps.ts'
import { asClient, expectError, expectStatus, isAlive, resourceToken } from './steps.ts'

const needs = ['revocationUrl'] as const

/** A token that was seen alive: the control of every case that wants it dead. */
const liveToken = async (server: ServerUnderTest): Promise<string> => {
  const token = await resourceToken(server)
  assert.ok(await isAlive(server, token), 'control: a new token is not alive')
  return token
}

const expectRevoked = async (server: ServerUnderTest, token: string): Promise<void> =>
  assert.ok(!(await isAlive(server, token)), 'the token is still alive')

/** Rows 71 to 80: the revocation endpoint. */
export const revocationRows: readonly Row[] = [
  {
    row: 71,
    title: 'access token → 200; the resource refuses it at once',
    source: '7009 2.1, 2.2',
    cases: [
      testCase('access token', needs, async (server) => {
        const token = await liveToken(server)
        const answer = await asClient(server.revocationUrl, server.confidential, { token })
        expectStatus(answer, 200)
        // The body is ignored by clients (RFC 7009 §2.2), so an empty object is as good as nothing.
        assert.ok(['', '{}'].includes(answer.text), 'the answer has a body')
        await expectRevoked(server, token)
      }),
    ],
  },
  {
    row: 72,
    title: 'refresh token → 200; refresh fails; its access tokens are inactive',
    source: '7009 2.1',
    cases: [
      testCase('refresh token', [...needs, 'authorize'], async (server) => {
        const tokens = await server.authorize('confidential', { scope: server.requiredScope })
        const token = steps.refreshTokenOf(tokens)
        expectStatus(await asClient(server.revocationUrl, server.confidential, { token }), 200)
        expectError(await steps.refresh(server, server.confidential, token), [400], 'invalid_grant')
      }),
      testCase('its access token', [...needs, 'authorize'], async (server) => {
        const tokens = await server.authorize('confidential', { scope: server.requiredScope })
        assert.ok(await isAlive(server, tokens.accessToken), 'control: a new token is not alive')
        const form = { token: steps.refreshTokenOf(tokens) }
        expectStatus(await asClient(server.revocationUrl, server.confidential, form), 200)
        await expectRevoked(server, tokens.accessToken)
      }),
    ],
  },
  {
    row: 73,
    title: 'unknown token → 200; same token again → 200',
    source: '7009 2.2',
    cases: [
      testCase('unknown', needs, async (server) => {
        expectStatus(
          await asClient(server.revocationUrl, server.confidential, { token: 'unknown-token-0123456789' }),
          200,
        )
      }),
      testCase('again', needs, async (server) => {
        const token = await liveToken(server)
        expectStatus(await asClient(server.revocationUrl, server.confidential, { token }), 200)
        expectStatus(await asClient(server.revocationUrl, server.confidential, { token }), 200)
        await expectRevoked(server, token)
      }),
    ],
  },
  {
    row: 74,
    title: 'token of another client → stays alive, error response',
    source: '7009 2.1',
    cases: [
      testCase('stays alive', needs, async (server) => {
        const token = await liveToken(server)
        await asClient(server.revocationUrl, server.second, { token })
        assert.ok(await isAlive(server, token), 'another client revoked the token')
      }),
      testCase('error response', needs, async (server) => {
        const answer = await asClient(server.revocationUrl, server.second, { token: await liveToken(server) })
        assert.ok(answer.status >= 400 && answer.status < 500, `answered ${steps.summary(answer)} instead of an error`)
        steps.member(answer, 'error')
      }),
    ],
  },
  {
    row: 75,
    title: 'bad client credentials → 401 invalid_client',
    source: '7009 2.1',
    cases: [
      testCase('bad secret', needs, async (server) => {
        const token = await liveToken(server)
        const client = { id: server.confidential.id, secret: 'wrong' }
        const answer = await asClient(server.revocationUrl, client, { token })
        assert.ok(await isAlive(server, token), 'the token was revoked all the same')
        expectError(answer, [401], 'invalid_client')
      }),
    ],
  },
  {
    row: 76,
    title: 'public client with its own token and client_id → 200, revoked',
    source: '7009 2.1, 5',
    cases: [
      testCase('public client', [...needs, 'publicClient', 'authorize'], async (server) => {
        const { accessToken: token } = await server.authorize('public', { scope: server.requiredScope })
        assert.ok(await isAlive(server, token), 'control: a new token is not alive')
        expectStatus(await asClient(server.revocationUrl, server.publicClient, { token }), 200)
        await expectRevoked(server, token)
      }),
    ],
  },
  {
    row: 77,
    title: 'missing token → 400 invalid_request',
    source: '7009 2.1',
    cases: [
      testCase('missing', needs, async (server) => {
        expectError(await asClient(server.revocationUrl, server.confidential, {}), [400], 'invalid_request')
      }),
    ],
  },
  {
    row: 78,
    title: 'wrong or unknown token_type_hint → still revoked',
    source: '7009 2.1',
    cases: ['refresh_token', 'urn:example:unknown'].map((hint) =>
      testCase(hint, needs, async (server) => {
        const token = await liveToken(server)
        const form = { token, token_type_hint: hint }
        expectStatus(await asClient(server.revocationUrl, server.confidential, form), 200)
        await expectRevoked(server, token)
      }),
    ),
  },
  {
    row: 79,
    title: 'type that cannot be revoked → 400 unsupported_token_type',
    source: '7009 2.2.1',
    cases: [
      testCase('self-contained token', ['unrevocableUrl'], async (server) => {
        const token = await steps.clientToken(server, server.requiredScope)
        const answer = await asClient(server.unrevocableUrl, server.confidential, { token })
        expectError(answer, [400], 'unsupported_token_type')
      }),
    ],
  },
  {
    row: 80,
    title: 'GET → refused; JSONP callback → ignored',
    source: '7009 2, 2.3',
    cases: [
      testCase('GET', needs, async (server) => {
        const token = await liveToken(server)
        const url = `${server.revocationUrl}?${new URLSearchParams({ token }).toString()}`
        const answer = await send(url, { headers: [steps.basic(server.confidential)] })
        assert.ok(await isAlive(server, token), 'a GET revoked the token')
        steps.expectMethodRefused(answer)
      }),
      testCase('callback', needs, async (server) => {
        const token = await liveToken(server)
        const url = `${server.revocationUrl}?callback=jsonp`
        const answer = await postForm(url, { token, callback: 'jsonp' }, [steps.basic(server.confidential)])
        assert.doesNotMatch(answer.text, /jsonp/, 'the answer calls the callback')
        assert.doesNotMatch(answer.header('content-type') ?? '', /javascript/i, 'the answer is a script')
        expectStatus(answer, 200)
        await expectRevoked(server, token)
      }),
    ],
  },
]
