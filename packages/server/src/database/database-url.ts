import pg from 'pg'
import { StartError } from '../errors.ts'

/** Where a PostgreSQL database is. */
export interface DatabaseUrl {
  /** As it was given. It may hold a password: it is never shown. */
  readonly secret: string
  /** Without password and options, for people and logs. */
  readonly shown: string
  readonly user: string
  readonly database: string
}

const invalid = (): StartError => {
  const example = 'postgres://user@host:5432/name'
  return new StartError(
    `--database must be a URL of PostgreSQL, such as ${example}. It is not shown, for its password.`,
    2,
  )
}

const read = (text: string): pg.Client => {
  if (!/^postgres(?:ql)?:\/\//i.test(text)) throw invalid()
  try {
    return new pg.Client({ connectionString: text }) // reads it as the pool will, and connects to nothing
  } catch {
    throw invalid() // without the cause: it may quote the URL
  }
}

/** Reads a URL `postgres://…` or `postgresql://…`; `PGUSER` and the like fill in what it leaves out. Throws a `StartError` for another. */
export const parseDatabaseUrl = (text: string): DatabaseUrl => {
  const { host, port, user = '', database = user } = read(text)
  const [before, after] = host.startsWith('/') ? ['', `?host=${host}`] : [`${host}:${port}`, '']
  return { secret: text, user, database, shown: `postgres://${user}@${before}/${database}${after}` }
}
