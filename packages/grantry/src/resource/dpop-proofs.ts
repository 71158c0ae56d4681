import type { ReplayValidator } from '../core/client-keys.ts'
import { ConfigurationError } from '../core/errors.ts'
import { pathOf } from '../core/http.ts'
import { readProofOptions, type DpopProofOptions } from '../tokens/dpop-options.ts'
import { dpopRules } from '../tokens/dpop-rules.ts'
import type { DpopRules } from '../tokens/token-binding.ts'

/** Options of `dpopProofs`. */
export interface DpopOptions extends DpopProofOptions {
  /** Notes used proofs, in one atomic step: `memoryReplay()` for one process, a `StoreValidator` for several. */
  readonly replay: ReplayValidator
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
export const dpopProofs = ({ replay, ...options }: DpopOptions): DpopSupport => {
  const read = readProofOptions(options, 'dpopProofs')
  return (resource) => {
    const origin = options.requestUrl === undefined ? originOf(resource) : ''
    return dpopRules({ ...read, replay, requestUrl: options.requestUrl ?? (({ url }) => origin + pathOf(url)) })
  }
}
