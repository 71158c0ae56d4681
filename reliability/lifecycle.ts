import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import type { Store } from 'grantry'
import { MemoryStore } from 'grantry/storage/memory'
import { PostgresStore } from 'grantry/storage/postgres'
import { SqliteStore } from 'grantry/storage/sqlite'
import { commandLists, compareAll } from './lifecycle-commands.ts'
import { Model } from './lifecycle-model.ts'
import { Real, type LifecycleBackend, type TokenFormat } from './lifecycle-provider.ts'
import { withPostgres } from './postgres-bench.ts'
import { wrongStores } from './lifecycle-wrong-stores.ts'

/** What runs against the reference gave. */
export interface LifecycleFigures {
  readonly runs: number
  readonly commands: number
  /** The smallest lists of commands that go wrong, with the seed and the path that make them again; undefined where none do. */
  readonly failure: string | undefined
}

const maxCommands = 60
/** Runs at the same time, each in a realm of its own. */
const realmsAtOnce = 2

type Commands = Iterable<fc.AsyncCommand<Model, Real>>

/** Everything has ended when this settles, whatever went wrong. */
const allOf = async (runs: readonly Promise<void>[]): Promise<void> => {
  const failed = (await Promise.allSettled(runs)).find((result) => result.status === 'rejected')
  if (failed !== undefined) throw failed.reason
}

/** Runs lists of commands against a server and the reference; `wrap` makes a store that does not keep its contract. */
const runCommands = async (
  backend: LifecycleBackend,
  runs: number,
  wrap: (store: Store) => Store = (store) => store,
): Promise<LifecycleFigures> => {
  const counts = { commands: 0 }
  let realms = 0
  const runOne = async (commands: Commands, format: TokenFormat): Promise<void> => {
    const model = new Model()
    const options = { now: model.now, format, counts }
    const real = await Real.make({ backend, realm: `realm${realms++}`, wrap }, options)
    try {
      await fc.asyncModelRun(() => ({ model, real }), commands)
      await compareAll(model, real)
    } finally {
      real.close()
    }
  }
  const lists = fc.array(commandLists(maxCommands), { minLength: realmsAtOnce, maxLength: realmsAtOnce })
  const formats = fc.constantFrom<TokenFormat>('opaque', 'jwt')
  const property = fc.asyncProperty(lists, formats, (each, format) =>
    allOf(each.map((commands) => runOne(commands, format))),
  )
  const numRuns = Math.ceil(runs / realmsAtOnce)
  const details = await fc.check(property, { numRuns, seed: runs })
  const failure = details.failed ? await fc.asyncDefaultReportMessage(details) : undefined
  return { runs: details.numRuns * realmsAtOnce, commands: counts.commands, failure }
}

const memoryBackend = (): LifecycleBackend => {
  const stores = new Map<string, Store>()
  const open = (realm: string): Store => {
    const store = stores.get(realm) ?? new MemoryStore()
    stores.set(realm, store)
    return store
  }
  return { open, close: () => undefined }
}

/** Over a `MemoryStore`, which a restart leaves. */
export const memoryLifecycles = (runs: number): Promise<LifecycleFigures> => runCommands(memoryBackend(), runs)

/** Over one SQLite file with all realms, which a restart opens again. */
export const sqliteLifecycles = async (runs: number): Promise<LifecycleFigures> => {
  const folder = mkdtempSync(join(tmpdir(), 'grantry-lifecycles-'))
  try {
    const open = (realm: string): Store => new SqliteStore(join(folder, 'grantry.db'), { realm })
    return await runCommands({ open, close: (store) => store instanceof SqliteStore && store.close() }, runs)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** Over one PostgreSQL with all realms; a restart goes on over the other one of two pools. */
export const postgresLifecycles = (runs: number): Promise<LifecycleFigures> =>
  withPostgres({}, ({ openPool }) => {
    const pools = [openPool(), openPool()] as const
    let opened = 0
    const open = (realm: string): Store => new PostgresStore(pools[opened++ % 2] ?? pools[0], { realm })
    return runCommands({ open, close: () => undefined }, runs)
  })

/** Stores that do not keep their contract: each must make a failure. */
export const wrongLifecycles = async (runs: number): Promise<Readonly<Record<string, LifecycleFigures>>> => {
  const all: { [wrong: string]: LifecycleFigures } = {}
  for (const [wrong, wrap] of Object.entries(wrongStores)) all[wrong] = await runCommands(memoryBackend(), runs, wrap)
  return all
}
