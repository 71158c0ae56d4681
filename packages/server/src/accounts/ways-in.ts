import { sql, type RawBuilder, type SqlBool } from 'kysely'

/** What lets a user in. */
export interface WaysIn {
  /** Whether there is a password, which is never taken away. */
  readonly hasPassword: boolean
  /** Whether passkeys log in here. */
  readonly byPasskey: boolean
  /** The providers that users log in at. */
  readonly issuers: readonly string[]
}

/** One of them that is to be taken away. */
export type WayIn = { readonly issuer: string; readonly subject: string } | { readonly passkey: string }

interface Whose {
  readonly realm: string
  readonly userId: string
  /** Whether the database has locks on rows; without, one statement runs at a time. */
  readonly hasLocks: boolean
}

/**
 * Whether a user has a way in without the one that is taken away, as a condition of the statement that takes it away. It locks all of them, in
 * one order: of two that are taken away at once, the second waits, and is looked at without the first. True where `ways` is undefined: an
 * operator may take away the last one.
 */
export const hasOtherWay = (
  { realm, userId, hasLocks }: Whose,
  ways: WaysIn | undefined,
  gone: WayIn,
): RawBuilder<SqlBool> => {
  if (ways?.hasPassword !== false) return sql<SqlBool>`true`
  const { byPasskey, issuers } = ways
  const lock = hasLocks ? sql`for update` : sql``
  const own = sql`realm = ${realm} and user_id = ${userId}`
  const kept =
    'passkey' in gone
      ? { login: sql`true`, passkey: sql`id <> ${gone.passkey}` }
      : { login: sql`(issuer <> ${gone.issuer} or subject <> ${gone.subject})`, passkey: sql`true` }
  const known = issuers.length === 0 ? sql`false` : sql`issuer in (${sql.join(issuers)})`
  const logins = sql`select count(*) filter (where ${known} and ${kept.login}) from
    (select issuer, subject from ${sql.table('identity')} where ${own} order by issuer, subject ${lock}) as login`
  const passkeys = sql`select count(*) filter (where ${kept.passkey}) from
    (select id from ${sql.table('passkey')} where ${own} order by id ${lock}) as key`
  return sql<SqlBool>`(${logins}) + ${byPasskey ? sql`(${passkeys})` : sql`0`} > 0`
}
