import { createHash, randomBytes } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { seal, unseal } from 'grantry'
import { StartError, systemCode } from './errors.ts'
import { requireFolder } from './folder.ts'

/** What is sealed: what was sealed as one does not open as the other. */
export type SealedPurpose = 'signing key' | 'server secret' | `TOTP secret of ${string}`

const prefix = 'sealed:1:'
const keySyntax = /^[A-Za-z0-9_-]{43,}$/

/** Tells keys apart without saying what they are. */
const idOf = (key: string): string => createHash('sha256').update(key).digest('base64url').slice(0, 8)

/** Seals private keys and secrets at rest. The first key-encryption key seals; all of them open, so that keys can be exchanged one after the other. */
export class KeyEncryption {
  readonly #keys: readonly [string, ...string[]]

  /** Throws a `StartError` for keys that are not at least 256 random bits as base64url. */
  constructor(keys: readonly string[]) {
    const [first, ...others] = keys
    if (first === undefined || !keys.every((key) => keySyntax.test(key))) {
      const make = 'openssl rand -base64 32 | tr +/ -_ | tr -d ='
      throw new StartError(`A key-encryption key must be at least 43 characters of base64url. Make one: ${make}`, 2)
    }
    this.#keys = [first, ...others]
  }

  /** Seals a secret by the first key. */
  async seal(secret: string, purpose: SealedPurpose): Promise<string> {
    const [key] = this.#keys
    return `${prefix}${idOf(key)}:${await seal(secret, key, purpose)}`
  }

  /** The secret; text that was never sealed is given as it is. Throws a `StartError` where no key opens it. */
  async open(stored: string, purpose: SealedPurpose): Promise<string> {
    if (!stored.startsWith(prefix)) return stored
    const [id = '', sealed = ''] = stored.slice(prefix.length).split(':')
    const key = this.#keys.find((each) => idOf(each) === id)
    if (key !== undefined) return unseal(sealed, key, purpose)
    throw new StartError(
      `The ${purpose} is sealed by the key-encryption key ${id}, which is not among those given. ` +
        'Add it to GRANTRY_KEY_ENCRYPTION_KEYS, or put the grantry.keys that has it back into the folder of --data.',
    )
  }

  /** Whether the key with this id, which sealed text begins with, is among them. */
  has(id: string): boolean {
    return this.#keys.some((key) => idOf(key) === id)
  }

  /** Whether it is sealed by the first key. */
  isCurrent(stored: string): boolean {
    return stored.startsWith(`${prefix}${idOf(this.#keys[0])}:`)
  }
}

/** The keys of a file, one a line. */
export const readKeys = (path: string): readonly string[] => readFileSync(path, 'utf8').split(/\s+/).filter(Boolean)

/**
 * The keys of `grantry.keys` in a folder, one a line; file and folder are made on first use, for their owner only. Throws a `StartError`
 * where they are missing and are not to be made.
 */
export const keysOfFolder = (folder: string, { create }: { readonly create: boolean }): readonly string[] => {
  const path = join(folder, 'grantry.keys')
  if (!create && !existsSync(path))
    throw new StartError(
      `There is no ${path}. Name the folder that has it by --data, or set GRANTRY_KEY_ENCRYPTION_KEYS.`,
    )
  requireFolder(folder, { create: true })
  try {
    writeFileSync(path, `${randomBytes(32).toString('base64url')}\n`, { mode: 0o600, flag: 'wx' })
  } catch (thrown) {
    if (systemCode(thrown) !== 'EEXIST') throw thrown
  }
  return readKeys(path)
}
