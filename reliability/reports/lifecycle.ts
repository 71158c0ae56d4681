import { memoryLifecycles, sqliteLifecycles, wrongLifecycles } from '../lifecycle.ts'
import { count, exactly, none, type Experiment, type Report } from '../report.ts'

const run = async (): Promise<Report> => {
  const memory = await memoryLifecycles(2000)
  const sqlite = await sqliteLifecycles(2000)
  const control = Object.values(await wrongLifecycles(300))
  const failures = [memory, sqlite].map(({ failure }) => failure).filter((failure) => failure !== undefined)
  for (const failure of failures) console.error(failure)
  return {
    title: 'Life cycles against a reference',
    method:
      'Lists of up to 60 commands run against a server and against a reference of 130 lines: approve, redeem (by the right or another client, late, again), ' +
      'refresh (all or fewer scopes, too many, superseded tokens within and after the grace), revoke, let time pass. Every answer and the state ' +
      'of every token must be what the reference says: a code gives one answer, what was acknowledged is active until it ends, nothing of a ' +
      'revoked family is, and scope never grows.',
    rows: [
      exactly('runs over `MemoryStore`', memory.runs, 2000),
      exactly('runs over `SqliteStore`', sqlite.runs, 2000),
      count('commands', memory.commands + sqlite.commands),
      none('stores with a difference', failures.length),
    ],
    control:
      'Four stores: one gives a code twice, one forgets to revoke a family, one forgets what follows from reuse, one says that more was granted.',
    controlRows: [exactly('stores found', control.filter(({ failure }) => failure !== undefined).length, 4)],
  }
}

/** Lists of commands against a reference. */
export const lifecycle: Experiment = { name: 'lifecycle', needsPostgres: false, run }
