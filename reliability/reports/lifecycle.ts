import {
  memoryLifecycles,
  postgresLifecycles,
  sqliteLifecycles,
  wrongLifecycles,
  type LifecycleFigures,
} from '../lifecycle.ts'
import { whyNoPostgres } from '../postgres-bench.ts'
import { count, exactly, none, type Experiment, type Report, type Row } from '../report.ts'

const rowsOf = (name: string, { runs, commands, failure }: LifecycleFigures, target: number): readonly Row[] => {
  if (failure !== undefined) console.error(failure)
  return [
    exactly(`runs over \`${name}\``, runs, target),
    count(`commands over \`${name}\``, commands),
    none(`differences over \`${name}\``, failure === undefined ? 0 : 1),
  ]
}

const run = async (): Promise<Report> => {
  const rows = [
    ...rowsOf('MemoryStore', await memoryLifecycles(2000), 2000),
    ...rowsOf('SqliteStore', await sqliteLifecycles(2000), 2000),
    ...(whyNoPostgres === undefined ? rowsOf('PostgresStore', await postgresLifecycles(200), 200) : []),
  ]
  const control = Object.entries(await wrongLifecycles(300))
  return {
    title: 'Life cycles against a reference',
    method:
      'Lists of up to 60 commands run against a server, whose access tokens are opaque or JWTs, and against a reference of 150 lines: approve as one of two users, redeem (by the right or another client, ' +
      'late, again), refresh (all or fewer scopes, too many, superseded tokens within and after the grace), revoke, let time pass, delete a client with its families and bring it back without them, ' +
      'end all families of a user, rotate the signing key, clean up, and restart (the file is opened again; on PostgreSQL the other one of two pools goes on). Two lists at a time run on one ' +
      'database, each in a realm of its own with clients and users of the same names. Every answer and the state of every token must be what the reference says: a code gives one answer, what was ' +
      'acknowledged is active until it ends, nothing of a revoked family is, scope never grows, and a restart, a new key and clean-up change nothing.',
    rows,
    control: `Stores of which one thing is wrong: ${control.map(([wrong]) => wrong).join(', ')}.`,
    controlRows: [
      exactly('stores found', control.filter(([, { failure }]) => failure !== undefined).length, control.length),
    ],
  }
}

/** Lists of commands against a reference. */
export const lifecycle: Experiment = { name: 'lifecycle', needsPostgres: false, run }
