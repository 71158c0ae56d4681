import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Store } from 'grantry'
import { PostgresStore } from 'grantry/storage/postgres'
import { ClockClient, times } from './clock-client.ts'
import { startClockNode, startOwnNode, type ClockNode, type MovableClock } from './clock-node.ts'
import { member } from './kill-client.ts'
import { durable, withPostgres } from './postgres-bench.ts'
import { makeClient } from '../packages/grantry/src/testing/sample-provider.ts'

/** What two nodes gave whose clocks differ. */
export interface DifferenceFigures {
  /** Refresh requests that were repeated at the other node at once. */
  readonly repeated: number
  /** Those of them that were taken for theft. */
  readonly alarms: number
  /** Codes that were approved at one node and redeemed at the other at once, and those of them that were refused. */
  readonly codes: number
  readonly refused: number
  /** Tokens of one node that were asked for at the other at once, and those of them that were inactive there. */
  readonly tokens: number
  readonly inactive: number
  /** Tokens that were revoked at one node and are active at the other. */
  readonly revived: number
}

const start = 1_800_000_000
const amount = 10

interface Side {
  readonly node: ClockNode
  readonly client: ClockClient
}

/** Everything from one node to the other. */
const across = async (here: Side, there: Side): Promise<DifferenceFigures> => {
  const now = (): number => here.node.clock.now
  const codes = await times(amount, () => here.client.newCode(now()))
  const answers = await Promise.all(codes.map((code) => there.client.redeem(code)))
  const held = await times(amount, () => here.client.hold(now()))
  const tokens = held.flatMap(({ access, refresh }) => [access, refresh])
  const inactive = tokens.length - (await there.client.active(tokens))
  const before = there.node.alarms()
  for (const { refresh } of held) {
    const first = await here.client.refresh(refresh)
    const second = await there.client.refresh(refresh)
    if (second.status === 200 && member(first, 'refresh_token') !== member(second, 'refresh_token'))
      throw new Error('A refresh token has two successors.')
  }
  const alarms = there.node.alarms() - before
  const ended = await times(amount, () => here.client.hold(now()))
  for (const { refresh } of ended) await here.client.revoke(refresh)
  const revived = await there.client.active(ended.flatMap(({ access, refresh }) => [access, refresh]))
  const refused = answers.filter(({ status }) => status !== 200).length
  return { repeated: held.length, alarms, codes: codes.length, refused, tokens: tokens.length, inactive, revived }
}

const bothWays = async (nodes: readonly [ClockNode, ClockNode], store: Store): Promise<DifferenceFigures> => {
  const credentials = await makeClient(store, 'app', 'always')
  const sides = nodes.map((node) => ({ node, client: new ClockClient(node.url, credentials, store) }))
  const [a, b] = sides as [Side, Side] // as many as there are nodes
  const [there, back] = [await across(a, b), await across(b, a)]
  const names = Object.keys(there) as (keyof DifferenceFigures)[] // Object.keys widens the names
  return Object.fromEntries(names.map((name) => [name, there[name] + back[name]])) as unknown as DifferenceFigures // of all its names
}

type StartNode = (
  clock: MovableClock,
  place: { readonly url: string; readonly data: string; readonly store: Store },
) => Promise<ClockNode>

const run = (seconds: number, startNode: StartNode): Promise<DifferenceFigures> =>
  withPostgres(durable, async ({ url, openPool }) => {
    const data = mkdtempSync(join(tmpdir(), 'grantry-clock-'))
    const store = new PostgresStore(openPool())
    const nodes: ClockNode[] = []
    try {
      for (const now of [start, start + seconds]) nodes.push(await startNode({ now }, { url, data, store }))
      return await bothWays(nodes as [ClockNode, ClockNode], store) // as many as there are clocks
    } finally {
      await Promise.all(nodes.map((node) => node.close()))
      rmSync(data, { recursive: true })
    }
  })

/** Two nodes on one PostgreSQL whose clocks differ by so many seconds. */
export const differByClock = (seconds: number): Promise<DifferenceFigures> =>
  run(seconds, (clock, { url, data }) => startClockNode({ data, database: url, tokenFormat: 'jwt' }, clock))

/** The same for nodes without a grace: they must take a repeated refresh for theft. */
export const differWithoutGrace = (seconds: number): Promise<DifferenceFigures> =>
  run(seconds, (clock, { store }) => startOwnNode(store, clock, { refreshTokenGrace: 0 }))
