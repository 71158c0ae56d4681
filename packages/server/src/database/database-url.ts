import pg from 'pg'
import { StartError } from '../errors.ts'

/** Where a PostgreSQL database is. */
export interface DatabaseUrl {
  /** As it was given. It may hold a password: it is never shown. */
  readonly secret: string
  /** Without password and options, for people and logs. */
  readonly shown: string
  /** What sets it, for messages. */
  readonly flag: string
  readonly user: string
  readonly database: string
}

const invalid = (flag: string): StartError => {
  const example = 'postgres://user@host:5432/name'
  return new StartError(
    `${flag} must be a URL of PostgreSQL, such as ${example}. It is not shown, for its password.`,
    2,
  )
}

const read = (text: string, flag: string): pg.Client => {
  if (!/^postgres(?:ql)?:\/\//i.test(text)) throw invalid(flag)
  try {
    return new pg.Client({ connectionString: text }) // reads it as the pool will, and connects to nothing
  } catch {
    throw invalid(flag) // without the cause: it may quote the URL
  }
}

/** Reads a URL `postgres://…` or `postgresql://…`; `PGUSER` and the like fill in what it leaves out. Throws a `StartError` for another. */
export const parseDatabaseUrl = (text: string, flag = '--database'): DatabaseUrl => {
  const { host, port, user = '', database = user } = read(text, flag)
  const [before, after] = host.startsWith('/') ? ['', `?host=${host}`] : [`${host}:${port}`, '']
  return { secret: text, flag, user, database, shown: `postgres://${user}@${before}/${database}${after}` }
}
