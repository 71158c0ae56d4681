import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { approve, lastReason, makeProvider, obtainCode } from '../support/provider.ts'
import { body, form, pkce, redirected } from '../support/requests.ts'

const { verifier, challenge } = pkce()
const good = {
  response_type: 'code',
  client_id: 'app',
  code_challenge: challenge,
  code_challenge_method: 'S256',
  state: 's',
}

describe('The challenge (RFC 7636 §4.2 to §4.4)', () => {
  const refused: readonly [name: string, change: Readonly<Record<string, string>>, reason: string][] = [
    ['no challenge', { code_challenge: '', code_challenge_method: '' }, 'code_challenge_missing'],
    ['a method without a challenge', { code_challenge: '' }, 'code_challenge_missing'],
    ['no method, which would mean plain', { code_challenge_method: '' }, 'code_challenge_method_unsupported'],
    ['plain', { code_challenge_method: 'plain' }, 'code_challenge_method_unsupported'],
    ['s256 in lower case', { code_challenge_method: 's256' }, 'code_challenge_method_unsupported'],
    ['one character short', { code_challenge: challenge.slice(1) }, 'code_challenge_malformed'],
    ['one character long', { code_challenge: `${challenge}A` }, 'code_challenge_malformed'],
    ['padded', { code_challenge: `${challenge.slice(1)}=` }, 'code_challenge_malformed'],
    ['of the base64 alphabet', { code_challenge: `${challenge.slice(1)}+` }, 'code_challenge_malformed'],
  ]
  for (const client of ['app', 'spa']) {
    for (const [name, change, reason] of refused) {
      test(`${client}: ${name} → invalid_request at the client, with its state`, async () => {
        const { server, events } = await makeProvider()
        const response = await approve(server, { ...good, client_id: client, ...change })
        assert.equal(response.status, 303)
        assert.equal(redirected(response).get('error'), 'invalid_request')
        assert.equal(redirected(response).get('state'), 's')
        assert.equal(redirected(response).get('code'), null)
        assert.equal(lastReason({ events }), reason)
      })
    }
  }

  test('a confidential client may be allowed to do without, a public one never', async () => {
    const { server } = await makeProvider({}, { client: { allowMissingPkce: true } })
    const plain = { response_type: 'code', scope: 'read' }
    assert.ok(redirected(await approve(server, { ...plain, client_id: 'app' })).has('code'))
    assert.equal(redirected(await approve(server, { ...plain, client_id: 'spa' })).get('error'), 'invalid_request')
  })
})

describe('The verifier (RFC 7636 §4.5, §4.6)', () => {
  const refused: readonly [name: string, verifier: string | undefined, reason: string][] = [
    ['missing', undefined, 'code_verifier_missing'],
    ['empty', '', 'code_verifier_missing'],
    ['of another request', pkce().verifier, 'code_verifier_wrong'],
    ['the challenge itself', challenge, 'code_verifier_wrong'],
    ['42 characters', 'x'.repeat(42), 'code_verifier_wrong'],
    ['129 characters', 'x'.repeat(129), 'code_verifier_wrong'],
    ['not ASCII', 'é'.repeat(43), 'code_verifier_wrong'],
  ]
  for (const [name, wrong, reason] of refused) {
    test(`${name} → invalid_grant, and the code is spent`, async () => {
      const { server, app, events } = await makeProvider()
      const { code, code_verifier } = await obtainCode(server)
      const grant = { grant_type: 'authorization_code', code }
      const response = await server.createTokenResponse(
        form(wrong === undefined ? grant : { ...grant, code_verifier: wrong }, app),
      )
      assert.equal(response.status, 400)
      assert.equal(body(response)['error'], 'invalid_grant')
      assert.equal(lastReason({ events }), reason)
      const again = await server.createTokenResponse(form({ ...grant, code_verifier }, app))
      assert.equal(body(again)['error'], 'invalid_grant')
    })
  }

  test('right → a token', async () => {
    const { server, app } = await makeProvider()
    const code = redirected(await approve(server, good)).get('code') ?? ''
    const response = await server.createTokenResponse(
      form({ grant_type: 'authorization_code', code, code_verifier: verifier }, app),
    )
    assert.equal(response.status, 200)
  })

  test('sent for a code without challenge → invalid_grant (RFC 9700 §4.8.2)', async () => {
    const { server, app, events } = await makeProvider({}, { client: { allowMissingPkce: true } })
    const code = redirected(await approve(server, { response_type: 'code', client_id: 'app' })).get('code') ?? ''
    const response = await server.createTokenResponse(
      form({ grant_type: 'authorization_code', code, code_verifier: verifier }, app),
    )
    assert.equal(body(response)['error'], 'invalid_grant')
    assert.equal(lastReason({ events }), 'code_verifier_unexpected')
  })

  test('plain, by name of the client only', async () => {
    const { server, app } = await makeProvider({}, { client: { legacyPlainPkce: true } })
    const methods: readonly Readonly<Record<string, string>>[] = [{ code_challenge_method: 'plain' }, {}]
    for (const method of methods) {
      const response = await approve(server, {
        response_type: 'code',
        client_id: 'app',
        code_challenge: verifier,
        ...method,
      })
      const code = redirected(response).get('code') ?? ''
      const wrong = await server.createTokenResponse(
        form({ grant_type: 'authorization_code', code, code_verifier: pkce().verifier }, app),
      )
      assert.equal(body(wrong)['error'], 'invalid_grant')
      const second = redirected(
        await approve(server, { response_type: 'code', client_id: 'app', code_challenge: verifier, ...method }),
      ).get('code')
      const right = await server.createTokenResponse(
        form({ grant_type: 'authorization_code', code: second ?? '', code_verifier: verifier }, app),
      )
      assert.equal(right.status, 200)
    }
  })
})
