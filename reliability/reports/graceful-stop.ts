import { stopUnderLoad, type StopFigures } from '../graceful-stop.ts'
import { whyNoPostgres } from '../postgres-bench.ts'
import { below, count, exactly, none, some, type Experiment, type Report, type Row } from '../report.ts'

const stops = 20

const rowsOf = (backend: string, figures: StopFigures): readonly Row[] => [
  count(`${backend}: acknowledged answers`, figures.acknowledged),
  count(`${backend}: requests in flight at the signal`, figures.inFlight),
  none(`${backend}: requests in flight that were dropped`, figures.dropped),
  none(`${backend}: requests in flight that were refused`, figures.refused),
  none(`${backend}: acknowledged and lost`, figures.lost),
  exactly(`${backend}: processes that ended with exit code 0`, figures.clean, stops),
  below(`${backend}: longest from the signal to the end`, figures.longestMs, 10_000),
]

const run = async (): Promise<Report> => {
  const backends = whyNoPostgres === undefined ? (['SQLite', 'PostgreSQL'] as const) : (['SQLite'] as const)
  const rows: Row[] = []
  for (const backend of backends)
    rows.push(...rowsOf(backend, await stopUnderLoad(stops, { backend, signal: 'SIGTERM' })))
  const control = await stopUnderLoad(6, { backend: 'SQLite', signal: 'SIGKILL' })
  return {
    title: 'A graceful stop',
    method:
      `\`grantry-server start\` gets SIGTERM in the midst of 32 clients with open connections, ${stops} times on each database. A request is in flight when its client has sent it and has no answer ` +
      'yet; each must be answered. Afterwards every token that was acknowledged is looked for in the database.',
    rows,
    control: 'SIGKILL instead of SIGTERM; 6 times.',
    controlRows: [some('requests in flight that were dropped', control.dropped)],
  }
}

/** SIGTERM under load. */
export const gracefulStop: Experiment = { name: 'graceful-stop', needsPostgres: false, run }
