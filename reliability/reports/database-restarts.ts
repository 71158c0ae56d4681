import { restartDatabase, restartLateDatabase, type Stop } from '../database-restarts.ts'
import { below, count, exactly, none, some, type Experiment, type Report } from '../report.ts'

const stops: readonly Stop[] = Array.from({ length: 5 }, () => ['fast', 'immediate', 'kill -9'] as const).flat()

const run = async (): Promise<Report> => {
  const figures = await restartDatabase(stops)
  const control = await restartLateDatabase(3)
  return {
    title: 'The database ends and comes back',
    method:
      'Eight workers are at a node whose PostgreSQL (fsync and synchronous_commit on) is ended and started again in their midst: 5 times fast (SIGINT), 5 times at once (SIGQUIT) and 5 times ' +
      'by SIGKILL of its first process. It comes back when every worker was told 503; they repeat until they are served. Only 503 with `Retry-After` or a success may be the answer, except for ' +
      'a code that was spent by a request that was answered 503: then the user approves again. The gap is the time from the moment at which the database is ready until the last worker is served.',
    rows: [
      exactly('restarts', figures.restarts, stops.length),
      count('acknowledged answers', figures.acknowledged),
      count('answered 503', figures.unavailable),
      none('503 without `Retry-After`', figures.withoutRetryAfter),
      none('connections that broke', figures.broken),
      none('other answers', figures.unexpected + figures.failed),
      none('acknowledged and lost', figures.lost),
      none('revoked and alive again', figures.revived),
      none('codes or refresh tokens spent twice', figures.doubles),
      count('codes that were spent by a request that was answered 503', figures.approvedAgain),
      below('longest gap', figures.longestGapMs, 1000),
      {
        figure: 'the process of the node is alive',
        value: figures.isAlive ? 'yes' : 'no',
        target: 'yes',
        isMet: figures.isAlive,
      },
    ],
    control:
      'PostgreSQL with `synchronous_commit=off`, accepted by `--allow-unsafe-durability`, and SIGKILL of all its processes, so that what it had not written is gone; 3 times.',
    controlRows: [
      some('acknowledged and lost', control.lost),
      some('codes or refresh tokens spent twice', control.doubles),
    ],
  }
}

/** Restarts of PostgreSQL. */
export const databaseRestarts: Experiment = { name: 'database-restarts', needsPostgres: true, run }
