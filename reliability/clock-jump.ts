import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ClockGuard, type Store } from 'grantry'
import { MemoryStore } from 'grantry/storage/memory'
import { PostgresStore } from 'grantry/storage/postgres'
import { SqliteStore } from 'grantry/storage/sqlite'
import { ClockClient, times, type Held } from './clock-client.ts'
import { datingStore, startClockNode, startOwnNode, type ClockNode, type ClockPlace } from './clock-node.ts'
import { durable, withPostgres } from './postgres-bench.ts'
import { makeClient } from '../packages/grantry/src/testing/sample-provider.ts'

/** What a clock gave that was wrong for a while. */
export interface JumpFigures {
  /** Tokens, codes and refresh tokens that had ended for good before the jump. */
  readonly ended: number
  /** Those of them that worked while the clock was wrong, or after it was right again. */
  readonly revived: number
  /** Expired access tokens that are live while the clock is behind. */
  readonly unexpired: number
  /** Good tokens and codes before the jump. */
  readonly live: number
  /** Those of them that were over while the clock was wrong. */
  readonly early: number
  /** Those of them that were over for good. */
  readonly lost: number
  /** Refresh requests that were repeated after the jump within the grace by the right clock. */
  readonly repeated: number
  /** Those of them that were taken for theft. */
  readonly alarms: number
}

const start = 1_800_000_000
const amount = 5
/** Longer than an access token lives. */
const agingSeconds = 700

/** How the clock jumps. */
interface Jump {
  readonly seconds: number
  /** Whether clean-up believes the clock at once. */
  readonly trustsClock: boolean
}

/** What there is before the jump. */
interface Before {
  readonly expired: readonly string[]
  /** Access tokens and refresh tokens that were revoked, by themselves or with their family. */
  readonly revoked: readonly string[]
  readonly usedCodes: readonly string[]
  readonly liveAccess: readonly string[]
  readonly liveRefresh: readonly string[]
  readonly newCodes: readonly string[]
  /** Rotated once; the answer was lost. */
  readonly interrupted: readonly string[]
}

/** Codes whose second use must not end what is examined belong to families that are revoked anyway. */
const prepare = async (client: ClockClient, { clock }: ClockNode): Promise<Before> => {
  const hold = (): Promise<Held> => client.hold(clock.now)
  const expired = (await times(amount, hold)).map(({ access }) => access)
  clock.now += agingSeconds
  const endedFamilies = await times(amount, hold)
  for (const { refresh } of endedFamilies) await client.revoke(refresh)
  const halfEnded = await times(amount, hold)
  const ownEnded = await times(amount, () => client.own())
  for (const token of [...halfEnded.map(({ access }) => access), ...ownEnded]) await client.revoke(token)
  const live = await times(amount, hold)
  const own = await times(amount, () => client.own())
  const newCodes = await times(amount, () => client.newCode(clock.now))
  const interrupted = (await times(amount, hold)).map(({ refresh }) => refresh)
  for (const token of interrupted) await client.refresh(token)
  return {
    ...{ expired, newCodes, interrupted },
    revoked: [
      ...endedFamilies.flatMap(({ access, refresh }) => [access, refresh]),
      ...halfEnded.map(({ access }) => access),
      ...ownEnded,
    ],
    usedCodes: endedFamilies.map(({ code }) => code),
    liveAccess: [...own, ...live.map(({ access }) => access)],
    liveRefresh: live.map(({ refresh }) => refresh),
  }
}

const answered = async (requests: readonly Promise<{ readonly status: number }>[]): Promise<number> =>
  (await Promise.all(requests)).filter(({ status }) => status === 200).length

/** How much of what has ended for good works now. */
const revivedNow = async (client: ClockClient, { revoked, usedCodes }: Before): Promise<number> =>
  (await client.active(revoked)) + (await answered(usedCodes.map((code) => client.redeem(code))))

const liveOf = ({ liveAccess, liveRefresh }: Before): readonly string[] => [...liveAccess, ...liveRefresh]

const jump = async (
  client: ClockClient,
  node: ClockNode,
  store: Store,
  { seconds, trustsClock }: Jump,
): Promise<JumpFigures> => {
  const before = await prepare(client, node)
  const { clock } = node
  const live = liveOf(before)
  const guard = new ClockGuard(
    () => clock.now,
    () => 0, // no time passes: all that follows is the jump
  )
  clock.now += seconds
  const revivedThen = await revivedNow(client, before)
  const unexpired = await client.active(before.expired)
  const early = live.length - (await client.active(live))
  const alarmsBefore = node.alarms()
  await Promise.all(before.interrupted.map((token) => client.refresh(token)))
  const alarms = node.alarms() - alarmsBefore
  if (trustsClock || guard.isSteady()) await store.sweep(clock.now, 10_000) // as the server does every minute
  clock.now -= seconds
  const revivedAfter = await revivedNow(client, before)
  const served = await answered([
    ...before.newCodes.map((code) => client.redeem(code)),
    ...before.liveRefresh.map((token) => client.refresh(token)),
  ])
  const good = before.newCodes.length + live.length
  const lost = good - (await client.active(before.liveAccess)) - served
  return {
    ...{ ended: before.revoked.length + before.usedCodes.length, revived: revivedThen + revivedAfter, unexpired },
    ...{ live: good, early, lost, repeated: before.interrupted.length, alarms },
  }
}

const jumpOf = async (node: ClockNode, store: Store, jumped: Jump): Promise<JumpFigures> => {
  try {
    const credentials = await makeClient(store, 'app', 'always')
    return await jump(new ClockClient(node.url, credentials, store), node, store, jumped)
  } finally {
    await node.close()
  }
}

const jumpOn = async (place: ClockPlace, store: Store, jumped: Jump): Promise<JumpFigures> =>
  jumpOf(await startClockNode(place, { now: start }), store, jumped)

/** Which server. */
export interface JumpOptions {
  readonly backend: 'SQLite' | 'PostgreSQL'
  readonly tokenFormat: 'opaque' | 'jwt'
  /** Whether clean-up believes the clock at once, which is wrong. */
  readonly trustsClock?: boolean | undefined
}

/** Moves the clock of a server by so many seconds for a while, in which it serves and cleans up. */
export const jumpClock = async (
  seconds: number,
  { backend, tokenFormat, trustsClock = false }: JumpOptions,
): Promise<JumpFigures> => {
  const jumped = { seconds, trustsClock }
  const data = mkdtempSync(join(tmpdir(), 'grantry-clock-'))
  try {
    if (backend === 'PostgreSQL')
      return await withPostgres(durable, ({ url, openPool }) =>
        jumpOn({ data, database: url, tokenFormat }, new PostgresStore(openPool()), jumped),
      )
    const store = new SqliteStore(join(data, 'grantry.db'))
    try {
      return await jumpOn({ data, tokenFormat }, store, jumped)
    } finally {
      store.close()
    }
  } finally {
    rmSync(data, { recursive: true })
  }
}

/** The same for a store that takes a revocation for one from its time on: set back, it must revive what was revoked. */
export const jumpWrongClock = async (seconds: number): Promise<JumpFigures> => {
  const clock = { now: start }
  const store = new MemoryStore()
  return jumpOf(await startOwnNode(datingStore(store, clock), clock, {}), store, { seconds, trustsClock: false })
}
