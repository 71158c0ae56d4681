import { killLateServer, killServer, type KillFigures, type KillOptions } from '../kill.ts'
import { whyNoPostgres } from '../postgres-bench.ts'
import { below, count, exactly, none, some, type Experiment, type Report, type Row } from '../report.ts'

const variants: readonly (readonly [kills: number, options: KillOptions])[] = [
  [40, { backend: 'SQLite', tokenFormat: 'opaque' }],
  [10, { backend: 'SQLite', tokenFormat: 'jwt' }],
  [40, { backend: 'PostgreSQL', tokenFormat: 'opaque' }],
  [40, { backend: 'PostgreSQL', tokenFormat: 'jwt' }],
]

const rowsOf = (kills: number, { backend, tokenFormat }: KillOptions, figures: KillFigures): readonly Row[] => {
  const named = (row: Row): Row => ({ ...row, figure: `${backend}, ${tokenFormat}: ${row.figure}` })
  return [
    exactly('kills', figures.kills, kills),
    count('acknowledged answers', figures.acknowledged),
    count('codes through the pages', figures.codesOfPages),
    none('acknowledged and lost', figures.lost),
    none('revoked and alive again', figures.revived),
    none('codes or refresh tokens spent twice', figures.doubles),
    none('good requests refused before the kill', figures.refused),
    count('answers lost with the process, good at the second request', figures.recovered),
    count('restart, median in ms', Math.round(figures.restartP50Ms)),
    below('restart, 95th percentile', figures.restartP95Ms, 1000),
  ].map(named)
}

const run = async (): Promise<Report> => {
  const rows: Row[] = []
  for (const [kills, variant] of variants) {
    if (variant.backend === 'PostgreSQL' && whyNoPostgres !== undefined) continue
    rows.push(...rowsOf(kills, variant, await killServer(kills, variant)))
  }
  const late = await killLateServer(3)
  return {
    title: 'kill -9 while tokens are issued',
    method:
      '`grantry-server start` runs in a process of its own on SQLite and on PostgreSQL (with fsync), with opaque tokens and with self-contained ones (JWT). Eight workers get tokens ' +
      'for themselves, codes (one of five through the login and consent pages, the others written to the database), redeem them once or twice at the same time, rotate refresh ' +
      'tokens and revoke; a journal keeps every answer of success. In their midst SIGKILL ends the process, a few milliseconds after an answer that chance chooses. A new process on ' +
      'the same data is asked for everything in the journal: tokens are active or revoked as acknowledged, codes give no second answer, and the newest refresh token of each ' +
      'client works and has one successor.',
    rows,
    control: 'A server that answers at once and writes new tokens and the use of codes every second; 3 kills.',
    controlRows: [some('acknowledged and lost', late.lost), some('codes or refresh tokens spent twice', late.doubles)],
  }
}

/** kill -9 of the server. */
export const kill: Experiment = { name: 'kill', needsPostgres: false, run }
