/** Nonces of the authorization server (RFC 9449 §8). */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { HttpResponse } from 'grantry'
import { dpopCall, makeProver, provedForm } from '../support/dpop.ts'
import { lastReason, makeProvider, obtainCode, type Provider } from '../support/provider.ts'
import { body, text } from '../support/requests.ts'

const issuer = 'https://as.example'
const htu = `${issuer}/token`
const [oldest, newest] = ['o'.repeat(32), 'n'.repeat(32)]
const withSecret = (nonceSecret: string | readonly string[]) => makeProvider({ issuer, dpop: { nonceSecret } })
const provider = await withSecret(newest)
const { clock } = provider
const prover = await makeProver(clock)
const machine = { grant_type: 'client_credentials', scope: 'read' }

const ask = (
  nonce: string | undefined,
  { server, app }: Provider<typeof provider.server> = provider,
  parameters: Readonly<Record<string, string>> = machine,
): Promise<HttpResponse> =>
  server.createTokenResponse(provedForm(parameters, prover.proof({ htu }, { claims: { nonce } }), app))
const nonceOf = ({ headers }: HttpResponse): string => headers['DPoP-Nonce'] ?? ''

describe('A nonce', () => {
  test('is asked for with 400 use_dpop_nonce, and the code is not spent', async () => {
    const code = { grant_type: 'authorization_code', ...(await obtainCode(provider.server)) }
    const first = await ask(undefined, provider, code)
    assert.deepEqual([first.status, body(first)['error']], [400, 'use_dpop_nonce'])
    assert.equal(lastReason(provider), 'dpop_nonce_missing')
    assert.equal(first.headers['Cache-Control'], 'no-store')
    assert.equal((await ask(nonceOf(first), provider, code)).status, 200)
  })

  test('comes with each token as well, and is good at a resource of this server', async () => {
    const response = await ask(nonceOf(await ask(undefined)))
    const token = text(response, 'access_token')
    const at = { htm: 'GET', htu: `${issuer}/files`, token }
    const proof = prover.proof(at, { claims: { nonce: nonceOf(response) } })
    const result = await provider.server.verifyRequest(dpopCall('/files', token, proof))
    assert.ok(result.ok)
    assert.ok(result.headers['DPoP-Nonce'])
    const refused = await provider.server.verifyRequest(dpopCall('/files', token, prover.proof(at)))
    assert.ok(!refused.ok && refused.response.status === 401)
    assert.match(refused.response.headers['WWW-Authenticate'] ?? '', /DPoP realm="api", error="use_dpop_nonce"/)
  })

  test('is good for 5 minutes; a proof made ahead of time is not (RFC 9449 §11.2)', async () => {
    const nonce = nonceOf(await ask(undefined))
    clock.now += 300
    assert.equal((await ask(nonce)).status, 200)
    clock.now += 1
    assert.equal(body(await ask(nonce))['error'], 'use_dpop_nonce')
    clock.now -= 301
  })

  test('of another server, changed or empty → use_dpop_nonce', async () => {
    const nonce = nonceOf(await ask(undefined))
    for (const other of [
      `${nonce}x`,
      nonce.replace(/^./, '1'),
      '',
      '.',
      nonceOf(await ask(undefined, await withSecret(oldest))),
    ])
      assert.equal(body(await ask(other))['error'], 'use_dpop_nonce', other)
  })

  test('outlives its secret while nodes take a new one over', async () => {
    const [before, between, after] = await Promise.all([oldest, [newest, oldest], newest].map(withSecret))
    assert.ok(before && between && after)
    const nonce = nonceOf(await ask(undefined, before))
    assert.equal((await ask(nonce, between)).status, 200)
    assert.equal(body(await ask(nonce, after))['error'], 'use_dpop_nonce')
    const newer = nonceOf(await ask(undefined, between))
    assert.equal((await ask(newer, after)).status, 200)
  })
})
