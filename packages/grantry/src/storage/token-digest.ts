import { hmacBase64url, sha256Base64url } from '#platform'
import type { Awaitable } from '../core/awaitable.ts'
import { ConfigurationError } from '../core/errors.ts'

/** How tokens and codes are digested before a store sees them. */
export interface DigestOptions {
  /**
   * Keys of the digests (HMAC-SHA-256), each at least 43 characters: the first makes new ones, all are looked for. With a key, whoever
   * reads the database cannot even tell whether a token that he holds is in it. Default: none, plain SHA-256.
   */
  readonly digestKeys?: readonly string[] | undefined
  /** Also looks for digests without a key, for a database that was filled without. Default: false. */
  readonly allowUnkeyedDigests?: boolean | undefined
}

/** Makes digests, and tries those that a database may have. */
export class TokenDigest {
  /** The digest under which new tokens are saved. */
  readonly of: (token: string) => string
  readonly #older: readonly ((token: string) => string)[]

  constructor({ digestKeys = [], allowUnkeyedDigests = false }: DigestOptions) {
    if (digestKeys.some((key) => key.length < 43))
      throw new ConfigurationError('digestKeys: a key is at least 43 characters of random base64url (256 bits).')
    const keyed = digestKeys.map((key) => (token: string) => hmacBase64url(key, token))
    const [first = sha256Base64url, ...others] = keyed
    this.of = first
    this.#older = keyed.length > 0 && allowUnkeyedDigests ? [...others, sha256Base64url] : others
  }

  /** Every digest under which a token may be saved, the newest first. */
  allOf(token: string): readonly string[] {
    return [this.of(token), ...this.#older.map((digest) => digest(token))]
  }

  /** Calls with the digest of a token, and where that finds nothing, with its digests under older keys. */
  async find<Result>(
    token: string,
    call: (digest: string) => Awaitable<Result | undefined>,
  ): Promise<Result | undefined> {
    let found = await call(this.of(token))
    for (const digest of this.#older) found ??= await call(digest(token))
    return found
  }
}
