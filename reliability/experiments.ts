import { crashEverywhere, crashSavesFirst } from './crash.ts'
import { injectFaults } from './faults.ts'
import { killLateServer, killServer } from './kill.ts'
import { memoryLifecycles, sqliteLifecycles, wrongLifecycles } from './lifecycle.ts'
import { checkThenWriteHistories, memoryHistories, sqliteHistories } from './linearizability.ts'

/** One figure with its target. */
export interface Row {
  readonly figure: string
  readonly value: number | string
  readonly target: string
  readonly isMet: boolean
}

/** What one experiment gave. */
export interface Report {
  readonly title: string
  /** What was done. */
  readonly method: string
  readonly rows: readonly Row[]
  /** What was made wrong on purpose. */
  readonly control: string
  /** Figures of the wrong variant; the target is that it is seen. */
  readonly controlRows: readonly Row[]
}

/** An experiment in its long form. */
export type Experiment = () => Promise<Report>

const count = (figure: string, value: number): Row => ({ figure, value, target: '', isMet: true })
const none = (figure: string, value: number): Row => ({ figure, value, target: '0', isMet: value === 0 })
const some = (figure: string, value: number): Row => ({ figure, value, target: '> 0', isMet: value > 0 })
const exactly = (figure: string, value: number, target: number): Row => ({
  ...{ figure, value, target: target.toLocaleString('en'), isMet: value === target },
})

const kill: Experiment = async () => {
  const figures = await killServer(40)
  const late = await killLateServer(3)
  const p95 = Math.round(figures.restartP95Ms)
  return {
    title: 'kill -9 while tokens are issued',
    method:
      '`grantry-server start` runs in a process of its own on SQLite, with opaque tokens. Eight workers get tokens for themselves, codes (one of five ' +
      'through the login and consent pages, the others written to the database), redeem them once or twice at the same time, rotate refresh tokens and ' +
      'revoke; a journal keeps every answer of success. In their midst SIGKILL ends the process, a few milliseconds after an answer that chance chooses. ' +
      'A new process on the same folder is asked for everything in the journal: tokens are active or revoked as acknowledged, codes give no second ' +
      'answer, and the newest refresh token of each client works and has one successor.',
    rows: [
      exactly('kills', figures.kills, 40),
      count('acknowledged answers', figures.acknowledged),
      count('codes through the pages', figures.codesOfPages),
      none('acknowledged and lost', figures.lost),
      none('revoked and alive again', figures.revived),
      none('codes or refresh tokens spent twice', figures.doubles),
      none('good requests refused before the kill', figures.refused),
      count('answers lost with the process, good at the second request', figures.recovered),
      count('restart, median in ms', Math.round(figures.restartP50Ms)),
      { figure: 'restart, 95th percentile in ms', value: p95, target: '< 1000', isMet: p95 < 1000 },
    ],
    control: 'A server that answers at once and writes new tokens and the use of codes every second; 3 kills.',
    controlRows: [some('acknowledged and lost', late.lost), some('codes or refresh tokens spent twice', late.doubles)],
  }
}

const crash: Experiment = async () => {
  const figures = await crashEverywhere()
  const control = await crashSavesFirst()
  const flows = Object.entries(figures.calls).map(([flow, calls]) => `${flow} ${calls}`)
  return {
    title: 'A crash at every storage call',
    method:
      'A process serves one request over a `SqliteStore` and ends itself by SIGKILL before, right at or right after the n-th store call, for every n. Then ' +
      'the file is opened and the client repeats the request: a code gives tokens once in total (where its answer was lost it may be spent, and the user approves again), a refresh repeated within the grace gives one ' +
      `successor, a revocation holds, and no row is without its family. Store calls by flow: ${flows.join(', ')}.`,
    rows: [count('points', figures.points), none('violations', figures.violations.length)],
    control: 'A validator that saves the tokens before it takes the code.',
    controlRows: [some('points with a double', control.violations.length)],
  }
}

const faults: Experiment = async () => {
  const { cases, answers, withoutRetryAfter, violations } = await injectFaults()
  const control = await injectFaults(true)
  return {
    title: 'Storage faults',
    method:
      'Over a `MemoryStore` and a `SqliteStore`, the n-th store call of a request throws, rejects, acts and then rejects, returns undefined, or hangs until ' +
      'its driver gives up, for every n of every flow. The answer must be a 5xx, or a success that holds: its tokens are active, its revocation ' +
      'is done. A failure is never called `invalid_grant` or an inactive token, and no live token belongs to a code that is still good. Undefined is also what ' +
      'most methods return for what is not there or always, and no caller can tell the two apart: there a refusal, or the answer for what is not there, is right. ' +
      'The server sets no limit of its own to a call that hangs: that is the task of the driver.',
    rows: [
      count('cases', cases),
      count('answered 503', answers['503']),
      count('answered 500', answers['500']),
      count('refused, where undefined means "not there"', answers.refusal),
      count('answered with success', answers.success),
      none('503 without `Retry-After`', withoutRetryAfter),
      none('violations', violations.length),
    ],
    control: 'A store whose failed save is reported as done.',
    controlRows: [some('violations', control.violations.length)],
  }
}

const histories: Experiment = async () => {
  const memory = await memoryHistories(10_000)
  const sqlite = await sqliteHistories(10_000)
  const control = await checkThenWriteHistories(1000)
  return {
    title: 'Single use under concurrency',
    method:
      'Four to eight calls meet on one family: redemptions of its code or rotations of its refresh token, saves of tokens, a revocation. On a `MemoryStore` chance says when ' +
      'each call runs; on SQLite two threads with a connection each meet at a barrier for every history. When each call began and ended is recorded, and an ' +
      'exhaustive checker looks for an order of the calls, one after the other, that explains all results by the contract of `Store` (linearizability).',
    rows: [
      exactly('histories of `MemoryStore`', memory.histories, 10_000),
      exactly('histories of `SqliteStore`', sqlite.histories, 10_000),
      count('calls', memory.operations + sqlite.operations),
      count('histories whose calls overlap', memory.overlapping + sqlite.overlapping),
      none('histories that no order explains', memory.violations + sqlite.violations),
    ],
    control: 'A store that looks first and writes later; 1,000 histories.',
    controlRows: [some('histories that no order explains', control.violations)],
  }
}

const lifecycle: Experiment = async () => {
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

/** All experiments in their long form. */
export const experiments: readonly Experiment[] = [kill, crash, faults, histories, lifecycle]
