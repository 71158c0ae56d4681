import type { DiskFullFigures } from '../disk-full.ts'
import { fillCarelessDisk, fillPostgresLog, fillPostgresTables, fillSqliteDisk } from '../disk-full-databases.ts'
import { whyNoPostgres } from '../postgres-bench.ts'
import { below, count, none, some, type Experiment, type Report, type Row } from '../report.ts'
import { whyNoSmallDisk } from '../small-disk.ts'

const cycles = 5

const rowsOf = (what: string, figures: DiskFullFigures): readonly Row[] => [
  count(`${what}: acknowledged answers`, figures.acknowledged),
  count(`${what}: answers 503 with \`Retry-After\``, figures.unavailable),
  none(`${what}: other answers, reads refused while it is full`, figures.wrong + figures.readsRefused),
  none(`${what}: ends of the server`, figures.ends),
  none(`${what}: acknowledged and lost, or revoked and alive`, figures.lost + figures.revived),
  none(`${what}: codes or refresh tokens spent twice`, figures.doubles),
  none(`${what}: rows without their family, damages of the file`, figures.orphans + figures.damages),
  below(`${what}: from room to the first token, longest`, figures.longestRecoveryMs, 1000),
]

const postgresRows = async (): Promise<readonly Row[]> => {
  if (whyNoPostgres !== undefined) return [{ figure: 'PostgreSQL', value: whyNoPostgres, target: '', isMet: true }]
  const tables = await fillPostgresTables(cycles)
  const log = await fillPostgresLog(cycles)
  return [
    ...rowsOf('tables of PostgreSQL', tables),
    count('log of PostgreSQL: times that it ended itself', log.databaseCrashes),
    ...rowsOf('log of PostgreSQL', log),
  ]
}

const skipped = (why: string): Report => ({
  ...{ title: 'A full disk', method: `Not run: ${why}.`, rows: [], control: 'Not run.', controlRows: [] },
})

const run = async (): Promise<Report> => {
  if (whyNoSmallDisk !== undefined) return skipped(whyNoSmallDisk)
  const sqlite = await fillSqliteDisk(cycles)
  const careless = await fillCarelessDisk()
  return {
    title: 'A full disk',
    method:
      'The database is on a small file system in memory, which is filled to the last byte while eight clients get tokens, redeem codes, refresh and revoke at ' +
      `\`grantry-server start\`, and emptied again once 50 requests were refused; ${cycles} times each. Filled are the disk of a SQLite file, that of the tables of a PostgreSQL, and that ` +
      'of its log of writes (WAL), upon which PostgreSQL ends itself and is started again, from where time is measured then. Meanwhile introspection and metadata must be answered, but for ' +
      'the time without a database. In the end the server is killed, started again, and asked for everything that was acknowledged.',
    rows: [...rowsOf('SQLite', sqlite), ...(await postgresRows())],
    control: 'A server that calls saves done that failed.',
    controlRows: [some('acknowledged and lost', careless.lost)],
  }
}

/** A disk without room. */
export const diskFull: Experiment = { name: 'disk-full', needsPostgres: false, run }
