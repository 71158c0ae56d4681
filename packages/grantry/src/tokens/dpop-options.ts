import type { HttpRequest } from '../core/http.ts'
import { dpopNonces } from '../keys/dpop-nonce.ts'
import { dpopAlgorithms } from '../keys/dpop-proof.ts'
import type { DpopRulesOptions } from './dpop-rules.ts'
import { requireAlgorithms } from './require-algorithms.ts'
import { refuseUnknownOptions } from './token-checks.ts'

/** How DPoP proofs are asked for and checked (RFC 9449). */
export interface DpopProofOptions {
  /**
   * At least 32 secret characters, the same on all nodes: asks for a nonce of at most 5 minutes in each proof (RFC 9449 §8). Of a list, the
   * first makes nonces and all are accepted. Default: none is asked for.
   */
  readonly nonceSecret?: string | readonly string[] | undefined
  /** Gives and takes no token that is not bound to a key. Default: false. */
  readonly required?: boolean | undefined
  /** The `alg`s of proofs. Default: ES256, ES384, ES512, EdDSA, Ed25519, PS256, RS256. */
  readonly algorithms?: readonly string[] | undefined
  /** The URL that the client asked for. Default: the path of the request below the origin of the issuer, or of the resource. */
  readonly requestUrl?: ((request: Omit<HttpRequest, 'text'>) => string) | undefined
}

const names: Readonly<Record<keyof DpopProofOptions, true>> = {
  nonceSecret: true,
  required: true,
  algorithms: true,
  requestUrl: true,
}

/** The options with their defaults. Throws `ConfigurationError` for what cannot work. */
export const readProofOptions = (
  options: DpopProofOptions,
  usedBy: string,
): Omit<DpopRulesOptions, 'replay' | 'requestUrl'> => {
  refuseUnknownOptions(options, Object.keys(names), usedBy)
  const { nonceSecret, required = false, algorithms = dpopAlgorithms } = options
  requireAlgorithms(`${usedBy}: algorithms`, algorithms)
  return { isRequired: required, nonces: nonceSecret === undefined ? undefined : dpopNonces(nonceSecret), algorithms }
}
