/** OpenID Connect Back-Channel Logout §2.5 to §2.8: logout tokens reach clients, again and again until they do, and grants end with the session. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  ConfigurationError,
  StoreValidator,
  type EndsWithSession,
  type LogoutDelivery,
  type LogoutOutbox,
} from 'grantry'
import { MemoryStore } from 'grantry/storage/memory'
import { startOtherServer } from '../support/other-server.ts'
import { body, form } from '../support/requests.ts'
import { authorize, changeClient, codeFlow, makeOpenId, verified, type OpenIdProvider } from './provider.ts'

/** An outbox as the contract has it, for one process. */
class ListOutbox implements LogoutOutbox {
  readonly rows: { delivery: LogoutDelivery; dueAt: number }[] = []

  constructor(...deliveries: readonly LogoutDelivery[]) {
    this.rows = deliveries.map((delivery) => ({ delivery, dueAt: 0 }))
  }

  claim(limit: number, until: number, now: number): readonly LogoutDelivery[] {
    const due = this.rows.filter(({ dueAt }) => dueAt <= now).slice(0, limit)
    for (const row of due) row.dueAt = until
    return due.map(({ delivery }) => delivery)
  }

  finish(delivery: LogoutDelivery): void {
    this.rows.splice(this.#indexOf(delivery), 1)
  }

  retry(delivery: LogoutDelivery, at: number): void {
    const attempts = delivery.attempts + 1
    this.rows.splice(this.#indexOf(delivery), 1, { delivery: { ...delivery, attempts }, dueAt: at })
  }

  #indexOf(delivery: LogoutDelivery): number {
    return this.rows.findIndex((row) => row.delivery === delivery)
  }
}

/** A client that answers as the path says: `/200`, `/500`; `/hang` never does. */
const bodies: string[] = []
const client = await startOtherServer((request, response) => {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => {
    bodies.push(`${String(request.headers['content-type'])} ${Buffer.concat(chunks).toString()}`)
    if (request.url !== '/hang') response.writeHead(Number(request.url?.slice(1)), { location: '/200' }).end()
  })
})
const first: LogoutDelivery = { clientId: 'app', userId: 'alice', sessionId: 's-1', attempts: 0, claimedUntil: 0 }

const provider = async (path: string): Promise<OpenIdProvider> => {
  const timeoutMs = path === '/hang' ? 200 : 5000
  const made = await makeOpenId({}, {}, { outbound: { allowPrivateHosts: ['127.0.0.1'], timeoutMs } })
  await changeClient(made, { backchannelLogoutUri: client.origin + path })
  return made
}
const told = ({ events }: OpenIdProvider): readonly string[] =>
  events.flatMap((event) => (event.type.startsWith('logout.') ? [event.type] : []))

describe('delivery', () => {
  test('the client gets one logout token as a form, and nothing is left', async () => {
    const made = await provider('/200')
    const outbox = new ListOutbox(first)
    bodies.length = 0
    assert.equal(await made.server.deliverLogouts(outbox), 1)
    assert.deepEqual([outbox.rows, told(made), bodies.length], [[], ['logout.delivered'], 1])
    const [type = '', sent = ''] = bodies[0]?.split(' ') ?? []
    assert.equal(type, 'application/x-www-form-urlencoded')
    const fields = [...new URLSearchParams(sent)]
    assert.deepEqual(
      fields.map(([name]) => name),
      ['logout_token'],
    )
    const { claims } = await verified(made, fields[0]?.[1])
    assert.deepEqual([claims.sub, claims['sid'], 'nonce' in claims], ['alice', 's-1', false])
    assert.equal(await made.server.deliverLogouts(outbox), 0)
  })

  test('a pairwise client is told of the user under its own id', async () => {
    const made = await makeOpenId(
      { pairwiseSalt: 'p'.repeat(32) },
      {},
      { outbound: { allowPrivateHosts: ['127.0.0.1'] } },
    )
    await changeClient(made, {
      backchannelLogoutUri: `${client.origin}/204`,
      subjectType: 'pairwise',
      sectorIdentifier: 'app.example',
    })
    bodies.length = 0
    await made.server.deliverLogouts(new ListOutbox(first))
    const app = await made.store.findClient('app')
    const { claims } = await verified(made, new URLSearchParams(bodies[0]?.split(' ')[1]).get('logout_token'))
    assert.ok(app)
    assert.equal(claims.sub, made.server.subjectOf(app, 'alice'))
    assert.notEqual(claims.sub, 'alice')
  })

  const failing: [name: string, path: string][] = [
    ['500', '/500'],
    ['404', '/404'],
    ['a redirect, which is not followed', '/307'],
    ['no answer in time', '/hang'],
  ]
  for (const [name, path] of failing) {
    test(`${name} -> tried eight times within a day, later and later, then given up`, async () => {
      const made = await provider(path)
      const outbox = new ListOutbox(first)
      const start = made.clock.now
      const at: number[] = []
      while (outbox.rows.length > 0) {
        made.clock.now = Math.max(made.clock.now, outbox.rows[0]?.dueAt ?? 0)
        assert.equal(await made.server.deliverLogouts(outbox), 1)
        at.push(made.clock.now - start)
      }
      assert.deepEqual(at, [0, 10, 70, 370, 2170, 9370, 30_970, 74_170])
      const last = told(made).at(-1)
      assert.deepEqual([told(made).length, last], [8, 'logout.abandoned'])
    })
  }

  test('400 -> it understood and refuses: not tried again', async () => {
    const made = await provider('/400')
    const outbox = new ListOutbox(first)
    await made.server.deliverLogouts(outbox)
    assert.deepEqual([outbox.rows, told(made)], [[], ['logout.refused']])
  })

  test('each attempt has a logout token of its own', async () => {
    const made = await provider('/503')
    const outbox = new ListOutbox(first)
    bodies.length = 0
    await made.server.deliverLogouts(outbox)
    made.clock.now += 10
    await made.server.deliverLogouts(outbox)
    const ids = await Promise.all(
      bodies.map(
        async (sent) => (await verified(made, new URLSearchParams(sent.split(' ')[1]).get('logout_token'))).claims.jti,
      ),
    )
    assert.equal(new Set(ids).size, 2)
  })

  test('the client is gone, or wants to be told no more -> forgotten without a word', async () => {
    const made = await provider('/200')
    await changeClient(made, { backchannelLogoutUri: undefined })
    const outbox = new ListOutbox(first, { ...first, clientId: 'gone' })
    bodies.length = 0
    assert.equal(await made.server.deliverLogouts(outbox), 2)
    assert.deepEqual([outbox.rows, told(made), bodies], [[], [], []])
  })

  test('an address that is not public, and was not allowed -> not asked', async () => {
    const made = await makeOpenId()
    await changeClient(made, { backchannelLogoutUri: `${client.origin}/200` })
    bodies.length = 0
    await made.server.deliverLogouts(new ListOutbox(first))
    assert.deepEqual([bodies, told(made)], [[], ['logout.failed']])
  })

  test('one that hangs does not hold up the others of the same call', async () => {
    const made = await provider('/200')
    const app = await made.store.findClient('app')
    await made.store.putClient({ ...app, id: 'hangs', backchannelLogoutUri: `${client.origin}/hang` })
    const outbox = new ListOutbox({ ...first, clientId: 'hangs' }, first)
    await made.server.deliverLogouts(outbox)
    assert.deepEqual(
      outbox.rows.map(({ delivery }) => delivery.clientId),
      ['hangs'],
    )
  })

  test('no event holds a logout token', async () => {
    const made = await provider('/500')
    bodies.length = 0
    await made.server.deliverLogouts(new ListOutbox(first))
    const token = new URLSearchParams(bodies[0]?.split(' ')[1]).get('logout_token') ?? assert.fail()
    assert.ok(!JSON.stringify(made.events).includes(token.split('.')[2] ?? ''))
    assert.ok(!made.events.some((event) => String('cause' in event && event.cause).includes(token)))
  })
})

describe('grants that end with the session (§2.7)', () => {
  const rows: [rule: EndsWithSession, scope: string, isOver: boolean][] = [
    ['online', 'openid read', true],
    ['online', 'openid offline_access', false],
    ['online', 'read', false],
    ['all', 'openid offline_access', true],
    ['none', 'openid read', false],
  ]
  const makeWith = (endsWithSession: EndsWithSession) => makeOpenId({}, {}, {}, { endsWithSession })
  for (const [rule, scope, isOver] of rows) {
    test(`${rule}: a grant of "${scope}" ${isOver ? 'ends' : 'lives on'}`, async () => {
      const made = await makeWith(rule)
      const { access_token: access, refresh_token: refresh } = await codeFlow(made, { scope })
      const ended = await made.store.revokeGrants({ sessionId: 's-1' }, made.clock.now)
      assert.equal(ended, isOver ? 1 : 0)
      for (const token of [access, refresh]) {
        const shown = body(await made.server.createIntrospectionResponse(form({ token: String(token) }, made.app)))
        assert.equal(shown['active'], !isOver)
      }
    })
  }

  test('tokens straight from the authorization endpoint end as well', async () => {
    const made = await makeWith('online')
    const answer = await authorize(made, { response_type: 'id_token token' })
    const token = new URLSearchParams(new URL(answer.headers['Location'] ?? '').hash.slice(1)).get('access_token') ?? ''
    const active = async () => body(await made.server.createIntrospectionResponse(form({ token }, made.app)))['active']
    assert.equal(await active(), true)
    assert.equal(await made.store.revokeGrants({ sessionId: 's-1' }, made.clock.now), 1)
    assert.equal(await active(), false)
  })

  test('a rule that there is not -> ConfigurationError that names those there are', () => {
    const make = () => new StoreValidator(new MemoryStore(), { endsWithSession: 'sometimes' as EndsWithSession })
    assert.throws(make, (thrown) => thrown instanceof ConfigurationError && /online, all or none/.test(thrown.message))
  })
})
