import { checkThenWriteHistories, memoryHistories, postgresHistories, sqliteHistories } from '../linearizability.ts'
import { whyNoPostgres } from '../postgres-bench.ts'
import { subjects } from '../store-operations.ts'
import { count, exactly, none, type Experiment, type Report, type Row } from '../report.ts'

/** Four of five are about codes and refresh tokens. */
const amount = 12_500

const run = async (): Promise<Report> => {
  const backends = [
    ['MemoryStore', memoryHistories],
    ['SqliteStore', sqliteHistories],
    ...(whyNoPostgres === undefined ? ([['PostgresStore', postgresHistories]] as const) : []),
  ] as const
  const rows: Row[] = []
  for (const [name, histories] of backends) {
    const figures = await histories(amount)
    rows.push(
      exactly(`histories of \`${name}\``, figures.histories, amount),
      count(`calls of \`${name}\``, figures.operations),
      count(`histories of \`${name}\` whose calls overlap`, figures.overlapping),
      none(`histories of \`${name}\` that no order explains`, figures.violations),
    )
  }
  const control = await checkThenWriteHistories(1000)
  return {
    title: 'Single use under concurrency',
    method:
      'Four to eight calls meet on one thing. Four histories of five are about a family: redemptions of its code or rotations of its refresh token, saves of tokens, a revocation. ' +
      'The others are about a ticket that is approved, denied and consumed, a marker that is seen, or a lease that several want. On a `MemoryStore` chance says when each call runs; ' +
      'on SQLite two threads with a connection each meet at a barrier for every history; on PostgreSQL the calls go over two pools of connections, three histories at a time. When ' +
      'each call began and ended is recorded, and an exhaustive checker looks for an order of the calls, one after the other, that explains all results by the contract of `Store` (linearizability).',
    rows,
    control: 'A store that looks first and writes later; 1,000 histories.',
    controlRows: [
      count('histories that no order explains', control.violations),
      exactly('kinds of things that are seen to be wrong', control.violated.length, subjects.length),
    ],
  }
}

/** Linearizability of single use. */
export const histories: Experiment = { name: 'histories', needsPostgres: false, run }
