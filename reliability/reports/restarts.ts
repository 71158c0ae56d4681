import { whyNoPostgres } from '../postgres-bench.ts'
import { count, none, some, type Experiment, type Report, type Row } from '../report.ts'
import { restartUnderLoad, type RestartFigures, type RestartWay } from '../restarts.ts'

const rounds = 6
const pauseMs = 4

const rowsOf = (what: string, figures: RestartFigures): readonly Row[] => [
  count(`${what}: processes that were replaced`, figures.restarts),
  count(`${what}: tokens`, figures.answered),
  none(`${what}: requests dropped`, figures.dropped),
  none(`${what}: requests refused`, figures.refused),
]

const run = async (): Promise<Report> => {
  const backends = whyNoPostgres === undefined ? (['SQLite', 'PostgreSQL'] as const) : (['SQLite'] as const)
  const ways: readonly RestartWay[] = ['workers, by SIGHUP', 'two processes behind a proxy']
  const rows: Row[] = []
  for (const backend of backends)
    for (const way of ways)
      rows.push(...rowsOf(`${backend}, ${way}`, await restartUnderLoad(rounds, { way, backend, pauseMs })))
  const control = await restartUnderLoad(2, { way: 'one process, stopped and started', backend: 'SQLite', pauseMs })
  return {
    title: 'Restarts under load',
    method:
      `Eight clients get tokens, ${pauseMs} ms after each other, half of them over connections that they keep and half over a new one for each request. Meanwhile SIGHUP replaces the workers of ` +
      `\`grantry-server start --workers 2\`, ${rounds} times; or two servers with \`--stop-delay 1\` behind a proxy that asks \`/health/ready\` every 20 ms are stopped ` +
      'and started one after the other. No request may be dropped or refused.',
    rows,
    control: 'One server that is stopped and started again; 2 times.',
    controlRows: [some('requests dropped', control.dropped)],
  }
}

/** Restarts under load. */
export const restarts: Experiment = { name: 'restarts', needsPostgres: false, run }
