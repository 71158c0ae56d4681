import { crashEverywhere, crashSavesFirst } from '../crash.ts'
import { count, none, some, type Experiment, type Report } from '../report.ts'

const run = async (): Promise<Report> => {
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

/** A process that ends itself at any storage call. */
export const crash: Experiment = { name: 'crash', needsPostgres: false, run }
