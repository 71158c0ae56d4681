import { isIPv6 } from 'node:net'

const windowSeconds = 300
const attemptsInWindow = 10

interface Attempts {
  count: number
  readonly since: number
}

/** The part of an address that one person cannot change: all of IPv4, the first 64 bits of IPv6. */
export const addressBlock = (address: string): string => {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1]
  if (mapped !== undefined || !isIPv6(address)) return mapped ?? address
  const [head = '', tail] = address.split('::')
  const [left, right] = [head, tail ?? ''].map((half) => (half === '' ? [] : half.split(':')))
  const zeros = Array.from({ length: 8 - (left?.length ?? 0) - (right?.length ?? 0) }, () => '0')
  return [...(left ?? []), ...zeros, ...(right ?? [])].slice(0, 4).join(':')
}

/** Limits failed logins to 10 in 5 minutes for each address and user name. Kept in memory, for at most `capacity` pairs. */
export class LoginLimiter {
  readonly #attempts = new Map<string, Attempts>()
  readonly #capacity: number

  constructor(capacity = 10_000) {
    this.#capacity = capacity
  }

  /** Counts an attempt before it is judged, so that many at once do not slip through; false where it is one too many. */
  take(key: string, now: number): boolean {
    const known = this.#attempts.get(key)
    const attempts = known !== undefined && known.since + windowSeconds > now ? known : { count: 0, since: now }
    if (attempts.count >= attemptsInWindow) return false
    attempts.count++
    this.#attempts.delete(key)
    this.#attempts.set(key, attempts)
    if (this.#attempts.size > this.#capacity) this.#dropOldest()
    return true
  }

  /** Forgets the attempts of someone who logged in. */
  clear(key: string): void {
    this.#attempts.delete(key)
  }

  #dropOldest(): void {
    for (const key of this.#attempts.keys()) {
      this.#attempts.delete(key)
      return
    }
  }
}
