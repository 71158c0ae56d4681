import { pbkdf2, scrypt, timingSafeEqual, type ScryptOptions } from 'node:crypto'
import { promisify } from 'node:util'
import { argon2id, bcryptVerify } from 'hash-wasm'

/** What Argon2id makes of a password, where `memory` is in KiB. */
export interface ArgonOptions {
  readonly salt: Uint8Array
  readonly memory: number
  readonly passes: number
  readonly lanes: number
  /** The length of the hash. */
  readonly bytes: number
}

/** Argon2id. Keeps a processor busy for as long as it takes. */
export const deriveArgon2id = (
  password: string,
  { salt, memory, passes, lanes, bytes }: ArgonOptions,
): Promise<Uint8Array> => {
  const how = { memorySize: memory, iterations: passes, parallelism: lanes, hashLength: bytes }
  return argon2id({ password, salt, ...how, outputType: 'binary' })
}

/** A format of stored passwords. */
interface HashFormat {
  /** Its first group is what decides how long it takes to compare. */
  readonly pattern: RegExp
  /** Whether a hash costs no more than a row of a table may: some 256 MiB and seconds. */
  readonly isAffordable: (parts: readonly string[]) => boolean
  /** Compares with what the groups after the first have. */
  readonly matches: (password: string, parts: readonly string[], stored: string) => Promise<boolean>
}

const isEqual = (found: Uint8Array, encoded: string): boolean => {
  const hash = Buffer.from(encoded, 'base64')
  return found.length === hash.length && timingSafeEqual(found, hash)
}

const argonFormat: HashFormat = {
  pattern: /^(\$argon2id\$v=19\$m=(\d{1,6}),t=(\d{1,2}),p=(\d{1,2})\$)([A-Za-z0-9+/]{11,86})\$([A-Za-z0-9+/]{22,86})$/,
  isAffordable: ([memory, passes]) => Number(memory) <= 2 ** 18 && Number(memory) * Number(passes) <= 2 ** 21,
  matches: async (password, [m, t, p, salt = '', hash = '']) => {
    const bytes = Buffer.from(hash, 'base64').length
    const how = { memory: Number(m), passes: Number(t), lanes: Number(p), bytes }
    return isEqual(await deriveArgon2id(password, { salt: Buffer.from(salt, 'base64'), ...how }), hash)
  },
}

const deriveScrypt = promisify<string, Buffer, number, ScryptOptions, Buffer>(scrypt)
const scryptMemory = (ln?: string, r?: string): number => 2 ** Number(ln) * Number(r) * 128

const scryptFormat: HashFormat = {
  pattern: /^(\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d)\$)([A-Za-z0-9+/]{22,86})\$([A-Za-z0-9+/]{43})$/,
  isAffordable: ([ln, r]) => scryptMemory(ln, r) <= 2 ** 28,
  matches: async (password, [ln, r, p, salt = '', hash = '']) => {
    const options = { N: 2 ** Number(ln), r: Number(r), p: Number(p), maxmem: 2 * scryptMemory(ln, r) }
    return isEqual(await deriveScrypt(password, Buffer.from(salt, 'base64'), 32, options), hash)
  },
}

/** Of bcrypt, only the first 72 bytes count. */
const bcryptFormat: HashFormat = {
  pattern: /^\$2[aby](\$(\d\d)\$)[./A-Za-z0-9]{53}$/,
  isAffordable: ([rounds]) => Number(rounds) <= 15,
  matches: async (password, _parts, hash) => {
    const bytes = Buffer.from(password).subarray(0, 72)
    return bytes.length > 0 && bcryptVerify({ password: bytes, hash })
  },
}

const derivePbkdf2 = promisify(pbkdf2)

/** As Django writes it. */
const pbkdf2Format: HashFormat = {
  pattern: /^(pbkdf2_sha256\$(\d{1,7})\$)([^$]{1,128})\$([A-Za-z0-9+/]{43}=)$/,
  isAffordable: ([rounds]) => Number(rounds) >= 1 && Number(rounds) <= 5_000_000,
  matches: async (password, [rounds, salt = '', hash = '']) =>
    isEqual(await derivePbkdf2(password, salt, Number(rounds), 32, 'sha256'), hash),
}

const formats: readonly HashFormat[] = [argonFormat, scryptFormat, bcryptFormat, pbkdf2Format]

/** A stored hash with its format and what that found in it. */
const read = (stored: string) => {
  for (const format of formats) {
    const [, name, ...parts] = format.pattern.exec(stored) ?? []
    if (name !== undefined && format.isAffordable(parts)) return { format, name, parts }
  }
  return undefined
}

/** The format of a stored hash and what it costs, as text; undefined for what is no hash in a format that is known, or costs too much. */
export const formatOf = (stored: string): string | undefined => read(stored)?.name

/**
 * Whether a password is the one of a stored hash: Argon2id, scrypt of the versions before, bcrypt, or PBKDF2 as Django writes it. Throws for text
 * that is none of these.
 */
export const verifyPassword = async (password: string, stored: string): Promise<boolean> => {
  const found = read(stored)
  if (found === undefined) throw new Error('A stored password is no hash in a format that is known.')
  return found.format.matches(password, found.parts, stored)
}
