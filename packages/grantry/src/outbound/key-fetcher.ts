import type { ClientKeyFetcher } from '../core/client-keys.ts'
import type { JwkSet } from '../core/signer.ts'
import type { OutboundClient } from './outbound-client.ts'
import { OutboundError } from './outbound-error.ts'

const accepts = ['application/json', 'application/jwk-set+json']
/** A key that a kept copy lacks may be new: the URL is asked again, at most once in so many seconds. */
const freshEnough = 60

const isKeySet = (value: unknown): value is JwkSet =>
  typeof value === 'object' &&
  value !== null &&
  'keys' in value &&
  Array.isArray(value.keys) &&
  value.keys.every((key) => typeof key === 'object' && key !== null)

const readKeys = (text: string): JwkSet => {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw new OutboundError('malformed', 'the keys are no JSON', { cause })
  }
  if (isKeySet(value)) return value
  throw new OutboundError('malformed', 'the keys are no JWK Set')
}

/** The option `fetchKeys` over a guarded client: the keys at a client's `jwksUri`, kept as long as they may be. */
export const guardedKeyFetcher =
  (outbound: OutboundClient): ClientKeyFetcher =>
  async ({ jwksUri }, { now }, keyId) => {
    if (jwksUri === undefined) return undefined
    const read = async (maxAge?: number) =>
      readKeys((await outbound.fetchDocument(jwksUri, { accepts, now, maxAge })).text)
    const kept = await read()
    return keyId === undefined || kept.keys.some(({ kid }) => kid === keyId) ? kept : read(freshEnough)
  }
