import { crashEverywhere, crashSavesFirst } from '../crash.ts'
import { whyNoPostgres } from '../postgres-bench.ts'
import { count, none, some, type Experiment, type Report, type Row } from '../report.ts'

const run = async (): Promise<Report> => {
  const backends = whyNoPostgres === undefined ? (['SQLite', 'PostgreSQL'] as const) : (['SQLite'] as const)
  const rows: Row[] = []
  const controlRows: Row[] = []
  let flows = ''
  for (const backend of backends) {
    const { points, calls, violations } = await crashEverywhere(backend)
    flows = Object.entries(calls)
      .map(([flow, amount]) => `${flow} ${amount}`)
      .join(', ')
    rows.push(count(`${backend}: points`, points), none(`${backend}: violations`, violations.length))
    const control = await crashSavesFirst(backend)
    controlRows.push(some(`${backend}: points with a double`, control.violations.length))
  }
  return {
    title: 'A crash at every storage call',
    method:
      'A process serves one request and ends itself by SIGKILL before, right at or right after the n-th store call, for every n. Then the database is opened and the client repeats the ' +
      'request: a code gives tokens once in total (where its answer was lost it may be spent, and the user approves again), a refresh repeated within the grace gives one successor, a ' +
      `revocation holds, and no row is without its family. Store calls by flow: ${flows}.`,
    rows,
    control: 'A validator that saves the tokens before it takes the code.',
    controlRows,
  }
}

/** A process that ends itself at any storage call. */
export const crash: Experiment = { name: 'crash', needsPostgres: false, run }
