import type { Claims } from '../core/claims.ts'
import type { ClientKeyFetcher } from '../core/client-keys.ts'
import { ServerError } from '../core/errors.ts'
import type { ClientEncryption } from '../core/client-metadata.ts'
import type { Client } from '../core/records.ts'
import type { Signer, SigningKeyInput } from '../core/signer.ts'
import { encryptForClient } from '../keys/encrypt-for-client.ts'
import { findClientKeys } from '../keys/find-client-keys.ts'
import type { KeyRing } from '../keys/key-ring.ts'
import { jwtWriter, type JwtWriter } from '../keys/sign-jwt.ts'
import { signingKeySet, type SigningKeySet } from '../keys/signing-key-set.ts'

/** How JWTs for clients are made. */
export interface ClientJwtOptions {
  /** One key for each algorithm that clients may ask for, or a ring of them. */
  readonly keys: KeyRing | readonly SigningKeyInput[]
  /** Gets the keys of clients that have a `jwksUri`. Default: nothing can be encrypted to those. */
  readonly fetchKeys: ClientKeyFetcher | undefined
  /** The option that the keys are given by, for errors. */
  readonly usedBy: string
}

/** A key that signs, with what writes by it. */
export interface ClientSigningKey {
  readonly signer: Signer
  readonly write: JwtWriter
}

/** Signs what the server says to clients, each with an algorithm of its choice, and encrypts it to their keys. */
export class ClientJwts {
  /** What signs, is published and verifies. */
  readonly keys: SigningKeySet
  readonly #options: ClientJwtOptions
  /** By algorithm; a writer goes with its key. */
  readonly #writers = new Map<string, ClientSigningKey>()

  constructor(options: ClientJwtOptions) {
    this.keys = signingKeySet(options.keys, options.usedBy)
    this.#options = options
  }

  /**
   * Encrypts a signed token to a key of the client. Throws a `ServerError` where none fits, or its keys are out of reach: a token in the clear
   * is never the way out.
   */
  async encrypt(token: string, client: Client, encryption: ClientEncryption, now: number): Promise<string> {
    const { fetchKeys } = this.#options
    const found = await findClientKeys(client, { now, keyId: undefined, fetchKeys })
    if (!('detail' in found)) return encryptForClient(client.id, found, token, encryption)
    const detail = `client ${client.id}: ${found.detail}, so nothing can be encrypted to it`
    throw new ServerError('client_keys_unavailable', { detail, cause: found.cause })
  }

  /** Signs claims for a client with an algorithm of its choice. `typ` is that of the header. Default: `JWT`. */
  async sign(
    claims: Claims,
    { algorithm, typ }: { readonly algorithm: string; readonly typ?: string },
    client: Client,
  ): Promise<string> {
    const { signer, write } = await this.keyOf(algorithm, client)
    return typ === undefined ? write(claims) : jwtWriter(signer, typ)(claims)
  }

  /** The key that signs for a client with an algorithm. Throws a `ServerError` where there is none. */
  async keyOf(algorithm: string, { id }: Client): Promise<ClientSigningKey> {
    const signer = await this.keys.signer(algorithm)
    if (signer === undefined)
      throw new ServerError('unexpected', {
        detail: `client ${id} wants ${algorithm}, and ${this.#options.usedBy} has no key for it`,
      })
    const known = this.#writers.get(algorithm)
    if (known?.signer === signer) return known
    const made = { signer, write: jwtWriter(signer, 'JWT') }
    this.#writers.set(algorithm, made)
    return made
  }
}
