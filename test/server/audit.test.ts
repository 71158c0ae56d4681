/** Audit events: which records are one, what is in them, and that they are there before the answer. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { LogRecord } from 'grantry-server'
import {
  auditEventOf,
  auditTypeOf,
  type AuditChoice,
  type AuditEvent,
} from '../../packages/server/src/audit/audit-event.ts'
import { auditTable } from '../../packages/server/src/audit/audit-table.ts'
import { AuditWriter } from '../../packages/server/src/audit/audit-writer.ts'
import { openSqlite } from '../../packages/server/src/database/sqlite.ts'
import { startOpenId } from './openid-fixture.ts'

const choice: AuditChoice = { auditTokens: false, auditOmit: [] }
const event = (record: LogRecord, change: Partial<AuditChoice> = {}) => auditEventOf(record, { ...choice, ...change })

describe('which records are events', () => {
  const rows: [record: LogRecord, type: string | undefined][] = [
    [{ type: 'login.accepted' }, 'login.accepted'],
    [{ type: 'refresh_token.rotation', outcome: 'reused' }, 'refresh_token.reused'],
    [{ type: 'refresh_token.rotation', outcome: 'rotated' }, undefined],
    [{ type: 'request.refused', reason: 'code_reused' }, 'code.reused'],
    [{ type: 'request.refused', reason: 'device_code_reused' }, 'code.reused'],
    [{ type: 'request.refused', reason: 'client_secret_wrong' }, 'client.refused'],
    [{ type: 'request.refused', reason: 'client_assertion_replayed' }, 'client.refused'],
    [{ type: 'request.refused', reason: 'parameter_missing' }, undefined],
    [{ type: 'admin.user_created' }, 'admin.user_created'],
    [{ type: 'request.answered' }, undefined],
    [{ type: 'constructor' }, undefined],
  ]
  for (const [record, type] of rows)
    test(`${JSON.stringify(record)} -> ${type ?? 'none'}`, () => assert.equal(auditTypeOf(record), type))

  test('tokens and codes -> only where that is asked for', () => {
    for (const type of ['token.issued', 'authorization.granted']) {
      assert.equal(event({ type }), undefined)
      assert.equal(event({ type }, { auditTokens: true })?.type, type)
    }
  })
})

describe('what is in an event', () => {
  const full = { userId: 'u', clientId: 'c', requestId: 'r', traceId: 't', address: '192.0.2.1' }
  const rows: [name: string, record: LogRecord, change: Partial<AuditChoice>, expected: object][] = [
    [
      'who, what and where',
      { type: 'consent.given', ...full, scopes: ['read'], time: 1, other: 'x' },
      {},
      { ...full, type: 'consent.given', version: 1, actor: { kind: 'user', id: 'u' }, details: { scopes: ['read'] } },
    ],
    [
      'the actor that the record names',
      { type: 'session.ended', userId: 'u', actor: { kind: 'admin', id: 'eve' } },
      {},
      { type: 'session.ended', version: 1, userId: 'u', actor: { kind: 'admin', id: 'eve' }, details: {} },
    ],
    [
      'all members of what an operator did',
      { type: 'admin.scope_added', actor: { kind: 'admin', id: 'eve' }, scope: 'read', from: { a: 1 } },
      {},
      {
        ...{ type: 'admin.scope_added', version: 1, actor: { kind: 'admin', id: 'eve' } },
        details: { scope: 'read', from: { a: 1 } },
      },
    ],
    [
      'a client of the file',
      { type: 'client.deleted', clientId: 'c', source: 'file' },
      {},
      { type: 'client.deleted', version: 1, clientId: 'c', actor: { kind: 'server' }, details: { source: 'file' } },
    ],
    [
      'nothing of what a stranger calls himself',
      { type: 'request.refused', reason: 'client_unknown', clientId: 'c', endpoint: 'token' },
      {},
      {
        ...{ type: 'client.refused', version: 1, actor: { kind: 'unknown' } },
        details: { endpoint: 'token', reason: 'client_unknown' },
      },
    ],
    [
      'no personal data',
      { type: 'login.accepted', ...full, amr: ['pwd'] },
      { auditOmit: ['address', 'userId'] },
      {
        ...{ type: 'login.accepted', version: 1, clientId: 'c', requestId: 'r', traceId: 't' },
        ...{ actor: { kind: 'user' }, details: { amr: ['pwd'] } },
      },
    ],
    [
      'text that a database takes',
      { type: 'logout', userId: 'a\0b', clientId: '\ud800', requestId: 'x'.repeat(999) },
      {},
      {
        ...{ type: 'logout', version: 1, userId: 'a\ufffdb', clientId: '\ufffd', requestId: 'x'.repeat(256) },
        ...{ actor: { kind: 'user', id: 'a\ufffdb' }, details: {} },
      },
    ],
    [
      'nothing that looks like a secret',
      { type: 'admin.x', actor: { kind: 'admin', id: 'eve' }, password: 'hunter2', note: 'aB3_'.repeat(11) },
      {},
      {
        ...{ type: 'admin.x', version: 1, actor: { kind: 'admin', id: 'eve' } },
        details: { password: '(hidden)', note: '(hidden)' },
      },
    ],
  ]
  for (const [name, record, change, expected] of rows)
    test(name, () => assert.deepEqual(event(record, change), expected))

  test('every type has a version, and says what it is', () => {
    for (const [type, { version, about }] of Object.entries(auditTable))
      assert.ok(version >= 1 && about.endsWith('.'), type)
  })
})

/** A store whose writes the test answers. */
const heldStore = () => {
  const calls: { readonly events: readonly AuditEvent[]; settle(error?: Error): void }[] = []
  let told: () => void = () => undefined
  const add = (events: readonly AuditEvent[]): Promise<void> =>
    new Promise((resolve, reject) => {
      calls.push({ events, settle: (error) => (error === undefined ? resolve() : reject(error)) })
      told()
    })
  const called = (count: number): Promise<void> =>
    new Promise((resolve) => {
      told = () => calls.length >= count && resolve()
      told()
    })
  return { add, calls, called }
}

describe('AuditWriter', () => {
  const startWriter = () => {
    const store = heldStore()
    const records: LogRecord[] = []
    const log = (record: LogRecord): void => void records.push(record)
    const writer = new AuditWriter(store, { ...choice, now: () => 1, log, isSent: false, everyMs: 60_000 })
    return { store, records, writer }
  }

  test('a change is awaited, an attempt is not; what comes while one is written is in the next batch', async () => {
    const { store, writer } = startWriter()
    assert.equal(writer.take({ type: 'login.refused' }), undefined)
    const first = writer.take({ type: 'login.accepted' })
    await store.called(1)
    const second = writer.take({ type: 'logout' })
    const third = writer.take({ type: 'password.changed' })
    store.calls[0]?.settle()
    await first
    await store.called(2)
    store.calls[1]?.settle()
    await Promise.all([second, third])
    assert.deepEqual(
      store.calls.map(({ events }) => events.map(({ type }) => type)),
      [
        ['login.refused', 'login.accepted'],
        ['logout', 'password.changed'],
      ],
    )
    await writer.stop()
  })

  test('the database fails -> the answer goes on, and the event is written with the next', async () => {
    const { store, records, writer } = startWriter()
    const first = writer.take({ type: 'login.accepted' })
    await store.called(1)
    store.calls[0]?.settle(new Error('away'))
    await first
    assert.deepEqual(
      records.map(({ type }) => type),
      ['audit.failed'],
    )
    const stopped = writer.stop()
    await store.called(2)
    assert.deepEqual(store.calls[1]?.events, store.calls[0]?.events)
    store.calls[1]?.settle()
    await stopped
  })

  test('strangers make more than there is room for -> it is told how many were lost; changes are kept', async () => {
    const { store, records, writer } = startWriter()
    for (let count = 0; count < 10_005; count++) void writer.take({ type: 'login.refused' })
    const change = writer.take({ type: 'login.accepted' })
    await store.called(1)
    const [call] = store.calls
    assert.equal(call?.events.length, 10_001)
    call.settle()
    await change
    assert.deepEqual(records, [{ type: 'audit.lost', lost: 5 }])
    await writer.stop()
  })
})

test('a journey -> its events are in the database when the answers are there', async () => {
  const openid = await startOpenId({ auditOmit: ['traceId'] })
  const data = openSqlite(openid.data, { create: false })
  const list = async () => (await data.audit.list({ limit: 100 })).events
  const newest = async (): Promise<AuditEvent> => (await list())[0] ?? assert.fail('there is none')
  const { username, password } = openid
  const { id: userId } = (await data.accounts.find(username)) ?? assert.fail()
  const browser = await openid.loggedIn()
  const login = await newest()
  assert.match(login.requestId ?? '', /^[\w-]{36}$/)
  assert.match(login.address ?? '', /^(?:127\.0\.0\.1|::1)$/)
  const { id, at, requestId, address, ...rest } = login
  assert.ok(id && at && requestId && address)
  const actor = { kind: 'user', id: userId }
  assert.deepEqual(rest, { type: 'login.accepted', version: 1, actor, userId, details: { amr: ['pwd'] } })

  const answer = await browser.clickThrough(openid.path({ scope: 'openid read' }), username, password)
  const consent = await newest()
  assert.deepEqual(
    [consent.type, consent.clientId, consent.details],
    ['consent.given', 'app', { scopes: ['openid', 'read'] }],
  )
  await openid.redeem(answer)
  assert.equal((await list()).length, 2, 'a token is no event')
  await openid.redeem(answer)
  const reused = await newest()
  assert.deepEqual([reused.type, reused.actor], ['code.reused', { kind: 'client', id: 'app' }])
  await browser.submit(await browser.get('/logout'), 'logout')
  assert.equal((await newest()).type, 'logout')
  await openid.server.close()
  await data.close()
})

test('--audit-days 0 -> nothing is kept', async () => {
  const openid = await startOpenId({ auditDays: 0 })
  await openid.loggedIn()
  await openid.server.close()
  const data = openSqlite(openid.data, { create: false })
  assert.deepEqual((await data.audit.list({ limit: 1 })).events, [])
  await data.close()
})
