import type { Awaitable } from '../core/awaitable.ts'
import type { Claims, JsonValue } from '../core/claims.ts'
import type { ReplayValidator } from '../core/client-keys.ts'
import type { HttpRequest } from '../core/http.ts'
import type { OAuthRequest } from '../core/oauth-request.ts'
import type { DpopNonces } from '../keys/dpop-nonce.ts'
import { proofSeconds, readDpopProof, type DpopProof } from '../keys/dpop-proof.ts'
import type { Credentials } from './bearer-credentials.ts'
import type { Refuse } from './verify-request.ts'

/** How DPoP proofs are checked (RFC 9449). */
export interface DpopRules {
  readonly algorithms: readonly string[]
  /** Notes proofs that were used. */
  readonly replay: ReplayValidator
  /** The URL that the client asked for, as it wrote it. */
  readonly requestUrl: (request: HttpRequest) => string
  /** Undefined asks for no nonce. */
  readonly nonces: DpopNonces | undefined
  /** Takes no token that is not bound to a key. */
  readonly isRequired: boolean
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

/** What a token is bound to. */
interface Confirmation {
  readonly jkt?: string
  readonly x5t?: string
}

const isText = (value: JsonValue | undefined): value is string => typeof value === 'string'

/** Undefined for a token that is bound to nothing, null where what it is bound to is not known here (RFC 7800 §3.1). */
const readConfirmation = (cnf: JsonValue | undefined): Confirmation | undefined | null => {
  if (cnf === undefined) return undefined
  const { jkt, 'x5t#S256': x5t } = Object(cnf) as Claims // of anything but an object, these are undefined
  const known = { ...(isText(jkt) && { jkt }), ...(isText(x5t) && { x5t }) }
  const isRead = [jkt, x5t].every((each) => each === undefined || isText(each))
  return isRead && Object.keys(known).length > 0 ? known : null
}

const checkNonce = ({ nonce }: DpopProof, { nonces }: DpopRules, now: number, refuse: Refuse): void => {
  if (nonces === undefined || nonces.accepts(nonce, now)) return
  refuse('use_dpop_nonce', 'dpop_nonce_missing', { dpopNonce: nonces.issue(now) })
}

const checkProof = async (
  { credentials, http, request }: TokenUse,
  jkt: string,
  dpop: DpopRules,
  refuse: Refuse,
): Promise<void> => {
  const text = http.headers.get('dpop')
  if (!text) return refuse('invalid_dpop_proof', 'dpop_proof_missing')
  const { now, method } = request
  const { algorithms, replay } = dpop
  const asked = { method, url: dpop.requestUrl(http), algorithms, accessToken: credentials.token, now }
  const proof = await readDpopProof(text, asked)
  if (typeof proof === 'string') return refuse('invalid_dpop_proof', 'dpop_proof_invalid', { detail: proof })
  if (proof.thumbprint !== jkt)
    return refuse('invalid_token', 'token_bound', { detail: 'the proof is of another key than jkt' })
  checkNonce(proof, dpop, now, refuse)
  // Longer than it is good for: a node whose clock is ahead cleans up early.
  const until = proof.expiresAt + proofSeconds.ahead
  if (!(await replay.markSeen('dpop_proof', proof.digest, until, request)))
    refuse('invalid_dpop_proof', 'dpop_proof_replayed')
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
 * token is refused under the scheme Bearer, and where it cannot be checked; one that is not bound, under the scheme DPoP.
 */
export const checkBinding = async (use: TokenUse, rules: BindingRules, refuse: Refuse): Promise<void> => {
  const { dpop } = rules
  const confirmation = readConfirmation(use.claims['cnf'])
  if (confirmation === null)
    return refuse('invalid_token', 'token_bound', { detail: 'by a cnf that is not known here' })
  const { jkt, x5t } = confirmation ?? {}
  const hasProof = use.credentials.scheme === 'DPoP'
  if (jkt === undefined && (hasProof || dpop?.isRequired === true)) refuse('invalid_token', 'token_not_bound')
  if (jkt !== undefined && (dpop === undefined || !hasProof))
    refuse('invalid_token', 'token_bound', { detail: 'it is bound to a key and came as a bearer token' })
  if (x5t !== undefined) await checkCertificate(use, x5t, rules, refuse)
  if (jkt !== undefined && dpop !== undefined) await checkProof(use, jkt, dpop, refuse)
}
