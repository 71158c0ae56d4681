const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

/** Random bytes are drawn from the system in blocks: one call for many tokens. */
const pool = new Uint8Array(8192)
let used = pool.length

const nextBytes = (count: number): Uint8Array => {
  if (count > pool.length) return crypto.getRandomValues(new Uint8Array(count))
  if (used + count > pool.length) {
    crypto.getRandomValues(pool)
    used = 0
  }
  used += count
  return pool.subarray(used - count, used)
}

/** Random bytes from the system's secure source. */
export const randomBytes = (count: number): Uint8Array => nextBytes(count).slice()

/**
 * A random string of `length` characters of `A-Z a-z 0-9 - _`, 6 bits each, from the system's secure source.
 * Default: 43 characters, 258 bits.
 */
export const randomString = (length = 43): string => {
  const bytes = nextBytes(length)
  let result = ''
  for (const byte of bytes) result += alphabet.charAt(byte & 63)
  bytes.fill(0)
  return result
}
