import type { ReplayValidator } from '../core/client-keys.ts'
import { ConfigurationError } from '../core/errors.ts'
import { pathOf, type HttpRequest } from '../core/http.ts'
import { dpopNonces } from '../keys/dpop-nonce.ts'
import { dpopAlgorithms } from '../keys/dpop-proof.ts'
import { dpopRules } from '../tokens/dpop-rules.ts'
import type { DpopRules } from '../tokens/token-binding.ts'
import { requireAlgorithms } from './require-algorithms.ts'

/** Options of `dpopProofs`. */
export interface DpopOptions {
  /** Notes used proofs, in one atomic step: `memoryReplay()` for one process, a `StoreValidator` for several. */
  readonly replay: ReplayValidator
  /** The URL that the client asked for. Default: the path of the request below the origin of the resource. */
  readonly requestUrl?: ((request: HttpRequest) => string) | undefined
  /** Takes no token that is not bound to a key. Default: false. */
  readonly required?: boolean | undefined
  /** At least 32 secret characters, the same on all nodes: asks for a nonce of at most 5 minutes in each proof. Default: none. */
  readonly nonceSecret?: string | undefined
  /** The `alg`s of proofs. Default: ES256, ES384, ES512, EdDSA, Ed25519, PS256, RS256. */
  readonly algorithms?: readonly string[] | undefined
}

/** What `dpopProofs` gives to `protect`: the rules for a resource, whose URL may not be known. */
export type DpopSupport = (resource: string | undefined) => DpopRules

const originOf = (resource: string | undefined): string => {
  if (resource !== undefined && URL.canParse(resource)) return new URL(resource).origin
  throw new ConfigurationError(
    'protect: dpopProofs needs requestUrl, or an audience or metadata.resource that is a URL: proofs name the URL of the request.',
  )
}

/**
 * Checks the proofs of tokens that are bound to a key, for the option `dpop` of `protect` (RFC 9449 §7). Throws `ConfigurationError` for options
 * that cannot work.
 */
export const dpopProofs = (options: DpopOptions): DpopSupport => {
  const { replay, requestUrl, required = false, nonceSecret, algorithms = dpopAlgorithms } = options
  requireAlgorithms('dpopProofs: algorithms', algorithms)
  const nonces = nonceSecret === undefined ? undefined : dpopNonces(nonceSecret)
  return (resource) => {
    const origin = requestUrl === undefined ? originOf(resource) : ''
    const urlOf = requestUrl ?? ((request: HttpRequest) => origin + pathOf(request.url))
    return dpopRules({ replay, isRequired: required, requestUrl: urlOf, nonces, algorithms })
  }
}
