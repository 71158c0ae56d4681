import type { ReplayValidator } from '../core/client-keys.ts'
import { TemporarilyUnavailableError } from '../core/errors.ts'

/**
 * Notes used DPoP proofs in the memory of this process, 100 000 at most: for one that serves a resource alone. Where there are several,
 * a proof could be used once at each: give them one store, for example a `StoreValidator` over Redis. A full one refuses requests.
 */
export const memoryReplay = (most = 100_000): ReplayValidator => {
  const seen = new Map<string, number>()
  const dropExpired = (now: number): void => {
    for (const [key, expiresAt] of seen) {
      if (expiresAt > now) return // in the order in which they came, which is nearly that in which they end
      seen.delete(key)
    }
  }
  return {
    markSeen(space, value, expiresAt, { now }) {
      const key = `${space} ${value}`
      if ((seen.get(key) ?? 0) > now) return false
      dropExpired(now)
      if (seen.size >= most)
        throw new TemporarilyUnavailableError('store_failed', { detail: `there are ${most} proofs already` })
      seen.delete(key)
      seen.set(key, expiresAt)
      return true
    },
  }
}
