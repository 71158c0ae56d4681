import { StartError } from '../errors.ts'
import type { Log } from '../log.ts'
import type { DatabaseUrl } from './database-url.ts'
import type { DeadlinePool } from './deadline-pool.ts'

/** What each setting loses when it is off. */
const losses: Readonly<Record<string, string>> = {
  fsync: 'a loss of power can destroy the database',
  full_page_writes: 'a loss of power can destroy the database',
  synchronous_commit: 'a crash can bring back tokens that were revoked or rotated',
}

const query = `SELECT name, current_setting(name, true) AS value FROM unnest($1::text[]) AS name`

/**
 * Throws a `StartError` that names the settings by which PostgreSQL may lose what it has acknowledged; with `allowUnsafeDurability` they
 * are logged instead.
 */
export const requireDurability = async (
  pool: DeadlinePool,
  { shown }: DatabaseUrl,
  { allowUnsafeDurability, log }: { readonly allowUnsafeDurability: boolean; readonly log: Log },
): Promise<void> => {
  const { rows } = await pool.query({ text: query, values: [Object.keys(losses)] })
  const unsafe = rows.filter(({ value }) => value === 'off').map(({ name }) => String(name))
  const [first] = unsafe
  if (first === undefined) return
  if (allowUnsafeDurability) {
    log({ type: 'database.unsafe_durability', database: shown, off: unsafe })
    return
  }
  const settings = unsafe.map((name) => `${name} = off`).join(', ')
  const mend = 'Turn it on, or start with --allow-unsafe-durability.'
  throw new StartError(`${shown} runs with ${settings}: ${losses[first] ?? ''}. ${mend}`)
}
