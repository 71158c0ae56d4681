import { equalsConstantTime, sha256Base64url } from '#platform'
import type { Awaitable } from '../core/awaitable.ts'
import { randomString } from '../util/random.ts'

/** A slow hash for secrets that people choose, such as scrypt or argon2. What `hash` returns must not begin with `sha256:`. */
export interface SecretHash {
  /** What to store of a secret. */
  hash(secret: string): Awaitable<string>
  /** Whether `stored` was made from this secret. */
  verify(secret: string, stored: string): Awaitable<boolean>
}

const prefix = 'sha256:'

/** A new client secret of 258 random bits, with the digest to store. It is shown once and cannot be read back. */
export const generateClientSecret = (): { readonly secret: string; readonly stored: string } => {
  const secret = randomString()
  return { secret, stored: hashClientSecret(secret) }
}

/** The digest to store of a generated secret. A plain SHA-256 is enough for 160 random bits and more; use a `SecretHash` for chosen ones. */
export const hashClientSecret = (secret: string): string => prefix + sha256Base64url(secret)

/** A digest of which nobody knows a secret. */
const nobodys = prefix + 'A'.repeat(43)

/** Judges secrets against what is stored of them, in a time that does not tell whether there is anything stored. */
export class ClientSecretJudge {
  readonly #chosen: SecretHash | undefined
  #decoy: Awaitable<string> | undefined

  constructor(chosen: SecretHash | undefined) {
    this.#chosen = chosen
  }

  /** Whether `secret` is one of those `stored`. */
  async isOneOf(secret: string, stored: readonly string[]): Promise<boolean> {
    const digest = hashClientSecret(secret)
    const candidates = stored.length === 0 ? [nobodys] : stored // who is unknown is compared as well
    if (candidates.some((candidate) => equalsConstantTime(candidate, digest))) return true
    const chosen = stored.filter((candidate) => !candidate.startsWith(prefix))
    if (this.#chosen === undefined) return false
    if (stored.length === 0) {
      this.#decoy ??= this.#chosen.hash(randomString())
      await this.#chosen.verify(secret, await this.#decoy)
      return false
    }
    for (const candidate of chosen) if (await this.#chosen.verify(secret, candidate)) return true
    return false
  }
}
