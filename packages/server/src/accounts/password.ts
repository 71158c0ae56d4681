import { randomBytes } from 'node:crypto'
import { deriveArgon2id } from './hash-formats.ts'

/** OWASP's first choice for Argon2id: 19 MiB for each hash, two passes. */
const cost = { memory: 19_456, passes: 2, lanes: 1, bytes: 32 }

const base64 = (bytes: Uint8Array): string =>
  Buffer.from(bytes)
    .toString('base64')
    .replace(/={1,2}$/, '')

const prefix = `$argon2id$v=19$m=${cost.memory},t=${cost.passes},p=${cost.lanes}$`

/** The text of a password of ours that is hashed: the same from every keyboard. */
export const foldPassword = (password: string): string => password.normalize('NFKC')

/**
 * What to store of a password: Argon2id with a random salt, in PHC format. Keeps a processor busy for as long as it takes; servers hash by a
 * `PasswordPool`.
 */
export const hashPassword = async (password: string): Promise<string> => {
  const salt = randomBytes(16)
  return `${prefix}${base64(salt)}$${base64(await deriveArgon2id(foldPassword(password), { salt, ...cost }))}`
}

/** Whether a stored hash is made as new ones are. */
export const isCurrentHash = (stored: string): boolean => stored.startsWith(prefix)

const nothing = (bytes: number): string => base64(new Uint8Array(bytes))

/** Hashes of no password. Unknown users are checked against them, so that the time says nothing. */
export const decoys = {
  argon2id: `${prefix}${nothing(16)}$${nothing(cost.bytes)}`,
  scrypt: `$scrypt$ln=15,r=8,p=3$${nothing(16)}$${nothing(32)}`,
} as const

/** A password of 120 random bits to start with. */
export const generatePassword = (): string => randomBytes(15).toString('base64url')
