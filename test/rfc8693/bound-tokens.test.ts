/** Tokens that are bound to a key (RFC 9449), exchanged. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { lastReason } from '../support/provider.ts'
import { makeProver } from '../support/dpop.ts'
import { body, text } from '../support/requests.ts'
import { exchange, introspect, issuer, login, makeExchanger, start, subjectOf, type Format } from './fixture.ts'

const htu = `${issuer}/token`

for (const format of ['opaque', 'signed'] satisfies Format[]) {
  describe(`exchanges of bound tokens, ${format}`, () => {
    test('the new token is bound to the key of who asks', async () => {
      const exchanger = await makeExchanger({}, { format, dpop: true })
      const prover = await makeProver(exchanger.clock)
      const subject_token = await subjectOf(exchanger)
      const headers = { dpop: prover.proof({ htu }) }
      const response = await exchange(exchanger, { subject_token, scope: 'read' }, { headers })
      assert.equal(body(response)['token_type'], 'DPoP', response.body)
      assert.deepEqual((await introspect(exchanger, text(response, 'access_token')))['cnf'], { jkt: prover.jkt })
    })

    test('a bound token is exchanged with its key alone, unless the judge takes it from others', async () => {
      for (const allowsBoundToken of [false, true]) {
        const exchanger = await makeExchanger({ mayImpersonate: () => ({ allowsBoundToken }) }, { format, dpop: true })
        const [user, thief] = [await makeProver(exchanger.clock), await makeProver(exchanger.clock)]
        const subject_token = text(await login(exchanger, { dpop: user.proof({ htu }) }), 'access_token')
        const ask = (dpop: Record<string, string>) =>
          exchange(exchanger, { subject_token, scope: 'read' }, { headers: dpop })
        assert.equal((await ask({ dpop: user.proof({ htu }) })).status, 200)
        for (const headers of [{}, { dpop: thief.proof({ htu }) }] as Record<string, string>[]) {
          const response = await ask(headers)
          if (allowsBoundToken) assert.equal(response.status, 200, response.body)
          else
            assert.deepEqual(
              [body(response)['error'], lastReason(exchanger)],
              ['invalid_request', 'subject_token_invalid'],
            )
        }
      }
    })
  })
}

test('where the server looks at no proofs, a bound token cannot be exchanged', async () => {
  const exchanger = await makeExchanger({
    verifiers: {
      'urn:example:bound': () => ({
        ...{ claims: { cnf: { jkt: 'x' } }, user: { id: 'alice' }, clientId: undefined },
        ...{ scopes: ['read'], expiresAt: start + 60 },
      }),
    },
  })
  const response = await exchange(exchanger, { subject_token: 'x', subject_token_type: 'urn:example:bound' })
  assert.equal(body(response)['error'], 'invalid_request')
})
