import { randomBytes, scrypt, timingSafeEqual, type ScryptOptions } from 'node:crypto'
import { argon2id } from 'hash-wasm'

/** OWASP's first choice for Argon2id: 19 MiB for each hash, two passes. */
const cost = { memory: 19_456, passes: 2, lanes: 1 }
const hashBytes = 32

type ArgonCost = typeof cost

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64').replace(/=+$/, '')

const prefix = `$argon2id$v=19$m=${cost.memory},t=${cost.passes},p=${cost.lanes}$`

const deriveArgon2id = (password: string, salt: Uint8Array, { memory, passes, lanes }: ArgonCost) => {
  const how = { memorySize: memory, iterations: passes, parallelism: lanes, hashLength: hashBytes }
  return argon2id({ password: password.normalize('NFKC'), salt, ...how, outputType: 'binary' })
}

interface ScryptCost {
  readonly ln: number
  readonly r: number
  readonly p: number
}

const deriveScrypt = (password: string, salt: Uint8Array, { ln, r, p }: ScryptCost): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    const options: ScryptOptions = { N: 2 ** ln, r, p, maxmem: 2 ** ln * r * 256 }
    scrypt(password, salt, hashBytes, options, (error, key) => (error ? reject(error) : resolve(key)))
  })

/**
 * What to store of a password: Argon2id with a random salt, in PHC format. Keeps a processor busy for as long as it takes; servers hash by a
 * `PasswordPool`.
 */
export const hashPassword = async (password: string): Promise<string> => {
  const salt = randomBytes(16)
  return `${prefix}${base64(salt)}$${base64(await deriveArgon2id(password, salt, cost))}`
}

const phc = {
  argon2id: /^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/,
  scrypt: /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/,
}

const isDerived = async (found: Promise<Uint8Array>, hash: string): Promise<boolean> =>
  timingSafeEqual(await found, Buffer.from(hash, 'base64'))

/** Whether a password is the one of a stored hash: Argon2id, or scrypt of the versions before. Throws for text that is neither. */
export const verifyPassword = async (password: string, stored: string): Promise<boolean> => {
  const [kind, found] = phc.argon2id.test(stored)
    ? (['argon2id', phc.argon2id.exec(stored)] as const)
    : (['scrypt', phc.scrypt.exec(stored)] as const)
  const [, first, second, third, encodedSalt = '', hash = ''] = found ?? []
  if (Buffer.from(hash, 'base64').length !== hashBytes) throw new Error('A stored password is no hash in PHC format.')
  const salt = Buffer.from(encodedSalt, 'base64')
  const [a, b, c] = [Number(first), Number(second), Number(third)]
  return kind === 'scrypt'
    ? isDerived(deriveScrypt(password, salt, { ln: a, r: b, p: c }), hash)
    : isDerived(deriveArgon2id(password, salt, { memory: a, passes: b, lanes: c }), hash)
}

/** Whether a stored hash is made as new ones are. */
export const isCurrentHash = (stored: string): boolean => stored.startsWith(prefix)

const nothing = (bytes: number): string => base64(new Uint8Array(bytes))

/** Hashes of no password. Unknown users are checked against them, so that the time says nothing. */
export const decoys = {
  argon2id: `${prefix}${nothing(16)}$${nothing(hashBytes)}`,
  scrypt: `$scrypt$ln=15,r=8,p=3$${nothing(16)}$${nothing(hashBytes)}`,
} as const

/** A password of 120 random bits to start with. */
export const generatePassword = (): string => randomBytes(15).toString('base64url')
