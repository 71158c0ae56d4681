import { ClockGuard, type Clock, type KeyRing, type KeyRotation, type ScheduledKey, type Store } from 'grantry'
import { exclusively } from './exclusively.ts'
import type { Log } from './log.ts'
import { startRounds } from './rounds.ts'
import { describeKey } from './signing-keys.ts'

/** What a rotator works on. */
export interface KeyRotatorParts {
  readonly store: Store
  readonly ring: KeyRing
  readonly rotation: KeyRotation
}

/** How a rotator works. */
export interface KeyRotatorOptions {
  readonly now: Clock
  readonly log: Log
  /** Milliseconds between two rounds, on average. Default: 6666, so that after 10 seconds every node knows what another one changed. */
  readonly everyMs?: number
  /** Says whether the clock can be trusted. Default: that of `ClockGuard`. */
  readonly guard?: Pick<ClockGuard, 'isSteady'>
}

/** By a clock that is ahead, a key would be deleted while tokens that it signed are live. */
const skipped = {
  type: 'keys.skipped',
  reason: 'The clock has jumped. No key is made or deleted until it has stayed there for an hour.',
}

const logChanges = async ({ store, rotation }: KeyRotatorParts, { log, now }: KeyRotatorOptions): Promise<void> => {
  const before = new Map((await rotation.keys()).map((scheduled) => [scheduled.key.keyId, scheduled]))
  const { made, deleted } = await exclusively(store, now, () => rotation.keepUp())
  const after = await rotation.keys()
  const of = (keyId: string, all: Iterable<ScheduledKey>) =>
    [...all].filter(({ key }) => key.keyId === keyId).map(describeKey)[0]
  for (const { keyId } of made) log({ type: 'keys.rotated', ...of(keyId, after) })
  for (const { keyId } of deleted) log({ type: 'keys.deleted', ...of(keyId, before.values()) })
}

/**
 * Keeps the signing keys of a node up to date: makes successors, deletes keys that are over, by one node at a time, and reads what other nodes
 * and commands changed. Returns the function that stops it, and resolves when it has.
 */
export const startKeyRotator = (parts: KeyRotatorParts, options: KeyRotatorOptions): (() => Promise<void>) => {
  const { ring, rotation } = parts
  const { now, log, everyMs = 6666, guard = new ClockGuard(now) } = options
  const round = async (): Promise<void> => {
    const isSteady = guard.isSteady() // asked each time: it learns from that
    try {
      if (await rotation.isDue()) {
        if (isSteady) await logChanges(parts, options)
        else log(skipped)
      }
      await ring.reload()
    } catch (cause) {
      log({ type: 'keys.failed', cause })
    }
  }
  return startRounds(round, { everyMs }).stop
}
