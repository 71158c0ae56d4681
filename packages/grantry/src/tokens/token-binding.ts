import type { Awaitable } from '../core/awaitable.ts'
import type { Claims } from '../core/claims.ts'
import { readConfirmation } from '../core/confirmation.ts'
import type { OAuthErrorOptions } from '../core/errors.ts'
import type { HttpRequest } from '../core/http.ts'
import type { OAuthRequest } from '../core/oauth-request.ts'
import type { Reason } from '../core/reasons.ts'
import type { Credentials } from './bearer-credentials.ts'
import type { Refuse } from './verify-request.ts'

/** Refuses a proof: at a protected resource with its challenges, at an endpoint of a server as an OAuth error. */
export type RefuseProof = (
  code: 'invalid_dpop_proof' | 'use_dpop_nonce' | 'invalid_token',
  reason: Reason,
  more?: OAuthErrorOptions & { readonly dpopNonce?: string },
) => never

/** What a proof must go with. */
export interface ProofUse {
  /** The token that came with it; undefined at an endpoint of a server. */
  readonly accessToken: string | undefined
  /** The thumbprint of the only key that will do; undefined for any key. */
  readonly jkt: string | undefined
}

/** How DPoP proofs are taken (RFC 9449): what `dpopRules` makes. */
export interface DpopRules {
  /** The `alg`s of proofs that are taken. */
  readonly algorithms: readonly string[]
  /** Gives and takes no token that is not bound to a key. */
  readonly isRequired: boolean
  /**
   * Takes the proof of a request, which cannot be used again then (RFC 9449 §11.1), and gives the thumbprint of its key. One that is refused
   * stays unused.
   */
  readonly take: (request: OAuthRequest, use: ProofUse, refuse: RefuseProof) => Promise<string>
  /** The header by which an answer brings the nonce of the next proof (§8.2); none where none is asked for. */
  readonly nextNonce: (now: number) => Readonly<Record<string, string>>
}

/** How bound tokens are checked; a token that is bound in a way that cannot be checked is refused. */
export interface BindingRules {
  readonly dpop?: DpopRules | undefined
  /** The `x5t#S256` of the certificate that the client showed; undefined where it showed none (RFC 8705 §3.1). */
  readonly certificateThumbprint?: ((request: HttpRequest) => Awaitable<string | undefined>) | undefined
}

/** A request with a live token. */
export interface TokenUse {
  readonly claims: Claims
  readonly credentials: Credentials
  readonly http: HttpRequest
  readonly request: OAuthRequest
}

const checkCertificate = async (
  { http }: TokenUse,
  x5t: string,
  { certificateThumbprint }: BindingRules,
  refuse: Refuse,
): Promise<void> => {
  const thumbprint = await certificateThumbprint?.(http)
  if (thumbprint === x5t) return
  const found = thumbprint === undefined ? 'there is none' : 'it is another'
  const detail = certificateThumbprint === undefined ? 'there is no function that finds it' : found
  refuse('invalid_token', 'token_bound', { detail: `the certificate of the client: ${detail}` })
}

/**
 * Checks that who sends a bound token has what it is bound to: the key of a DPoP proof (RFC 9449 §7), a certificate (RFC 8705 §3). A bound
 * token is refused under the scheme Bearer, and where it cannot be checked; one that is not bound, under the scheme DPoP. Gives the headers
 * that the answer needs: the nonce of the next proof.
 */
export const checkBinding = async (
  use: TokenUse,
  rules: BindingRules,
  refuse: Refuse,
): Promise<Readonly<Record<string, string>>> => {
  const { dpop } = rules
  const confirmation = readConfirmation(use.claims['cnf'])
  if (confirmation === null)
    return refuse('invalid_token', 'token_bound', { detail: 'by a cnf that is not known here' })
  const { jkt, 'x5t#S256': x5t } = confirmation ?? {}
  const hasProof = use.credentials.scheme === 'DPoP'
  if (jkt === undefined && (hasProof || dpop?.isRequired === true)) refuse('invalid_token', 'token_not_bound')
  if (jkt !== undefined && (dpop === undefined || !hasProof))
    refuse('invalid_token', 'token_bound', { detail: 'it is bound to a key and came as a bearer token' })
  if (x5t !== undefined) await checkCertificate(use, x5t, rules, refuse)
  if (jkt === undefined || dpop === undefined) return {}
  const { request, credentials } = use
  await dpop.take(request, { accessToken: credentials.token, jkt }, refuse)
  return dpop.nextNonce(request.now)
}
