/** A real PostgreSQL for one test file, with two pools on it and the schema in place. */
import { after, before, describe } from 'node:test'
import type { Store } from 'grantry'
import pg from 'pg'
import { PostgresStore, migrate } from 'grantry/storage/postgres'
import { startPostgres, whyNoPostgres, type PostgresServer } from './postgres-server.ts'
import { accessRow, codeRow, digestOf, grantRow, refreshRow, rotationOf } from './rows.ts'

export let server: PostgresServer
export let pools: [pg.Pool, pg.Pool]

export const openPool = (more: pg.PoolConfig = {}): pg.Pool => {
  const pool = new pg.Pool({ ...server.connection, max: 8, statement_timeout: 15_000, ...more })
  pool.on('error', () => undefined) // idle connections that the server ended; the pool drops them
  return pool
}

let realms = 0
/** The realm of the stores made last. */
export let realm: string

/** Two views, over two pools, of a store that nobody else uses. */
export const freshStores = (): [PostgresStore, PostgresStore] => {
  realm = `realm${realms++}`
  return [new PostgresStore(pools[0], { realm }), new PostgresStore(pools[1], { realm })]
}

export const times = <Result>(count: number, run: (index: number) => Result | Promise<Result>): Promise<Result[]> =>
  Promise.all(Array.from({ length: count }, async (_, index) => run(index)))

/** Runs one after the other. */
export const rounds = async (count: number, run: (round: number) => Promise<void>): Promise<void> => {
  for (let round = 0; round < count; round++) await run(round)
}

export const countOf = async (sql: string, ...values: unknown[]): Promise<number> => {
  const { rows } = await pools[0].query<{ count: string }>(`SELECT count(*) FROM grantry.${sql}`, values)
  return Number(rows[0]?.count)
}

export const fill = async (store: Store): Promise<void> => {
  await store.putCode(codeRow('code', 'g'), grantRow('g'))
  await store.putTokens({ grantId: 'g', access: accessRow('access', 'g'), refresh: refreshRow('refresh', 'g') })
}

/** A rotation of the token `name` of the family `family`. */
export const rotationIn = (family: string, name: string, successor: string) => ({
  ...rotationOf(successor),
  digest: digestOf(name),
  successor: refreshRow(successor, family),
  access: accessRow(`access of ${successor}`, family),
})

if (whyNoPostgres !== undefined) console.log(`PostgresStore is not tested: ${whyNoPostgres}.`)

/** Tests that need the server: skipped, with the reason, where there is none. */
export const describePostgres = (name: string, tests: () => void): void => {
  describe(name, { skip: whyNoPostgres ?? false }, () => {
    before(async () => {
      server = await startPostgres()
      pools = [openPool(), openPool()]
      await migrate(pools[0])
    })
    after(async () => {
      await Promise.all(pools.map((pool) => pool.end()))
      await server.remove()
    })

    tests()
  })
}
