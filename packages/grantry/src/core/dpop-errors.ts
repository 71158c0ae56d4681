import { OAuthError, type OAuthErrorOptions } from './errors.ts'
import type { Reason } from './reasons.ts'

/** The DPoP proof of a token request is missing, or not good (RFC 9449 §5). */
export class InvalidDpopProofError extends OAuthError {
  override readonly name = 'InvalidDpopProofError'
  constructor(reason: Reason, options?: OAuthErrorOptions) {
    const description = 'The DPoP proof is missing, malformed, too old, used before or not for this request.'
    super({ code: 'invalid_dpop_proof', status: 400, description }, reason, options)
  }
}

/** The DPoP proof of a token request needs the nonce that this answer brings (RFC 9449 §8). */
export class UseDpopNonceError extends OAuthError {
  override readonly name = 'UseDpopNonceError'
  readonly #nonce: string
  constructor(nonce: string) {
    const description = 'The DPoP proof needs the nonce of this answer.'
    super({ code: 'use_dpop_nonce', status: 400, description }, 'dpop_nonce_missing')
    this.#nonce = nonce
  }
  override get headers(): Readonly<Record<string, string>> {
    return { 'DPoP-Nonce': this.#nonce }
  }
}
