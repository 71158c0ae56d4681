import { hashLeftHalf } from '#platform'
import type { Claims } from '../core/claims.ts'
import type { ClientKeyFetcher } from '../core/client-keys.ts'
import { ServerError } from '../core/errors.ts'
import type { LoginContext } from '../core/login-context.ts'
import type { Client, ClientEncryption, TokenResponse, User } from '../core/records.ts'
import type { Signer, SigningKeyInput } from '../core/signer.ts'
import type { TokenContext } from '../core/token-context.ts'
import { claimNames, selectClaims, type UserClaimsValidator } from '../core/user-claims.ts'
import { encryptForClient } from '../keys/encrypt-for-client.ts'
import { findClientKeys } from '../keys/find-client-keys.ts'
import type { KeyRing } from '../keys/key-ring.ts'
import { jwtWriter, type JwtWriter } from '../keys/sign-jwt.ts'
import { signingKeySet, type SigningKeySet } from '../keys/signing-key-set.ts'
import { requirePublishedKey } from './bearer-options.ts'
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
  /** Whether there is no access token to ask UserInfo with, so that the claims of the scopes are in the ID token. */
  readonly isAlone?: boolean | undefined
}

/** How ID tokens are made. */
export interface IdTokenOptions {
  readonly issuer: string
  /** One key for each algorithm that clients may ask for, or a ring of them. */
  readonly keys: KeyRing | readonly SigningKeyInput[]
  /** Seconds. Default: 600. */
  readonly idTokenExpiresIn?: number | undefined
  readonly scopeClaims: Readonly<Record<string, readonly string[]>>
  /** Gets the keys of clients that have a `jwksUri`. Default: nothing can be encrypted to those. */
  readonly fetchKeys?: ClientKeyFetcher | undefined
}

interface SigningKey {
  readonly signer: Signer
  readonly write: JwtWriter
}

const usedBy = 'openid.keys'

/** Makes ID tokens (OpenID Connect Core §2), and signs what else the server says to clients. */
export class IdTokenIssuer {
  readonly #validator: UserClaimsValidator
  readonly #options: IdTokenOptions
  readonly #subjectOf: SubjectOf
  /** What signs, is published and verifies. */
  readonly keys: SigningKeySet
  /** By algorithm; a writer goes with its key. */
  readonly #writers = new Map<string, SigningKey>()

  constructor(validator: UserClaimsValidator, options: IdTokenOptions, subjectOf: SubjectOf) {
    this.keys = signingKeySet(options.keys, usedBy)
    requirePublishedKey('openid.idTokenExpiresIn', options.idTokenExpiresIn ?? 600, this.keys.longestLifetime)
    this.#validator = validator
    this.#options = options
    this.#subjectOf = subjectOf
  }

  /** Adds an ID token to a token response, where the grant has the scope `openid`. */
  async addTo(token: TokenResponse, context: TokenContext): Promise<TokenResponse> {
    const { client, user, scopes, issuedAt, authorization } = context
    if (user === undefined || !scopes.includes('openid') || context.grantType === 'implicit') return token
    const made = { client, user, scopes, issuedAt, openid: authorization.openid, accessToken: token.access_token }
    return { ...token, id_token: await this.create(made) }
  }

  /** Makes an ID token. */
  async create(context: IdTokenContext): Promise<string> {
    const { client, user, openid, issuedAt, accessToken, code } = context
    const { signer, write } = await this.#keyOf(client.idTokenSigningAlgorithm ?? 'RS256', client)
    const digest = (value: string | undefined): string | undefined =>
      value === undefined ? undefined : hashLeftHalf(signer.algorithm, value)
    const token = await write({
      ...(await this.#userClaims(context)),
      iss: this.#options.issuer,
      sub: this.#subjectOf(client, user.id),
      aud: client.id,
      exp: issuedAt + (this.#options.idTokenExpiresIn ?? 600),
      iat: issuedAt,
      auth_time: openid?.authTime,
      nonce: openid?.nonce,
      acr: openid?.acr,
      amr: openid?.amr && [...openid.amr],
      sid: openid?.sessionId,
      at_hash: digest(accessToken),
      c_hash: digest(code),
    })
    const { idTokenEncryption: encryption } = client
    return encryption === undefined ? token : this.encrypt(token, client, encryption, issuedAt)
  }

  /**
   * Encrypts a signed token to a key of the client. Throws a `ServerError` where none fits, or its keys are out of reach: a token in the clear
   * is never the way out.
   */
  async encrypt(token: string, client: Client, encryption: ClientEncryption, now: number): Promise<string> {
    const { fetchKeys } = this.#options
    const found = await findClientKeys(client, { now, keyId: undefined, fetchKeys })
    if (!('detail' in found)) return encryptForClient(client.id, found, token, encryption)
    const detail = `client ${client.id}: ${found.detail}, so nothing can be encrypted to it`
    throw new ServerError('client_keys_unavailable', { detail, cause: found.cause })
  }

  /** Signs claims for a client with an algorithm of its choice. `typ` is that of the header. Default: `JWT`. */
  async sign(
    claims: Claims,
    { algorithm, typ }: { readonly algorithm: string; readonly typ?: string },
    client: Client,
  ): Promise<string> {
    const { signer, write } = await this.#keyOf(algorithm, client)
    return typ === undefined ? write(claims) : jwtWriter(signer, typ)(claims)
  }

  async #userClaims({ user, scopes, openid, isAlone = false }: IdTokenContext): Promise<Claims> {
    const requested = openid?.claims?.idToken ?? []
    const names = claimNames(isAlone ? scopes : [], requested, this.#options.scopeClaims)
    return names.size === 0 ? {} : selectClaims(await this.#validator.getUserClaims(user, names), names)
  }

  async #keyOf(algorithm: string, { id }: Client): Promise<SigningKey> {
    const signer = await this.keys.signer(algorithm)
    if (signer === undefined)
      throw new ServerError('unexpected', {
        detail: `client ${id} wants ${algorithm}, and openid.keys has no key for it`,
      })
    const known = this.#writers.get(algorithm)
    if (known?.signer === signer) return known
    const made = { signer, write: jwtWriter(signer, 'JWT') }
    this.#writers.set(algorithm, made)
    return made
  }
}
