import { above, below, count, exactly, none, type Experiment, type Report, type Row } from '../report.ts'
import { slowDatabase, slowDatabaseWithoutLimits, type BlockFigures, type DelayFigures } from '../slow-database.ts'

const options = { delaysMs: [50, 500], requests: 10, stallMs: 5000, lockMs: 6000, lockRequests: 300 }
/** The same, without what is not looked at. */
const controlOptions = { ...options, delaysMs: [], lockRequests: 100 }

const delayRows = ({ delayMs, requests, errors, p99Ms }: DelayFigures): readonly Row[] => [
  count(`${delayMs} ms more: requests`, requests),
  none(`${delayMs} ms more: errors`, errors),
  count(`${delayMs} ms more: 99th percentile in ms`, Math.round(p99Ms)),
]

const blockRows = (name: string, figures: BlockFigures): readonly Row[] => [
  count(`${name}: requests`, figures.requests),
  count(`${name}: answered 503`, figures.unavailable),
  none(`${name}: answers that are neither 503 nor a success`, figures.others),
  below(`${name}: longest answer`, figures.longestMs, 2500),
  count(`${name}: requests for what needs no database`, figures.probes),
  below(`${name}: their 99th percentile`, figures.probeP99Ms, 50),
  below(`${name}: until all are served again`, figures.recoveryMs, 1000),
]

const run = async (): Promise<Report> => {
  const { delays, stall, lock } = await slowDatabase(options)
  const control = await slowDatabaseWithoutLimits(controlOptions)
  return {
    title: 'A slow, stalled and locked database',
    method:
      'Between a node and its PostgreSQL is a TCP proxy. First it makes every round trip 50 ms and then 500 ms longer while eight workers refresh tokens (three round trips each), fewer than the ten ' +
      'connections of the pool: none may fail. Then it passes nothing on for 5 seconds, with 20 requests a second. At last another connection holds the table of refresh tokens locked for 6 seconds, ' +
      'with 50 requests a second, so that the pool is exhausted. Each request must end by 503 within 2.5 seconds; meanwhile the metadata, the keys (JWKS) and `/health/live` are asked for every 20 ms. ' +
      'Recovery is the time from the end of the stall, or the release of the lock, until eight clients who repeat are all served.',
    rows: [...delays.flatMap(delayRows), ...blockRows('stall', stall), ...blockRows('lock', lock)],
    control: 'A node that sets no limit to its waits, behind the same proxy.',
    controlRows: [
      above('stall: longest answer', control.stall.longestMs, 2500),
      above('lock: longest answer', control.lock.longestMs, 2500),
      exactly('answered 503', control.stall.unavailable + control.lock.unavailable, 0),
    ],
  }
}

/** A database that does not answer in time. */
export const slow: Experiment = { name: 'slow-database', needsPostgres: true, run }
