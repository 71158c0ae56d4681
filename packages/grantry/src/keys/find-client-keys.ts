import type { ClientKeyFetcher } from '../core/client-keys.ts'
import type { Client } from '../core/records.ts'
import type { JwkSet } from '../core/signer.ts'
import { isJwkSet } from './key-set.ts'

/** Why there are no keys of a client, for the log. */
export interface MissingKeys {
  readonly detail: string
  readonly cause?: unknown
}

/** What is looked for, and by which clock in seconds since the epoch. */
export interface KeySearch {
  readonly now: number
  /** The `kid`; undefined where any key may do. */
  readonly keyId: string | undefined
  /** Undefined where no server of others is asked. */
  readonly fetchKeys: ClientKeyFetcher | undefined
}

/** The public keys of a client: those of its record, or those behind its `jwksUri` (RFC 7591 §2). Never throws. */
export const findClientKeys = async (
  client: Client,
  { now, keyId, fetchKeys }: KeySearch,
): Promise<JwkSet | MissingKeys> => {
  if (client.jwks !== undefined) return client.jwks
  if (client.jwksUri === undefined) return { detail: 'its record has no jwks' }
  if (fetchKeys === undefined) return { detail: 'it has a jwksUri, and the server no option fetchKeys' }
  try {
    const fetched = await fetchKeys(client, { now }, keyId)
    return isJwkSet(fetched) ? fetched : { detail: 'its jwksUri gave none' }
  } catch (cause) {
    return { detail: 'its jwksUri could not be fetched', cause }
  }
}
