import { execFileSync } from 'node:child_process'
import { symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { PostgresStore } from 'grantry/storage/postgres'
import { SqliteStore } from 'grantry/storage/sqlite'
import { fillDisk, type DiskFullBench, type DiskFullFigures } from './disk-full.ts'
import { realNode, wrongNode, type NodeProgram } from './node-process.ts'
import { durable, withPostgres, type PostgresBench } from './postgres-bench.ts'
import { makeSmallDisk, type SmallDisk } from './small-disk.ts'

const orphansOf = (schema: string): string =>
  ['access_token', 'refresh_token', 'code']
    .map(
      (name) => `${schema}${name} AS row WHERE grant_id IS NOT NULL
      AND NOT EXISTS (SELECT 1 FROM ${schema}"grant" AS family WHERE family.id = row.grant_id)`,
    )
    .map((from) => `(SELECT count(*) FROM ${from})`)
    .join(' + ')

const isUp = async (): Promise<boolean> => true
const nothing = async (): Promise<void> => undefined

const onSqlite = async (programOf: (folder: string) => NodeProgram, cycles: number): Promise<DiskFullFigures> => {
  const disk = makeSmallDisk(40)
  const path = join(disk.folder, 'grantry.db')
  const store = new SqliteStore(path)
  const ask = (sql: string): unknown => {
    const database = new DatabaseSync(path)
    const [value] = Object.values(database.prepare(sql).get() ?? {})
    database.close()
    return value
  }
  try {
    return await fillDisk(
      {
        ...{ program: programOf(disk.folder), store, disk, press: isUp, mend: nothing, canRead: true },
        orphans: async () => Number(ask(`SELECT ${orphansOf('')}`)),
        damages: () => (ask('PRAGMA integrity_check') === 'ok' ? 0 : 1),
      },
      cycles,
    )
  } finally {
    store.close()
    disk.remove()
  }
}

/** Fills the disk of a SQLite file under `grantry-server`. */
export const fillSqliteDisk = (cycles: number): Promise<DiskFullFigures> =>
  onSqlite((data) => realNode({ data, tokenFormat: 'opaque' }), cycles)

/** The same under a server that calls failed saves done: it must lose tokens, or the experiment sees nothing. */
export const fillCarelessDisk = (): Promise<DiskFullFigures> =>
  onSqlite((folder) => wrongNode('careless-server.ts', folder), 1)

const ownerOfPostgres = process.getuid?.() === 0 ? 65534 : undefined

const onPostgres = (
  mebibytes: number,
  settings: Readonly<Record<string, string>>,
  prepare: (bench: PostgresBench, disk: SmallDisk) => Promise<Pick<DiskFullBench, 'press' | 'mend' | 'canRead'>>,
  cycles: number,
): Promise<DiskFullFigures> =>
  withPostgres({ ...durable, ...settings }, async (bench) => {
    const disk = makeSmallDisk(mebibytes, ownerOfPostgres)
    try {
      const phase = await prepare(bench, disk)
      const pool = bench.openPool(2)
      const orphans = async (): Promise<number> =>
        Number((await pool.query<{ n: string }>(`SELECT ${orphansOf('grantry.')} AS n`)).rows[0]?.n)
      const program = realNode({
        data: join(bench.server.connection.host, 'keys'),
        database: bench.url,
        tokenFormat: 'opaque',
      })
      return await fillDisk(
        { ...phase, program, store: new PostgresStore(pool), disk, orphans, damages: () => 0 },
        cycles,
      )
    } finally {
      await bench.server.stop('SIGQUIT')
      disk.remove()
    }
  })

/** Fills the disk of the tables of a PostgreSQL under `grantry-server`. */
export const fillPostgresTables = (cycles: number): Promise<DiskFullFigures> =>
  onPostgres(
    24,
    {},
    async ({ openPool }, { folder }) => {
      const pool = openPool(1)
      await pool.query(`CREATE TABLESPACE small LOCATION '${folder}'`)
      for (const kind of ['TABLE', 'INDEX'])
        await pool.query(`ALTER ${kind} ALL IN TABLESPACE pg_default SET TABLESPACE small`)
      return { press: isUp, mend: nothing, canRead: true }
    },
    cycles,
  )

/** Fills the disk of its log of writes (WAL): PostgreSQL ends itself then, and an operator starts it again. */
export const fillPostgresLog = (cycles: number): Promise<DiskFullFigures> =>
  onPostgres(
    100,
    { max_wal_size: '32MB', min_wal_size: '32MB', wal_recycle: 'off' },
    async ({ server, openPool }, { folder }) => {
      const log = join(server.connection.host, 'data', 'pg_wal')
      await server.stop()
      execFileSync('mv', [log, join(folder, 'pg_wal')])
      symlinkSync(join(folder, 'pg_wal'), log)
      await server.start()
      const pool = openPool(1)
      return {
        canRead: false,
        // Asks for another segment of the log.
        press: () => pool.query('SELECT pg_switch_wal()').then(isUp, async () => false),
        mend: async () => {
          await server.stop('SIGQUIT')
          await server.start()
        },
      }
    },
    cycles,
  )
