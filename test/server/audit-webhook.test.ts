/** Audit events reach a webhook: signed as Standard Webhooks has it, at least once, whatever fails. */
import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import type { LogRecord, ServerOptions } from 'grantry-server'
import { startAuditDelivery } from '../../packages/server/src/audit/audit-delivery.ts'
import type { AuditEvent } from '../../packages/server/src/audit/audit-event.ts'
import { AuditWriter } from '../../packages/server/src/audit/audit-writer.ts'
import { openSqlite } from '../../packages/server/src/database/sqlite.ts'
import { StartError } from '../../packages/server/src/errors.ts'
import { resolveSettings } from '../../packages/server/src/settings.ts'
import { grantryServer } from './command.ts'
import { startOpenId } from './openid-fixture.ts'
import { startReceiver, type Posted } from './receiver.ts'

const folder = mkdtempSync(join(tmpdir(), 'grantry-webhook-'))
after(() => rmSync(folder, { recursive: true }))

const key = Buffer.alloc(32, 7)
const otherKey = Buffer.alloc(24, 9)
const secretOf = (bytes: Buffer): string => `whsec_${bytes.toString('base64')}`
const allowPrivateHosts = ['127.0.0.1']

/** The signatures that a receiver would compare (Standard Webhooks, "Signature scheme"). */
const signatures = ({ headers, body }: Pick<Posted, 'headers' | 'body'>, ...keys: Buffer[]): string =>
  keys
    .map((each) =>
      createHmac('sha256', each).update([headers['webhook-id'], headers['webhook-timestamp'], body].join('.')),
    )
    .map((hmac) => `v1,${hmac.digest('base64')}`)
    .join(' ')

const eventsIn = ({ body }: Pick<Posted, 'body'>): readonly AuditEvent[] =>
  (JSON.parse(body) as { data: { events: AuditEvent[] } }).data.events

const clock = { now: 1_800_000_000 }

/** A node with a writer and a delivery of its own, on a database that others may have open as well. */
const startNode = (name: string, url: string) => {
  const data = openSqlite(join(folder, name), { create: true })
  const records: LogRecord[] = []
  let told: () => void = () => undefined
  const log = (record: LogRecord): void => {
    records.push(record)
    told()
  }
  /** Resolves when so many records are there. */
  const logged = (count: number): Promise<void> =>
    new Promise((resolve) => {
      told = () => records.length >= count && resolve()
      told()
    })
  const options = { now: () => clock.now, log, auditTokens: false, auditOmit: [] }
  const writer = new AuditWriter(data.audit, { ...options, isSent: true })
  const where = {
    auditWebhook: url,
    auditWebhookSecrets: [secretOf(key), secretOf(otherKey)],
    outbound: { allowPrivateHosts },
  }
  const deliver = () => startAuditDelivery(data.audit, { ...options, ...where, everyMs: 5 })
  const alive = setInterval(() => undefined, 1000) // the timers of a node do not keep a process alive
  const close = async (): Promise<void> => {
    clearInterval(alive)
    await writer.stop()
    await data.close()
  }
  return { data, records, logged, writer, deliver, close }
}

test('a message: typed, timed, signed by each key, with its events in order', async () => {
  const receiver = await startReceiver()
  const node = startNode('message', receiver.url)
  void node.writer.take({ type: 'login.refused', address: '192.0.2.1' })
  await node.writer.take({ type: 'login.accepted', userId: 'ann' })
  const delivery = node.deliver()
  const message = await receiver.message(0)
  await delivery.stop()
  const { headers, body } = message
  assert.equal(headers['content-type'], 'application/json')
  assert.match(String(headers['webhook-id']), /^msg_[\w-]{27}$/)
  assert.equal(headers['webhook-timestamp'], String(clock.now))
  assert.equal(headers['webhook-signature'], signatures(message, key, otherKey))
  const { type, timestamp } = JSON.parse(body) as Record<string, unknown>
  assert.deepEqual([type, timestamp], ['audit.events', '2027-01-15T08:00:00.000Z'])
  const stored = (await node.data.audit.list({ limit: 9 })).events.toReversed()
  assert.deepEqual(eventsIn(message), stored)
  assert.deepEqual(
    stored.map((event) => event.type),
    ['login.refused', 'login.accepted'],
  )
  assert.deepEqual(node.records, [{ type: 'audit.delivered', events: 2 }])
  await node.close()
})

test('it fails -> the same message again, later and later, also from another node', async () => {
  const receiver = await startReceiver()
  receiver.answers.push(500, 302)
  const [first, second] = [startNode('again', receiver.url), startNode('again', receiver.url)]
  await first.writer.take({ type: 'login.accepted', userId: 'ann' })
  const delivery = first.deliver()
  await receiver.message(0)
  await delivery.stop()
  await first.close()
  const [failed] = first.records
  assert.deepEqual([failed?.type, failed?.['attempt']], ['audit.delivery_failed', 1])
  clock.now += 4
  const other = second.deliver()
  clock.now += 1
  await second.logged(1)
  clock.now += 30
  await second.logged(2)
  await other.stop()
  await second.close()
  const [one, two, three] = receiver.posted
  assert.deepEqual(
    [one?.headers['webhook-id'], two?.headers['webhook-id']],
    Array(2).fill(three?.headers['webhook-id']),
  )
  assert.notEqual(one?.headers['webhook-timestamp'], three?.headers['webhook-timestamp'])
  assert.deepEqual(
    second.records.map(({ type }) => type),
    ['audit.delivery_failed', 'audit.delivered'],
  )
  assert.equal(receiver.posted.length, 3)
})

test('many -> messages of a hundred, each event once', async () => {
  const receiver = await startReceiver()
  const node = startNode('many', receiver.url)
  for (let count = 0; count < 249; count++) void node.writer.take({ type: 'login.refused' })
  await node.writer.take({ type: 'login.accepted' })
  const delivery = node.deliver()
  await receiver.message(2)
  await delivery.stop()
  assert.deepEqual(
    receiver.posted.map((message) => eventsIn(message).length),
    [100, 100, 50],
  )
  assert.equal(new Set(receiver.posted.flatMap(eventsIn).map(({ id }) => id)).size, 250)
  await node.close()
})

test('a server and its commands -> the receiver has what each of them did, without what is left out', async () => {
  const receiver = await startReceiver()
  const webhook = { auditWebhook: receiver.url, auditWebhookSecrets: [secretOf(key)], allowPrivateHosts }
  const openid = await startOpenId({ ...webhook, auditDays: 0, auditOmit: ['address'], now: undefined })
  await openid.loggedIn()
  const env = {
    ...{ GRANTRY_AUDIT_WEBHOOK: receiver.url, GRANTRY_AUDIT_WEBHOOK_SECRETS: secretOf(key) },
    ...{ GRANTRY_ALLOW_PRIVATE_HOSTS: '127.0.0.1', GRANTRY_DATA: openid.data },
  }
  const commands = [
    ['client', 'create', '--id', 'web'],
    ['keys', 'rotate', '--algorithm', 'ES256'],
  ]
  const ended = await Promise.all(commands.map((args) => grantryServer(args, env).ended))
  for (const { code, stderr } of ended) assert.deepEqual([code, stderr], [0, ''])
  const seen = (): AuditEvent[] => receiver.posted.flatMap(eventsIn)
  for (let index = 0; seen().length < 3; index++) await receiver.message(index)
  const byType = new Map(seen().map((event) => [event.type, event]))
  assert.deepEqual([...byType.keys()].toSorted(), ['client.created', 'keys.rotated', 'login.accepted'])
  assert.ok(seen().every((event) => !('address' in event)))
  assert.deepEqual(byType.get('client.created')?.actor, { kind: 'command' })
  assert.equal(byType.get('client.created')?.clientId, 'web')
  assert.equal(byType.get('keys.rotated')?.details['algorithm'], 'ES256')
  for (const { headers, body } of receiver.posted)
    assert.equal(headers['webhook-signature'], signatures({ headers, body }, key))
})

describe('settings that cannot work', () => {
  const good = { auditWebhook: 'https://siem.example/hook', auditWebhookSecrets: [secretOf(key)] }
  const rows: [name: string, change: ServerOptions, message: RegExp | undefined][] = [
    ['none', {}, undefined],
    ['no secret', { auditWebhookSecrets: [] }, /needs GRANTRY_AUDIT_WEBHOOK_SECRETS: .*openssl rand/],
    ['a short one', { auditWebhookSecrets: [secretOf(Buffer.alloc(23))] }, /24 to 64 bytes/],
    ['one of two is none', { auditWebhookSecrets: [secretOf(key), 'hunter2'] }, /^(?!.*hunter2).*24 to 64 bytes/],
    ['http', { auditWebhook: 'http://siem.example/' }, /--audit-webhook must be an https URL .*--allow-private-host/],
    ['http where it may be', { auditWebhook: 'http://siem.corp/', allowPrivateHosts: ['siem.corp'] }, undefined],
    ['credentials in the URL', { auditWebhook: 'https://a:b@siem.example/' }, /without credentials/],
    ['no URL', { auditWebhook: 'siem' }, /must be an https URL/],
    [
      'a member that there is not',
      { auditOmit: ['name' as 'userId'] },
      /--audit-omit must be of address, .*not "name"/,
    ],
    ['too many days', { auditDays: 4000 }, /--audit-days/],
  ]
  for (const [name, change, message] of rows)
    test(`${name} -> ${message === undefined ? 'taken' : 'refused'}`, () => {
      const resolve = (): unknown => resolveSettings({ ...good, ...change })
      if (message === undefined) resolve()
      else assert.throws(resolve, (thrown) => thrown instanceof StartError && message.test(thrown.message))
    })
})
