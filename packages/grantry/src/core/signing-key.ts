import type { Awaitable } from './awaitable.ts'

/** A signing key at rest. */
export interface SigningKeyRow {
  readonly keyId: string
  readonly algorithm: string
  /** PKCS#8 PEM, or that sealed by a key-encryption key. */
  readonly privateKey: string
  /** When it was announced. All the rest of its life follows from that of the keys beside it. */
  readonly createdAt: number
}

/** Signing keys. */
export interface KeyStore {
  /** All signing keys, the oldest first. */
  findSigningKeys(): Awaitable<readonly SigningKeyRow[]>
  /** Saves a signing key, replacing the one with its id. */
  putSigningKey(key: SigningKeyRow): Awaitable<void>
  /**
   * Saves a signing key if the newest one of its algorithm still is that with the id `newest` (undefined: there is none), and says whether it
   * is. Check and save are one step: else nodes that rotate at once make a key each.
   */
  createSigningKey(key: SigningKeyRow, newest: string | undefined): Awaitable<boolean>
  /** Deletes a signing key, and says whether there was one. */
  deleteSigningKey(keyId: string): Awaitable<boolean>
}

/** The newest signing key of an algorithm, by the time it was made and then by its id. */
export const newestKey = <Key extends Pick<SigningKeyRow, 'keyId' | 'algorithm' | 'createdAt'>>(
  keys: readonly Key[],
  algorithm: string,
): Key | undefined =>
  keys
    .filter((key) => key.algorithm === algorithm)
    .sort(byAge)
    .at(-1)

/** The order of signing keys, the oldest first. */
export const byAge = (
  left: Pick<SigningKeyRow, 'keyId' | 'createdAt'>,
  right: Pick<SigningKeyRow, 'keyId' | 'createdAt'>,
): number => left.createdAt - right.createdAt || (left.keyId < right.keyId ? -1 : 1)
