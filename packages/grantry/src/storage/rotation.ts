import type { Rotation, RotationResult } from './store-rows.ts'

/** What a store knows of a presented refresh token whose family is live. */
export interface PresentedState {
  readonly expiresAt: number
  readonly supersededAt: number | undefined
  /** How often it was presented again within the grace. */
  readonly replays: number
  /** Whether its successor was superseded itself: then two parties hold the family. */
  readonly isSuccessorUsed: boolean
}

/** Two requests of one client within this time are a race, not a theft. */
const raceSeconds = 2

/**
 * What becomes of a rotation (RFC 9700 §4.14.2), for stores that decide inside a transaction. A graced replay gets the successor again, so
 * that a thief and the client end up with the same token, and whoever uses it second is noticed.
 */
export const judgeRotation = (
  state: PresentedState | undefined,
  { now, graceSeconds, maxReplays }: Pick<Rotation, 'now' | 'graceSeconds' | 'maxReplays'>,
): RotationResult['outcome'] => {
  if (state === undefined || state.expiresAt <= now) return 'unknown'
  if (state.supersededAt === undefined) return 'rotated'
  if (state.isSuccessorUsed) return 'reused'
  const age = now - state.supersededAt
  if (graceSeconds === 0) return age < raceSeconds ? 'raced' : 'reused'
  return age <= graceSeconds && state.replays < maxReplays ? 'replayed' : 'reused'
}
