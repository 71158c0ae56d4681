import { killAmongLogouts, type LogoutFigures } from '../logouts.ts'
import { whyNoPostgres } from '../postgres-bench.ts'
import { count, none, some, type Experiment, type Report, type Row } from '../report.ts'

const kills = 15

const rowsOf = (backend: string, figures: LogoutFigures): readonly Row[] => [
  count(`${backend}: acknowledged logouts`, figures.acknowledged),
  count(`${backend}: logout tokens that reached clients`, figures.received),
  none(`${backend}: clients that were never told`, figures.untold),
  none(`${backend}: sessions that live on`, figures.alive),
  none(`${backend}: refresh tokens that still work`, figures.refreshable),
]

const run = async (): Promise<Report> => {
  const backends = whyNoPostgres === undefined ? (['SQLite', 'PostgreSQL'] as const) : (['SQLite'] as const)
  const rows: Row[] = []
  for (const backend of backends) rows.push(...rowsOf(backend, await killAmongLogouts(kills, backend)))
  const control = await killAmongLogouts(5, 'SQLite', 'as it sends')
  return {
    title: 'Logouts and kill -9',
    method:
      `Four users of three clients each log out at once, and \`grantry-server start\` is killed up to 20 ms after one of the answers, ${kills} times on each database. ` +
      'The clients take a logout token, answer 500, or never answer, as chance has it. At the end they take all, what is left is made due, the server is ' +
      'started once more, and every client of every logout that a browser was told of must have taken a logout token for it.',
    rows,
    control: 'What is to be told is forgotten when it is sent; 5 times.',
    controlRows: [some('clients that were never told', control.untold)],
  }
}

/** Kills among logouts. */
export const logouts: Experiment = { name: 'logouts', needsPostgres: false, run }
