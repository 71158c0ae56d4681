import { sql, type RawBuilder } from 'kysely'
import type { LongWork } from '../database/long-work.ts'

/** Rows of one statement, between which requests have their turn. */
const rowsAtOnce = 2000

/** The tables of the server have one realm. */
const realm = ''

/** Rows of a table that stand for something live. */
interface Live {
  readonly table: string
  readonly which?: RawBuilder<boolean>
}

/** In this order: tokens are dead when their grants are. */
const live = {
  grants: { table: 'grant', which: sql<boolean>`revoked_at is null` },
  sessions: { table: 'session' },
  codes: { table: 'code' },
  tickets: { table: 'ticket' },
  /** Those that clients got for themselves; the others end with their grant. */
  tokens: { table: 'access_token', which: sql<boolean>`grant_id is null` },
} satisfies Readonly<Record<string, Live>>

/** How many of each there are, or were. */
export type LiveCounts = Readonly<Record<keyof typeof live, number>>

const find = ({ database }: LongWork, { table, which = sql<boolean>`1 = 1` }: Live) =>
  database.selectFrom(table).where('realm', '=', realm).where(which)

const count = async (work: LongWork, part: Live): Promise<number> => {
  const row = await find(work, part)
    .select(({ fn }) => fn.countAll().as('rows'))
    .executeTakeFirstOrThrow()
  return Number(row.rows)
}

const endSome = async (work: LongWork, part: Live, now: number): Promise<number> => {
  const { database, kind } = work
  const row = sql.ref(kind === 'sqlite' ? 'rowid' : 'ctid')
  const some = find(work, part).select(row.as('row')).limit(rowsAtOnce)
  if (part === live.grants) {
    const { numUpdatedRows } = await database
      .updateTable(part.table)
      .set({ revoked_at: now })
      .where(row, 'in', some)
      .executeTakeFirst()
    return Number(numUpdatedRows)
  }
  const { numDeletedRows } = await database.deleteFrom(part.table).where(row, 'in', some).executeTakeFirst()
  return Number(numDeletedRows)
}

const end = async (work: LongWork, part: Live, now: number): Promise<number> => {
  let total = 0
  for (;;) {
    const ended = await endSome(work, part, now)
    total += ended
    if (ended < rowsAtOnce) return total
  }
}

const each = async (run: (part: Live) => Promise<number>): Promise<LiveCounts> => ({
  grants: await run(live.grants),
  sessions: await run(live.sessions),
  codes: await run(live.codes),
  tickets: await run(live.tickets),
  tokens: await run(live.tokens),
})

/** How much `revokeAll` would end. */
export const countLive = (work: LongWork): Promise<LiveCounts> => each((part) => count(work, part))

/**
 * Ends everything that was granted, every login, and all that waits to be used once: after a restore, which brings back what was revoked, or
 * when somebody broke in. Signed tokens that clients got for themselves live until they expire, as nothing of them is stored.
 */
export const revokeAll = (work: LongWork, now: number): Promise<LiveCounts> => each((part) => end(work, part, now))
