import { cleanUp, cleanUpAtOnce, onPostgres, onSqlite, type CleanUpFigures } from '../clean-up.ts'
import { above, count, none, type Experiment, type Report, type Row } from '../report.ts'

const rows = 500_000
const size = { rows, turns: 12, secondsPerTurn: 1 }
const limit = 1.5
/** Of the sweeper on PostgreSQL. */
const stepMs = 50

const rounded = (value: number): number => Math.round(value * 100) / 100

const rowsOf = (what: string, figures: CleanUpFigures): readonly Row[] => {
  for (const failure of figures.failures) console.error(failure)
  return [
    count(`${what}: p99 without clean-up in ms`, Math.round(figures.restingP99Ms)),
    count(`${what}: p99 beside it in ms`, Math.round(figures.sweepingP99Ms)),
    {
      ...{ figure: `${what}: the ratio, median of the turns`, value: rounded(figures.ratio) },
      ...{ target: `<= ${limit}`, isMet: figures.ratio <= limit },
    },
    count(`${what}: turns left out`, figures.disturbedTurns),
    count(`${what}: rows deleted in a second`, Math.round(figures.rowsPerSecond)),
    count(`${what}: longest pause of a node in ms`, Math.round(figures.longestPauseMs)),
    none(`${what}: deadlocks, failed clean-ups`, figures.deadlocks + figures.failures.length),
    none(`${what}: requests without their answer`, figures.wrong),
    none(`${what}: expired and left, or live and deleted`, figures.expiredLeft + Math.abs(figures.liveDeleted)),
  ]
}

const run = async (): Promise<Report> => {
  const sqlite = await cleanUp(onSqlite, size)
  const postgres = await cleanUp(onPostgres, size)
  const [atOnce, atOncePostgres] = [await cleanUpAtOnce(onSqlite, rows, 2), await cleanUpAtOnce(onPostgres, rows, 2)]
  const ratio = rounded(atOnce.ratio)
  return {
    title: 'Clean-up beside requests',
    method:
      'A database of a million access tokens, half of which have expired. Two nodes with the sweeper of `grantry-server` use it; one of them serves 200 requests a second, tokens and introspections in turn, ' +
      `which come whether the ones before were answered or not. Both clean up for ${size.secondsPerTurn} s, then neither does, ${size.turns} times, so that what else the machine does disturbs both alike; turns in which the load itself was held up by 20 ms are left out and repeated. ` +
      'The sweeper deletes as much in a step as takes 2 ms (SQLite, 25 rows in a transaction) or 50 ms (PostgreSQL, at most 5,000 rows) and rests 49 or 9 times as long; ' +
      'beside it, 20 saves of tokens pay for the deletion of 100 rows. In the end what is left is deleted without requests, and counted.',
    rows: [...rowsOf('SQLite', sqlite), ...rowsOf('PostgreSQL', postgres)],
    control:
      'Everything in one statement, by the second node: SQLite lets nobody write meanwhile; in PostgreSQL it keeps its locks and a snapshot for many times as long as a step, and after 1.5 seconds it is given up like every statement of the server, and has deleted nothing.',
    controlRows: [
      { figure: 'SQLite: the ratio', value: ratio, target: `> ${limit}`, isMet: ratio > limit },
      above('PostgreSQL: the statement', atOncePostgres.statementMs, 10 * stepMs),
      count('PostgreSQL: expired and left, where it was given up', atOncePostgres.expiredLeft),
    ],
  }
}

/** Deletion of what has expired. */
export const cleanUpBesideRequests: Experiment = { name: 'clean-up', needsPostgres: true, run }
