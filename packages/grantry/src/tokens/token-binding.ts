import type { Awaitable } from '../core/awaitable.ts'
import type { Claims, JsonValue } from '../core/claims.ts'
import type { HttpRequest } from '../core/http.ts'
import type { OAuthRequest } from '../core/oauth-request.ts'
import type { Credentials } from './bearer-credentials.ts'
import type { Refuse } from './verify-request.ts'

/** How DPoP proofs are checked (RFC 9449): what `dpopRules` makes. */
export interface DpopRules {
  /** The `alg`s of proofs that are taken. */
  readonly algorithms: readonly string[]
  /** Takes no token that is not bound to a key. */
  readonly isRequired: boolean
  /** Refuses a request without a good proof of the key with this thumbprint. */
  readonly check: (use: TokenUse, jkt: string, refuse: Refuse) => Promise<void>
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
  if (jkt !== undefined && dpop !== undefined) await dpop.check(use, jkt, refuse)
}
