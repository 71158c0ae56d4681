import fc from 'fast-check'
import type { CodeRow, Store } from 'grantry'
import { MemoryStore } from 'grantry/storage/memory'
import { SqliteStore } from 'grantry/storage/sqlite'
import { commandLists, compareAll, type Real } from './lifecycle-commands.ts'
import { limits, Model } from './lifecycle-model.ts'
import { makeClient, makeServer } from '../packages/grantry/src/testing/sample-provider.ts'
import { interceptStore } from '../packages/grantry/src/testing/intercept-store.ts'

/** What runs against the reference gave. */
export interface LifecycleFigures {
  readonly runs: number
  readonly commands: number
  /** The smallest list of commands that goes wrong, with the seed and the path that make it again; undefined where none does. */
  readonly failure: string | undefined
}

const maxCommands = 60

const makeReal = async (store: Store, now: number, counts: Real['counts']): Promise<Real> => {
  const steady = await makeClient(store, 'steady', 'never')
  const rotating = await makeClient(store, 'rotating', 'always')
  const clock = { now }
  const server = makeServer(store, {
    codeExpiresIn: limits.code,
    tokenExpiresIn: limits.access,
    refreshTokenExpiresIn: limits.refresh,
    refreshTokenFamilyExpiresIn: limits.family,
    refreshTokenGrace: limits.grace,
    refreshTokenMaxReplays: limits.maxReplays,
    now: () => clock.now,
  })
  return { server, clients: { steady, rotating }, clock, counts }
}

/** Runs lists of commands against a server and the reference; `wrap` makes a store that does not keep its contract. */
const runCommands = async (
  open: () => Store,
  numRuns: number,
  wrap: (store: Store) => Store = (store) => store,
): Promise<LifecycleFigures> => {
  const counts = { commands: 0 }
  const property = fc.asyncProperty(commandLists(maxCommands), async (commands) => {
    const store = open()
    try {
      const model = new Model()
      const real = await makeReal(wrap(store), model.now, counts)
      await fc.asyncModelRun(() => ({ model, real }), commands)
      await compareAll(model, real)
    } finally {
      if (store instanceof SqliteStore) store.close()
    }
  })
  const details = await fc.check(property, { numRuns, seed: numRuns })
  const failure = details.failed ? await fc.asyncDefaultReportMessage(details) : undefined
  return { runs: details.numRuns, commands: counts.commands, failure }
}

/** Over a `MemoryStore`. */
export const memoryLifecycles = (runs: number): Promise<LifecycleFigures> => runCommands(() => new MemoryStore(), runs)

/** Over a `SqliteStore` in memory. */
export const sqliteLifecycles = (runs: number): Promise<LifecycleFigures> =>
  runCommands(() => new SqliteStore(':memory:'), runs)

/** Gives a code again as if it were unused. */
const respending = (store: Store): Store => {
  const consumed = new Map<unknown, CodeRow>()
  return interceptStore(store, async ({ name, arguments: [digest], run }) => {
    if (name !== 'consumeCode') return run()
    const outcome = consumed.get(digest) ?? (await run())
    if (typeof outcome === 'object') consumed.set(digest, outcome as CodeRow) // an object by its contract
    return outcome
  })
}

/** Says that a family is revoked and lets it live. */
const unrevoking = (store: Store): Store =>
  interceptStore(store, ({ name, run }) => (name === 'revokeGrant' ? undefined : run()))

/** Says that all was granted, whatever was. */
const widening = (store: Store): Store =>
  interceptStore(store, async ({ name, run }) => {
    const outcome = await run()
    if (name !== 'findRefreshToken' || typeof outcome !== 'object') return outcome
    return { ...outcome, scopes: ['read', 'write'] }
  })

/** Forgets that a reused refresh token is to end its family. */
const unalarmed = (store: Store): Store =>
  interceptStore(store, ({ name, arguments: [given], run }) =>
    name === 'rotateRefreshToken'
      ? store.rotateRefreshToken({ ...(given as Parameters<Store['rotateRefreshToken']>[0]), revokesOnReuse: false })
      : run(),
  )

/** Stores that do not keep their contract: each must make a failure. */
export const wrongLifecycles = async (runs: number): Promise<Readonly<Record<string, LifecycleFigures>>> => {
  const open = (): Store => new MemoryStore()
  return {
    'a refresh token says more than was granted': await runCommands(open, runs, widening),
    'a code works twice': await runCommands(open, runs, respending),
    'a family outlives its revocation': await runCommands(open, runs, unrevoking),
    'reuse does not end the family': await runCommands(open, runs, unalarmed),
  }
}
