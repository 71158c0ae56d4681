import { liveTokensOnPostgres, liveTokensOnSqlite, type LiveTokensFigures } from '../live-tokens.ts'
import { count, none, type Experiment, type Report, type Row } from '../report.ts'

const size = { tokens: 1_000_000, rounds: 9, roundMs: 600 }

const rounded = (value: number): number => Math.round(value * 100) / 100

const atMost = (figure: string, value: number, limit: number): Row => ({
  ...{ figure, value: rounded(value), target: `<= ${limit}`, isMet: value <= limit },
})

const rowsOf = (what: string, figures: LiveTokensFigures, mostBytes: number): readonly Row[] => [
  count(`${what}: look-up p99 in ms, empty`, rounded(figures.emptyP99Ms)),
  count(`${what}: look-up p99 in ms, full`, rounded(figures.fullP99Ms)),
  atMost(`${what}: full to empty, median of the rounds`, figures.lookupRatio, 1.2),
  count(`${what}: tokens issued in a second, empty`, Math.round(figures.emptyIssuedPerSecond)),
  count(`${what}: tokens issued in a second, full`, Math.round(figures.fullIssuedPerSecond)),
  atMost(`${what}: empty to full, median of the rounds`, 1 / figures.issueRatio, 1.2),
  atMost(`${what}: bytes of a token, indices included`, figures.bytesPerToken, mostBytes),
  none(`${what}: live tokens that were not found`, figures.missed),
]

const slower = (what: string, { indexedP50Ms, unindexedP50Ms }: LiveTokensFigures): Row => {
  const ratio = unindexedP50Ms / indexedP50Ms
  return { figure: `${what}: times slower`, value: Math.round(ratio), target: '> 10', isMet: ratio > 10 }
}

const run = async (): Promise<Report> => {
  const sqlite = await liveTokensOnSqlite(size)
  const postgres = await liveTokensOnPostgres(size)
  return {
    title: 'A million live tokens',
    method:
      'A store with a million live access tokens, half of them of 50,000 families of users, and one that is new. The toolkit works over both in turn, without HTTP, with 16 requests in flight: ' +
      'a token for a client, then two introspections of any of the live tokens. The digests of tokens are random, so that each new one goes to a page of its own in an index of a million; ' +
      'in a new store they share a few.',
    rows: [...rowsOf('SQLite', sqlite, 200), ...rowsOf('PostgreSQL', postgres, 250)],
    control: 'Look-ups one after the other without the index of digests, by the median of those with it.',
    controlRows: [slower('SQLite', sqlite), slower('PostgreSQL', postgres)],
  }
}

/** Tokens by the million. */
export const liveTokens: Experiment = { name: 'live-tokens', needsPostgres: true, run }
