import { hashLeftHalf } from '#platform'
import type { Claims } from '../core/claims.ts'
import type { LoginContext } from '../core/login-context.ts'
import type { Client, TokenResponse, User } from '../core/records.ts'
import type { TokenContext } from '../core/token-context.ts'
import { claimNames, selectClaims, type UserClaimsValidator } from '../core/user-claims.ts'
import { requirePublishedKey } from './bearer-options.ts'
import type { ClientJwts } from './client-jwts.ts'
import type { SubjectOf } from './subject.ts'

/** What an ID token is made from. */
export interface IdTokenContext {
  readonly client: Client
  readonly user: User
  readonly scopes: readonly string[]
  readonly openid: LoginContext | undefined
  readonly issuedAt: number
  /** Sent with it, so that it names their digests. */
  readonly accessToken?: string | undefined
  readonly code?: string | undefined
  /** Pushed with it (OpenID Connect CIBA Core §10.3.1). */
  readonly pushed?: { readonly refreshToken: string | undefined } | undefined
  /** Whether there is no access token to ask UserInfo with, so that the claims of the scopes are in the ID token. */
  readonly isAlone?: boolean | undefined
}

/** How ID tokens are made. */
export interface IdTokenOptions {
  readonly issuer: string
  readonly jwts: ClientJwts
  /** Seconds. Default: 600. */
  readonly idTokenExpiresIn?: number | undefined
  readonly scopeClaims: Readonly<Record<string, readonly string[]>>
}

/** Makes ID tokens (OpenID Connect Core §2). */
export class IdTokenIssuer {
  readonly #validator: UserClaimsValidator
  readonly #options: IdTokenOptions
  readonly #subjectOf: SubjectOf

  constructor(validator: UserClaimsValidator, options: IdTokenOptions, subjectOf: SubjectOf) {
    requirePublishedKey('openid.idTokenExpiresIn', options.idTokenExpiresIn ?? 600, options.jwts.keys.longestLifetime)
    this.#validator = validator
    this.#options = options
    this.#subjectOf = subjectOf
  }

  /** Adds an ID token to a token response, where the grant has the scope `openid`. */
  async addTo(token: TokenResponse, context: TokenContext): Promise<TokenResponse> {
    const { client, user, scopes, issuedAt, authorization } = context
    const isOfLogin = context.grantType !== 'implicit' && authorization.issued === undefined
    if (user === undefined || !scopes.includes('openid') || !isOfLogin) return token
    const { openid } = authorization
    const pushed = openid?.authReqId === undefined ? undefined : { refreshToken: token.refresh_token }
    const made = { client, user, scopes, issuedAt, openid, accessToken: token.access_token, pushed }
    return { ...token, id_token: await this.create(made) }
  }

  /** Makes an ID token. */
  async create(context: IdTokenContext): Promise<string> {
    const { client, user, openid, issuedAt, accessToken, code, pushed } = context
    const { jwts, issuer, idTokenExpiresIn = 600 } = this.#options
    const { signer, write } = await jwts.keyOf(client.idTokenSigningAlgorithm ?? 'RS256', client)
    const digest = (value: string | undefined): string | undefined =>
      value === undefined ? undefined : hashLeftHalf(signer.algorithm, value)
    const token = await write({
      ...(await this.#userClaims(context)),
      iss: issuer,
      sub: this.#subjectOf(client, user.id),
      aud: client.id,
      exp: issuedAt + idTokenExpiresIn,
      iat: issuedAt,
      auth_time: openid?.authTime,
      nonce: openid?.nonce,
      acr: openid?.acr,
      amr: openid?.amr && [...openid.amr],
      sid: openid?.sessionId,
      at_hash: digest(accessToken),
      c_hash: digest(code),
      'urn:openid:params:jwt:claim:auth_req_id': openid?.authReqId,
      'urn:openid:params:jwt:claim:rt_hash': digest(pushed?.refreshToken),
    })
    const { idTokenEncryption: encryption } = client
    return encryption === undefined ? token : jwts.encrypt(token, client, encryption, issuedAt)
  }

  async #userClaims({ user, scopes, openid, isAlone = false }: IdTokenContext): Promise<Claims> {
    const requested = openid?.claims?.idToken ?? []
    const names = claimNames(isAlone ? scopes : [], requested, this.#options.scopeClaims)
    return names.size === 0 ? {} : selectClaims(await this.#validator.getUserClaims(user, names), names)
  }
}
