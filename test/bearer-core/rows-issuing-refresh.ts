import assert from 'node:assert/strict'
import { audienceOf } from './jws.ts'
import { type Row, testCase, type With } from './row.ts'
import * as steps from './steps.ts'
import { expectError, expectStatus, member, requestToken } from './steps.ts'

/** A refresh token, after another one of the same kind was used with success: the control of every refusal. */
const usableToken = async (server: With<'authorize'>): Promise<string> => {
  const options = { scope: server.requiredScope }
  const control = steps.refreshTokenOf(await server.authorize('confidential', options))
  expectStatus(await steps.refresh(server, server.confidential, control), 200)
  return steps.refreshTokenOf(await server.authorize('confidential', options))
}

/** Rows 14 to 17: refresh tokens and resource indicators. */
export const refreshRows: readonly Row[] = [
  {
    row: 14,
    title: 'refresh with a wider scope → invalid_scope; by another client → invalid_grant',
    source: '6749 6, 10.4',
    cases: [
      testCase('wider scope', ['authorize'], async (server) => {
        const token = await usableToken(server)
        const scope = `${server.requiredScope} ${server.otherScope}`
        expectError(await steps.refresh(server, server.confidential, token, { scope }), [400], 'invalid_scope')
      }),
      testCase('another client', ['authorize'], async (server) => {
        const token = await usableToken(server)
        expectError(await steps.refresh(server, server.second, token), [400], 'invalid_grant')
      }),
    ],
  },
  {
    row: 15,
    title: 'rotated refresh token used again → invalid_grant and the whole family dead',
    source: '9700 4.14.2',
    cases: [
      testCase('public client', ['authorize', 'publicClient'], async (server) => {
        const { publicClient: client } = server
        const first = steps.refreshTokenOf(await server.authorize('public', { scope: server.requiredScope }))
        const rotated = await steps.refresh(server, client, first)
        expectStatus(rotated, 200)
        const successor = member(rotated, 'refresh_token')
        assert.notEqual(successor, first, 'the refresh token was not rotated')
        if (server.refreshGrace !== undefined) await server.advance?.(server.refreshGrace + 1)
        expectError(await steps.refresh(server, client, first), [400], 'invalid_grant')
        const later = await steps.refresh(server, client, successor)
        assert.ok(later.status === 400, 'the successor still works after the reuse')
        if (!steps.canTry(server) || server.revocationUrl === undefined) return // nothing ends a self-contained token early
        assert.ok(
          !(await steps.isAlive(server, member(rotated, 'access_token'))),
          'its access token is alive after the reuse',
        )
      }),
    ],
  },
  {
    row: 16,
    title: 'each refresh gives new tokens; a refresh token generator of the integration is honoured',
    source: 'product',
    cases: [
      testCase('different strings', ['authorize', 'publicClient'], async (server) => {
        const start = await server.authorize('public', { scope: server.requiredScope })
        const one = await steps.refresh(server, server.publicClient, steps.refreshTokenOf(start))
        const two = await steps.refresh(server, server.publicClient, member(one, 'refresh_token'))
        const access = [start.accessToken, member(one, 'access_token'), member(two, 'access_token')]
        assert.equal(new Set(access).size, 3, 'an access token was issued twice')
        const refreshTokens = [start.refreshToken, member(one, 'refresh_token'), member(two, 'refresh_token')]
        assert.equal(new Set(refreshTokens).size, 3, 'a refresh token was issued twice')
      }),
      testCase('generator', ['authorize', 'setRefreshGenerator'], async (server) => {
        server.setRefreshGenerator(() => 'always-this-refresh-token')
        try {
          const { refreshToken } = await server.authorize('confidential', { scope: server.requiredScope })
          assert.equal(refreshToken, 'always-this-refresh-token', 'not the string of the generator')
        } finally {
          server.setRefreshGenerator(undefined)
        }
      }),
    ],
  },
  {
    row: 17,
    title: 'resource valid → aud; not allowed → invalid_target; with fragment → invalid_target',
    source: '8707 2',
    cases: [
      testCase('valid', ['resources'], async (server) => {
        const { allowed } = server.resources
        const token = await steps.clientToken(server, server.otherScope, allowed)
        assert.ok((await audienceOf(server, token)).includes(allowed), 'aud is not the resource')
      }),
      testCase('not allowed', ['resources'], async (server) => {
        const form = { scope: server.otherScope, resource: server.resources.forbidden }
        expectError(await requestToken(server, form), [400], 'invalid_target')
      }),
      testCase('with fragment', ['resources'], async (server) => {
        const form = { scope: server.otherScope, resource: `${server.resources.allowed}#part` }
        expectError(await requestToken(server, form), [400], 'invalid_target')
      }),
    ],
  },
]
