import { presentedJwtProblem } from '../core/assertion-claims.ts'
import type { Awaitable } from '../core/awaitable.ts'
import type { Claims } from '../core/claims.ts'
import type { GrantRequest } from '../core/grant.ts'
import type { User } from '../core/records.ts'
import type { SigningKeyInput } from '../core/signer.ts'
import type { PresentedTokenVerifier } from '../core/token-exchange.ts'
import type { KeyRing } from './key-ring.ts'
import { signingKeySet } from './signing-key-set.ts'
import { TrustedJwts, type IssuerKeys } from './trusted-jwts.ts'
import { verifyJwt } from './verify-jwt.ts'

/** ID tokens of this server, as tokens to be exchanged. */
export interface OwnIdTokenOptions {
  /** What the server signs them with: the option `openid.keys`. */
  readonly keys: KeyRing | readonly SigningKeyInput[]
  /** The user of an ID token. Default: that of its `sub`; none for pairwise clients, whose `sub` is not the id of a user. */
  readonly findUser?: ((claims: Claims, request: GrantRequest) => Awaitable<User | undefined>) | undefined
}

/** JWTs of others, as tokens to be exchanged. */
export interface TrustedJwtOptions {
  /** Public keys of those who make them, by their `iss`. */
  readonly issuers: IssuerKeys
  /**
   * The user whom a token is about (`sub`); undefined where there is none. Judge here whether `iss` may speak for this user, and to this client:
   * everybody among `issuers` may otherwise act as anybody.
   */
  readonly findUser: (claims: Claims, request: GrantRequest) => Awaitable<User | undefined>
  /** The `typ` of the header, where those issuers make one of their own. Default: `JWT`, or none. */
  readonly typ?: string | undefined
}

const pick = (claims: Claims, names: readonly string[]): Claims =>
  Object.fromEntries(names.flatMap((name) => (claims[name] === undefined ? [] : [[name, claims[name]]])))

const scopesOf = ({ scope }: Claims): readonly string[] =>
  typeof scope === 'string' ? scope.split(' ').filter((each) => each !== '') : []

const ownUser = ({ sub }: Claims, { client }: GrantRequest): User | undefined =>
  typeof sub === 'string' && sub !== '' && client.subjectType !== 'pairwise' ? { id: sub } : undefined

/** ID tokens that this server gave to the client that presents them. Says of the new token how and when the user logged in. */
export const ownIdTokens = (
  issuer: string,
  { keys, findUser = ownUser }: OwnIdTokenOptions,
): PresentedTokenVerifier => {
  const keySet = signingKeySet(keys, 'TokenExchangeGrant: idTokens.keys')
  const checks = { typ: 'JWT', issuer, requiredClaims: ['sub', 'aud', 'iat'], clockTolerance: 0 }
  return async (token, request) => {
    const claims = await verifyJwt(token, keySet, { ...checks, audience: request.client.id }, request.now)
    // what has a client_id is an access token of the same key; what has another aud as well is for others
    if (claims === undefined || claims['aud'] !== request.client.id || claims['client_id'] !== undefined)
      return undefined
    const user = await findUser(claims, request)
    if (user === undefined) return { reason: 'assertion_user_unknown' }
    const carried = pick(claims, ['auth_time', 'acr', 'amr'])
    return {
      claims,
      user,
      clientId: request.client.id,
      scopes: [],
      carried,
      expiresAt: Math.floor(Number(claims['exp'])),
    }
  }
}

/** JWTs that a trusted issuer made about a user, for this server (RFC 7523 §3). */
export const trustedJwts = (issuer: string, { issuers, findUser, typ }: TrustedJwtOptions): PresentedTokenVerifier => {
  const jwts = new TrustedJwts(issuers, { typ, usedBy: 'TokenExchangeGrant: jwts' })
  return async (token, request) => {
    const read = await jwts.read(token)
    if ('reason' in read) return read
    const { claims, iss } = read
    const problem = presentedJwtProblem(claims, issuer, request.now)
    if (problem !== undefined) return { reason: 'assertion_claims_wrong', detail: problem }
    const user = await findUser(claims, request)
    if (user === undefined) return { reason: 'assertion_user_unknown', detail: `iss "${iss}"` }
    return { claims, user, clientId: undefined, scopes: scopesOf(claims), expiresAt: Math.floor(Number(claims['exp'])) }
  }
}
