import { ConfigurationError } from './errors.ts'
import { byAge, type SigningKeyRow } from './signing-key.ts'

/** Seconds for which whoever verifies may keep the JWKS: the `max-age` of that endpoint. */
export const jwksMaxAge = 300
/** Seconds for which they may refuse to ask again, and by which the clocks of nodes may differ. */
const coolDownSeconds = 30
/** The largest tolerance with which a token that has expired is accepted, in seconds. */
const largestTolerance = 300

/** The times in the life of a signing key. All nodes must have the same. */
export interface KeyScheduleOptions {
  /**
   * Seconds for which a key is published before it signs, so that everyone who verifies has it by then. At least 330 and `reloadSeconds`:
   * the `max-age` of the JWKS, a cool-down, and the time in which nodes notice. Default: 3600.
   */
  readonly announceSeconds?: number | undefined
  /** Seconds after which a node reads the keys anew. At least 1. Default: 60. */
  readonly reloadSeconds?: number | undefined
  /**
   * Seconds for which a key stays published after its successor has begun to sign: at least the lifetime of the longest-lived token and 300
   * for the clocks of others. Hints (`id_token_hint`) are known for as long. Default: 86400.
   */
  readonly retainSeconds?: number | undefined
}

/** `KeyScheduleOptions` with their defaults. */
export type KeySchedule = Readonly<Record<keyof KeyScheduleOptions, number>>

/** Throws a `ConfigurationError` for a number of seconds that is not whole or below its floor. */
export const requireSeconds = (option: string, seconds: number, floor: number, why: string): void => {
  if (Number.isSafeInteger(seconds) && seconds >= floor) return
  throw new ConfigurationError(
    `${option} must be a whole number of seconds, at least ${floor} (${why}), not ${String(seconds)}.`,
  )
}

/** The schedule with its defaults. Throws a `ConfigurationError` below the floors. */
export const resolveKeySchedule = (options: KeyScheduleOptions): KeySchedule => {
  const { announceSeconds = 3600, reloadSeconds = 60, retainSeconds = 86_400 } = options
  requireSeconds('reloadSeconds', reloadSeconds, 1, 'a reload within each second would be one for each request')
  const announceFloor = jwksMaxAge + coolDownSeconds + reloadSeconds
  const why = `${jwksMaxAge} for caches of the JWKS, ${coolDownSeconds} to cool down, and reloadSeconds`
  requireSeconds('announceSeconds', announceSeconds, announceFloor, why)
  requireSeconds('retainSeconds', retainSeconds, largestTolerance + 1, 'the longest lifetime of a token and 300')
  return { announceSeconds, reloadSeconds, retainSeconds }
}

/** The longest lifetime of a token for which its key stays published long enough, in seconds. */
export const longestLifetime = ({ retainSeconds }: Pick<KeySchedule, 'retainSeconds'>): number =>
  retainSeconds - largestTolerance

/** For how long after they were read keys may be published: later, a key that others announced could be missing, and sign too soon. */
export const publishableSeconds = ({ announceSeconds }: KeySchedule): number =>
  announceSeconds - jwksMaxAge - coolDownSeconds

/**
 * Where a key is in its life. `announced`: published, it does not sign yet. `signing`. `retained`: published for what it signed. `over`:
 * no longer published, and to be deleted.
 */
export type KeyState = 'announced' | 'signing' | 'retained' | 'over'

/** A key with its place in the schedule. */
export interface ScheduledKey {
  readonly key: SigningKeyRow
  readonly state: KeyState
  /** When it signs first; undefined for the oldest of its algorithm, which has always signed. */
  readonly signsFrom: number | undefined
  /** Until when it is published; undefined where it has no successor yet. */
  readonly publishedUntil: number | undefined
}

const scheduleOne = (
  keys: readonly SigningKeyRow[],
  { announceSeconds, retainSeconds }: KeySchedule,
  now: number,
): readonly ScheduledKey[] =>
  keys.map((key, index) => {
    const signsFrom = index === 0 ? undefined : key.createdAt + announceSeconds
    const next = keys[index + 1]
    const supersededAt = next && next.createdAt + announceSeconds
    const publishedUntil = supersededAt === undefined ? undefined : supersededAt + retainSeconds
    if (signsFrom !== undefined && now < signsFrom) return { key, state: 'announced', signsFrom, publishedUntil }
    if (supersededAt === undefined || now < supersededAt) return { key, state: 'signing', signsFrom, publishedUntil }
    return { key, state: now < supersededAt + retainSeconds ? 'retained' : 'over', signsFrom, publishedUntil }
  })

/**
 * Where each key is in its life at `now`, by the rows alone, so that all nodes find the same. Of the keys of an algorithm the newest signs
 * that was announced for long enough, or else the oldest: the first one signs at once.
 */
export const scheduleKeys = (
  keys: readonly SigningKeyRow[],
  schedule: KeySchedule,
  now: number,
): readonly ScheduledKey[] => {
  const sorted = [...keys].sort(byAge)
  const algorithms = [...new Set(sorted.map(({ algorithm }) => algorithm))]
  return algorithms.flatMap((algorithm) =>
    scheduleOne(
      sorted.filter((key) => key.algorithm === algorithm),
      schedule,
      now,
    ),
  )
}
