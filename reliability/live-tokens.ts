import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { HttpRequest, HttpResponse, Server, Store } from 'grantry'
import { migrate, PostgresStore } from 'grantry/storage/postgres'
import { SqliteStore } from 'grantry/storage/sqlite'
import { makeClient, makeServer, type Credentials } from '../packages/grantry/src/testing/sample-provider.ts'
import { percentile } from './chance.ts'
import { durable, withPostgres } from './postgres-bench.ts'
import { preloadPostgres, preloadSqlite, tokenAt, type Preload } from './preload.ts'

/** How many tokens live, and how long the flow is watched. */
export interface LiveTokensSize {
  readonly tokens: number
  /** How often the empty and the full store follow each other. */
  readonly rounds: number
  readonly roundMs: number
}

/** What many live tokens cost. */
export interface LiveTokensFigures {
  readonly emptyP99Ms: number
  readonly fullP99Ms: number
  /** Medians of the ratios round by round. */
  readonly lookupRatio: number
  readonly issueRatio: number
  readonly emptyIssuedPerSecond: number
  readonly fullIssuedPerSecond: number
  /** With its indices. */
  readonly bytesPerToken: number
  /** Live tokens that were not found. */
  readonly missed: number
  /** Of the look-up without the index of the digest, which is the negative control. */
  readonly unindexedP50Ms: number
  /** Of the same with it. */
  readonly indexedP50Ms: number
}

interface LiveTokensBench {
  readonly empty: Store
  readonly full: Store
  readonly live: Preload
  readonly bytesPerToken: () => Promise<number>
  /** Takes the index of the digest away. */
  readonly dropIndex: () => Promise<unknown>
}

const clientId = 'client-of-the-million'

const requestOf = (path: string, fields: Readonly<Record<string, string>>): HttpRequest => ({
  method: 'POST',
  url: path,
  headers: new Headers({ 'content-type': 'application/x-www-form-urlencoded' }),
  text: async () => new URLSearchParams(fields).toString(),
})

/** A server over one of the stores. */
interface Subject {
  readonly server: Server
  readonly credentials: Credentials
  /** A token that lives. */
  readonly pick: () => string
}

const introspect = ({ server, credentials }: Subject, token: string): Promise<HttpResponse> =>
  server.createIntrospectionResponse(requestOf('/introspect', { ...credentials, token }))

const issue = async ({ server, credentials }: Subject): Promise<string> => {
  const fields = { ...credentials, grant_type: 'client_credentials' }
  const { body } = await server.createTokenResponse(requestOf('/token', fields))
  return (JSON.parse(body) as { access_token: string }).access_token // a server that answers otherwise throws later on
}

const subjectOf = async (store: Store, pick?: () => string): Promise<Subject> => {
  const credentials = await makeClient(store, clientId, 'always')
  const subject = { server: makeServer(store), credentials, pick: () => '' }
  const issued = await Promise.all(Array.from({ length: pick === undefined ? 100 : 1 }, () => issue(subject)))
  return { ...subject, pick: pick ?? (() => issued[Math.floor(Math.random() * issued.length)] ?? '') }
}

interface Round {
  readonly lookups: number[]
  issued: number
  missed: number
}

const lookUp = async (subject: Subject, round: Round): Promise<void> => {
  const token = subject.pick()
  const start = performance.now()
  const { body } = await introspect(subject, token)
  round.lookups.push(performance.now() - start)
  if (!body.startsWith('{"active":true')) round.missed++
}

const inFlight = 16

/** A token and two look-ups in turn, by 16 clients. */
const runRound = async (subject: Subject, roundMs: number): Promise<Round> => {
  const round: Round = { lookups: [], issued: 0, missed: 0 }
  const end = performance.now() + roundMs
  const work = async (): Promise<void> => {
    while (performance.now() < end) {
      await issue(subject)
      round.issued++
      await lookUp(subject, round)
      await lookUp(subject, round)
    }
  }
  await Promise.all(Array.from({ length: inFlight }, work))
  return round
}

const p99Of = (rounds: readonly Round[]): number =>
  percentile(
    rounds.flatMap(({ lookups }) => lookups),
    0.99,
  )
const issuedOf = (rounds: readonly Round[], roundMs: number): number =>
  (percentile(
    rounds.map(({ issued }) => issued),
    0.5,
  ) *
    1000) /
  roundMs

/** The median of look-ups one after the other. */
const medianLookUp = async (subject: Subject, count: number): Promise<number> => {
  const round: Round = { lookups: [], issued: 0, missed: 0 }
  for (let index = 0; index < count; index++) await lookUp(subject, round)
  return percentile(round.lookups, 0.5)
}

const measure = async (bench: LiveTokensBench, { rounds, roundMs }: LiveTokensSize): Promise<LiveTokensFigures> => {
  const { live } = bench
  const empty = await subjectOf(bench.empty)
  const full = await subjectOf(bench.full, () => tokenAt(live, Math.floor(Math.random() * live.count)))
  const bytesPerToken = await bench.bytesPerToken()
  for (const subject of [empty, full]) await runRound(subject, roundMs / 2) // until everything is compiled
  const [ofEmpty, ofFull]: [Round[], Round[]] = [[], []]
  for (let index = 0; index < rounds; index++) {
    ofEmpty.push(await runRound(empty, roundMs))
    ofFull.push(await runRound(full, roundMs))
  }
  const ratio = (value: (round: Round) => number): number =>
    percentile(
      ofFull.map((round, index) => value(round) / value(ofEmpty[index] ?? round)),
      0.5,
    )
  const indexedP50Ms = await medianLookUp(full, 20)
  await bench.dropIndex()
  return {
    ...{ emptyP99Ms: p99Of(ofEmpty), fullP99Ms: p99Of(ofFull), bytesPerToken },
    ...{ lookupRatio: ratio((round) => p99Of([round])), issueRatio: ratio(({ issued }) => issued) },
    ...{ emptyIssuedPerSecond: issuedOf(ofEmpty, roundMs), fullIssuedPerSecond: issuedOf(ofFull, roundMs) },
    missed: [...ofEmpty, ...ofFull].reduce((sum, { missed }) => sum + missed, 0),
    ...{ indexedP50Ms, unindexedP50Ms: await medianLookUp(full, 5) },
  }
}

const preloadOf = (name: string, count: number): Preload => ({
  ...{ name, clientId, count, perSecond: 300, expiresAt: Math.floor(Date.now() / 1000) + 86_400 },
})

/** A million tokens in a SQLite file. */
export const liveTokensOnSqlite = async (size: LiveTokensSize): Promise<LiveTokensFigures> => {
  const folder = mkdtempSync(join(tmpdir(), 'grantry-live-'))
  const live = preloadOf('live', size.tokens)
  const path = join(folder, 'full.db')
  await preloadSqlite(path, [live])
  const [empty, full, database] = [
    new SqliteStore(join(folder, 'empty.db')),
    new SqliteStore(path),
    new DatabaseSync(path),
  ]
  const ask = (sql: string): number => Number(Object.values(database.prepare(sql).get() ?? {})[0])
  const indices = `('access_token', 'access_token_expiry', 'sqlite_autoindex_access_token_1')`
  try {
    return await measure(
      {
        ...{ empty, full, live },
        bytesPerToken: async () => ask(`SELECT sum(pgsize) FROM dbstat WHERE name IN ${indices}`) / size.tokens,
        dropIndex: async () =>
          database.exec(`CREATE TABLE plain AS SELECT * FROM access_token; DROP TABLE access_token;
            ALTER TABLE plain RENAME TO access_token`),
      },
      size,
    )
  } finally {
    for (const store of [empty, full, database]) store.close()
    rmSync(folder, { recursive: true })
  }
}

/** A million tokens in a PostgreSQL, beside a schema without any. */
export const liveTokensOnPostgres = (size: LiveTokensSize): Promise<LiveTokensFigures> =>
  withPostgres(durable, async ({ openPool }) => {
    const pool = openPool(10)
    await migrate(pool, { schema: 'empty' })
    const [empty, full] = [new PostgresStore(pool, { schema: 'empty' }), new PostgresStore(pool)]
    const live = preloadOf('live', size.tokens)
    await preloadPostgres(pool, full, live)
    const total = `SELECT pg_total_relation_size('grantry.access_token') AS n`
    const bytesPerToken = async (): Promise<number> =>
      Number((await pool.query<{ n: string }>(total)).rows[0]?.n) / size.tokens
    const dropIndex = (): Promise<unknown> =>
      pool.query('ALTER TABLE grantry.access_token DROP CONSTRAINT access_token_key')
    return measure({ empty, full, live, bytesPerToken, dropIndex }, size)
  })
