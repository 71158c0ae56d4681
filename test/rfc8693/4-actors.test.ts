/** RFC 8693 §4.1 and §4.4: who acts for whom, and who may. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { tokenTypes, type TokenExchangeOptions } from 'grantry'
import { lastReason } from '../support/provider.ts'
import { body, text } from '../support/requests.ts'
import {
  actorOf,
  exchange,
  introspect,
  issuer,
  makeExchanger,
  partner,
  partnerJwt,
  subjectOf,
  type Exchanger,
  type Format,
} from './fixture.ts'

const jwt = { subject_token_type: tokenTypes.jwt, scope: 'read' }
const own = { scope: 'read', actor_token_type: tokenTypes.accessToken }
const service = { sub: 'service', client_id: 'service' }

for (const format of ['opaque', 'signed'] satisfies Format[]) {
  describe(`act, in ${format} tokens`, () => {
    test('is who acts now, around who acted before; introspection says so, and an exchange without actor keeps it', async () => {
      const exchanger = await makeExchanger({}, { format })
      const actor_token = await actorOf(exchanger)
      const first = await exchange(exchanger, { ...own, subject_token: await subjectOf(exchanger), actor_token })
      const one = text(first, 'access_token')
      const seen = await introspect(exchanger, one)
      assert.deepEqual([seen['sub'], seen['act']], ['alice', service])
      const kept = await exchange(exchanger, { subject_token: one, scope: 'read' })
      assert.deepEqual((await introspect(exchanger, text(kept, 'access_token')))['act'], service)
      const byBob = { actor_token: partnerJwt(), actor_token_type: tokenTypes.jwt }
      const second = await exchange(exchanger, { ...own, subject_token: one, ...byBob })
      const two = await introspect(exchanger, text(second, 'access_token'))
      assert.equal(two['sub'], 'alice')
      assert.deepEqual(two['act'], { sub: 'bob', act: service })
    })
  })
}

describe('actors', () => {
  test('of the client itself, where the judge names it', async () => {
    const exchanger = await makeExchanger({ mayImpersonate: ({ client }) => ({ actor: { sub: client.id } }) })
    const act = { sub: 'before' }
    const mayImpersonate = partnerJwt({ scope: 'read', act })
    const response = await exchange(exchanger, { ...jwt, subject_token: mayImpersonate })
    assert.deepEqual((await introspect(exchanger, text(response, 'access_token')))['act'], { sub: 'service', act })
  })

  const nested = (depth: number): object => (depth === 1 ? { sub: 'a' } : { sub: 'a', act: nested(depth - 1) })
  const chains: [name: string, act: unknown, status: number][] = [
    ['9 before', nested(9), 200],
    ['10 before', nested(10), 400],
    ['a text', 'service', 400],
    ['a list', [{ sub: 'a' }], 400],
    ['null', null, 400],
    ['one behind which is a text', { sub: 'a', act: 'b' }, 400],
  ]
  for (const [name, act, status] of chains) {
    test(`a chain of ${name} → ${status}`, async () => {
      const exchanger = await makeExchanger()
      const actor = { actor_token: await actorOf(exchanger), actor_token_type: tokenTypes.accessToken }
      const response = await exchange(exchanger, {
        ...jwt,
        ...actor,
        subject_token: partnerJwt({ scope: 'read', act }),
      })
      assert.equal(response.status, status, response.body)
      if (status === 400)
        assert.deepEqual([body(response)['error'], lastReason(exchanger)], ['invalid_request', 'subject_token_invalid'])
    })
  }

  const badActors: [name: string, token: (exchanger: Exchanger) => string | Promise<string>, type: string][] = [
    ['that is unknown', () => 'x', tokenTypes.accessToken],
    ['by which somebody else acts', () => partnerJwt({ act: { sub: 'eve' } }), tokenTypes.jwt],
    ['that expired', () => partnerJwt({ exp: 1 }), tokenTypes.jwt],
    ['that is bound', () => partnerJwt({ cnf: { jkt: 'x' } }), tokenTypes.jwt],
    ['that is bound in an unknown way', () => partnerJwt({ cnf: { kid: 'x' } }), tokenTypes.jwt],
    [
      'of another client',
      async (exchanger) => actorOf({ ...exchanger, service: exchanger.app }),
      tokenTypes.accessToken,
    ],
  ]
  for (const [name, token, actor_token_type] of badActors) {
    test(`an actor token ${name} → invalid_request`, async () => {
      const exchanger = await makeExchanger()
      const subject_token = await subjectOf(exchanger)
      const actor_token = await token(exchanger)
      const response = await exchange(exchanger, { subject_token, scope: 'read', actor_token, actor_token_type })
      assert.deepEqual(
        [response.status, body(response)['error'], lastReason(exchanger)],
        [400, 'invalid_request', 'actor_token_invalid'],
      )
    })
  }
})

describe('may_act', () => {
  const actors: [name: string, mayAct: unknown, actor: 'service' | 'bob' | 'none', status: number][] = [
    ['the actor, by its sub and the same issuer', { sub: 'bob' }, 'bob', 200],
    ['the actor, by issuer and sub', { iss: partner, sub: 'bob' }, 'bob', 200],
    ['another sub', { sub: 'eve' }, 'bob', 400],
    ['the sub of the actor at another issuer', { iss: issuer, sub: 'bob' }, 'bob', 400],
    ['the sub of the actor, which is of another issuer', { sub: 'service' }, 'service', 400],
    ['the actor here', { iss: issuer, sub: 'service' }, 'service', 200],
    ['the client, which sends no actor token', { iss: issuer, client_id: 'service' }, 'none', 200],
    ['somebody, and the client sends no actor token', { sub: 'bob' }, 'none', 400],
    ['a member that the actor has not', { sub: 'bob', email: 'bob@partner.example' }, 'bob', 400],
    ['nobody', {}, 'bob', 400],
    ['an issuer alone', { iss: partner }, 'bob', 400],
    ['a text', 'bob', 'bob', 400],
    ['null', null, 'bob', 400],
  ]
  for (const [name, may_act, actor, status] of actors) {
    test(`names ${name} → ${status}`, async () => {
      const exchanger = await makeExchanger()
      const sent: Readonly<Record<string, string>> = {
        none: {},
        bob: { actor_token: partnerJwt(), actor_token_type: tokenTypes.jwt },
        service: { actor_token: await actorOf(exchanger), actor_token_type: tokenTypes.accessToken },
      }[actor]
      const subject_token = partnerJwt({ sub: 'alice', scope: 'read', may_act })
      const response = await exchange(exchanger, { ...jwt, subject_token, ...sent })
      assert.equal(response.status, status, response.body)
      if (status === 400)
        assert.deepEqual([body(response)['error'], lastReason(exchanger)], ['invalid_request', 'actor_not_named'])
      else assert.equal((await introspect(exchanger, text(response, 'access_token')))['may_act'], undefined)
    })
  }

  test('permits nothing by itself', async () => {
    const options: Partial<TokenExchangeOptions> = { mayDelegate: undefined }
    const exchanger = await makeExchanger(options)
    const subject_token = partnerJwt({ scope: 'read', may_act: { sub: 'bob' } })
    const actor = { actor_token: partnerJwt(), actor_token_type: tokenTypes.jwt }
    assert.equal(body(await exchange(exchanger, { ...jwt, subject_token, ...actor }))['error'], 'invalid_request')
    assert.equal(lastReason(exchanger), 'exchange_refused')
  })
})
