import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { registerClient } from 'grantry'
import type { AuditEvent } from '../packages/server/src/audit/audit-event.ts'
import { openData, type Data } from '../packages/server/src/data.ts'
import { startAuditReceiver, type AuditReceiver } from './audit-receiver.ts'
import { seeded } from './chance.ts'
import { realNode, startNode, type NodeProcess, type NodeProgram } from './node-process.ts'
import { durable, until, withPostgres } from './postgres-bench.ts'

/** What killing a server that keeps audit events gave. */
export interface AuditFigures {
  readonly kills: number
  /** Tokens whose revocation was acknowledged. */
  readonly acknowledged: number
  /** Those of them without an event. */
  readonly lost: number
  /** Failed authentications that were answered. */
  readonly attempts: number
  /** Those of them without an event, which may be. */
  readonly attemptsLost: number
  /** Events in the database that the receiver never took. */
  readonly unsent: number
  /** Events that it took more than once, which may be. */
  readonly sentAgain: number
}

/** Ids of the requests that were answered. */
interface Journal {
  readonly revoked: string[]
  readonly attempted: string[]
}

interface Bench {
  readonly program: NodeProgram
  readonly receiver: AuditReceiver
  readonly data: Data
  readonly random: () => number
  readonly authorization: string
}

const workers = 6

const post = (url: string, fields: Readonly<Record<string, string>>, authorization: string): Promise<Response> =>
  fetch(url, { method: 'POST', body: new URLSearchParams(fields), headers: { authorization } })

const requestIdOf = async (response: Response): Promise<string> => {
  await response.text()
  return response.headers.get('x-request-id') ?? ''
}

/** Gets a token, revokes it, and fails to authenticate, again and again until the server is gone. */
const work = async (url: string, { authorization }: Bench, journal: Journal, onRevoked: () => void): Promise<void> => {
  try {
    for (;;) {
      const issued = await post(`${url}/token`, { grant_type: 'client_credentials' }, authorization)
      const { access_token: token } = (await issued.json()) as { access_token: string }
      const revoked = await post(`${url}/revoke`, { token }, authorization)
      if (revoked.status === 200) journal.revoked.push(await requestIdOf(revoked))
      const refused = await post(`${url}/token`, { grant_type: 'client_credentials' }, `Basic ${btoa('app:wrong')}`)
      if (refused.status === 401) journal.attempted.push(await requestIdOf(refused))
      onRevoked()
    }
  } catch (thrown) {
    if (!(thrown instanceof TypeError)) throw thrown // fetch says by a TypeError that the connection broke
  }
}

/** Kills a server after so many answers. */
const killOnce = async (bench: Bench, journal: Journal): Promise<void> => {
  const node: NodeProcess = await startNode(bench.program)
  let left = 10 + Math.floor(bench.random() * 40)
  let killed: Promise<unknown> | undefined
  const onRevoked = (): void => {
    if (--left <= 0) killed ??= node.end('SIGKILL')
  }
  await Promise.all(Array.from({ length: workers }, () => work(node.url, bench, journal, onRevoked)))
  await killed
}

const allEvents = async ({ audit }: Data): Promise<readonly AuditEvent[]> => {
  const all: AuditEvent[] = []
  for (let before: string | undefined; ;) {
    const { events, next } = await audit.list({ before, limit: 500 })
    all.push(...events)
    if (next === undefined) return all
    before = next
  }
}

const killAll = async (kills: number, bench: Bench): Promise<AuditFigures> => {
  const journal: Journal = { revoked: [], attempted: [] }
  for (let kill = 0; kill < kills; kill++) await killOnce(bench, journal)
  const events = await allEvents(bench.data)
  const kept = new Set(events.map(({ requestId }) => requestId))
  const { receiver } = bench
  receiver.behave()
  await bench.data.audit.claim(100_000, 0, 4_000_000_000) // what was put off is due now
  const unsent = (): number => events.filter(({ id }) => !receiver.taken.has(id)).length
  const last = await startNode(bench.program)
  await until('what is left is sent', async () => unsent() === 0).catch(() => undefined) // then they are counted
  await last.end('SIGTERM')
  return {
    ...{ kills, acknowledged: journal.revoked.length, attempts: journal.attempted.length, unsent: unsent() },
    lost: journal.revoked.filter((id) => !kept.has(id)).length,
    attemptsLost: journal.attempted.filter((id) => !kept.has(id)).length,
    sentAgain: [...receiver.taken.values()].filter((times) => times > 1).length,
  }
}

const withBench = async (
  folder: string,
  database: string | undefined,
  use: (bench: Bench) => Promise<AuditFigures>,
): Promise<AuditFigures> => {
  const random = seeded(7)
  const receiver = await startAuditReceiver(random)
  const config = join(folder, 'config.json')
  const secret = `whsec_${Buffer.alloc(32).toString('base64')}`
  writeFileSync(config, JSON.stringify({ auditWebhook: receiver.url, auditWebhookSecrets: [secret] }))
  const more = ['--config', config, '--allow-private-host', '127.0.0.1']
  const program = realNode({ data: folder, database, tokenFormat: 'jwt', more })
  const where = { data: folder, create: true, database, databaseWait: 5, databasePool: 2 }
  const data = await openData({ ...where, allowUnsafeDurability: true, log: () => undefined })
  try {
    const { secret: password = '' } = await registerClient(data.store, {
      id: 'app',
      grantTypes: ['client_credentials'],
      scopes: ['read'],
      defaultScopes: ['read'],
    })
    return await use({ program, receiver, data, random, authorization: `Basic ${btoa(`app:${password}`)}` })
  } finally {
    await data.close()
    receiver.close()
  }
}

/**
 * Kills the server of the command while clients revoke tokens and guess secrets, again and again, and a receiver of its audit events answers by
 * chance; then looks which answers have an event, and which events were taken.
 */
export const killAmongAuditEvents = async (kills: number, backend: 'SQLite' | 'PostgreSQL'): Promise<AuditFigures> => {
  const folder = mkdtempSync(join(tmpdir(), 'grantry-audit-'))
  const run = (database?: string): Promise<AuditFigures> =>
    withBench(folder, database, (bench) => killAll(kills, bench))
  try {
    return await (backend === 'SQLite' ? run() : withPostgres(durable, ({ url }) => run(url)))
  } finally {
    rmSync(folder, { recursive: true })
  }
}
