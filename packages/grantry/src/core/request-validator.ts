import type { Awaitable } from './awaitable.ts'
import type { OAuthRequest } from './oauth-request.ts'
import type { AccessToken, AuthorizationCode, Client, RefreshToken, TokenResponse, User } from './records.ts'
import type { TokenContext } from './token-context.ts'

/** Finds clients and judges their secrets. Every server needs it. */
export interface ClientValidator {
  /**
   * Returns the client, or undefined where there is none. `true` stands for a client of which only the id is known: confidential, all
   * grants of the server, no redirect URI. Runs in every request, so claims set here reach every token.
   */
  validateClientId(clientId: string, request: OAuthRequest): Awaitable<Client | true | undefined>
  /**
   * Whether `secret` is a secret of `client`. Called with a client that has no secrets where the id is unknown, so that the time taken
   * says nothing: do the same work then. If it compares in variable time, secrets can be guessed byte by byte.
   */
  authenticateClient(client: Client, secret: string, request: OAuthRequest): Awaitable<boolean>
}

/** Decides what may be granted. */
export interface ScopeValidator {
  /** What is granted of the scopes asked for; `false` refuses with `invalid_scope`. What was not asked for is never granted. */
  validateScopes(client: Client, scopes: readonly string[], request: OAuthRequest): Awaitable<readonly string[] | false>
  /** What is asked for where the request has no `scope`; an empty list refuses the request with `invalid_scope` (RFC 6749 §3.3). */
  getDefaultScopes(client: Client, request: OAuthRequest): Awaitable<readonly string[]>
}

/** Keeps authorization codes. */
export interface CodeValidator {
  /** Stores a code until `record.expiresAt`. Store its digest: whoever reads the table must not be able to use it. */
  saveAuthorizationCode(code: string, record: AuthorizationCode, request: OAuthRequest): Awaitable<void>
  /**
   * Returns the code and marks it used, in one atomic step. If two requests can both get the record, tokens are issued twice.
   *
   * `'reused'`: it was used before, by this client. Revoke what was issued from it before you return (RFC 6749 §4.1.2). Where nothing
   * was issued yet, as after a double click, refuse the second use alone, or the first one is refused as well.
   * `undefined`: unknown, expired, or of another client, whose code stays as it is.
   */
  consumeAuthorizationCode(
    code: string,
    client: Client,
    request: OAuthRequest,
  ): Awaitable<AuthorizationCode | 'reused' | undefined>
}

/**
 * What became of a rotation. `rotated`: the presented token is superseded and the new tokens are saved. `replayed`: it had been superseded
 * within the grace of `context.rotation`, and its successor is unused; here it is again, and the new access token is saved. `raced`: it
 * had been superseded a moment ago and there is no grace; nothing changed. `reused`: it had been superseded before that, and the
 * family is revoked if `context.rotation` says so. `unknown`: it is gone, expired or revoked; nothing was saved.
 */
export type RotationOutcome = 'rotated' | 'raced' | 'reused' | 'unknown' | { readonly replayed: string }

/** Keeps refresh tokens. */
export interface RefreshTokenValidator {
  /**
   * Returns the record of a refresh token, also of a superseded one, so that reuse is noticed; undefined where it is unknown or its
   * family is revoked. The library checks client, expiry, scope and resource before anything changes.
   */
  validateRefreshToken(refreshToken: string, request: OAuthRequest): Awaitable<RefreshToken | undefined>
  /**
   * Supersedes `presented` and saves the new tokens, in one atomic step. If two requests can both rotate one token, a thief and the
   * client both get a valid family and the theft is never noticed.
   */
  rotateRefreshToken(presented: string, token: TokenResponse, context: TokenContext): Awaitable<RotationOutcome>
}

/** Checks passwords, for the password grant only (RFC 6749 §4.3). */
export interface UserValidator {
  /** The user, or undefined where name or password is wrong. Take the same time for both. */
  validateUser(username: string, password: string, client: Client, request: OAuthRequest): Awaitable<User | undefined>
}

/** Keeps tokens. */
export interface TokenValidator {
  /**
   * Stores what was issued, before it is sent. Return a response to send it instead (extra members, for example); return `false` where
   * the grant was revoked meanwhile, and the request is refused. If it returns before the store is durable, a crash can lose
   * tokens that clients hold.
   */
  saveToken(token: TokenResponse, context: TokenContext): Awaitable<TokenResponse | false | void>
  /** Returns what a live access token stands for; undefined where it is unknown, expired or revoked. */
  validateBearerToken(token: string, request: OAuthRequest): Awaitable<AccessToken | undefined>
}

/**
 * Knows which self-contained tokens were revoked. Without it, such tokens live until they expire, and the revocation endpoint says so
 * (`unsupported_token_type`, RFC 7009 §2.2.1).
 */
export interface SelfContainedTokenValidator {
  /**
   * Whether a token that a `tokenVerifier` found valid was revoked, by itself or with its family (`record.grantId`). If a revocation that
   * was answered is not seen here, a stolen token works until it expires. `revokeToken` must then end such tokens as well.
   */
  isTokenRevoked(token: string, record: AccessToken, request: OAuthRequest): Awaitable<boolean>
}

/** Finds any token for the introspection and revocation endpoints. */
export interface TokenFinder {
  /**
   * Returns the record of an access or refresh token, also of a superseded one; undefined where it is unknown or revoked. `hint` is what
   * the client said it might be; look further where it is wrong (RFC 7662 §2.1). The library checks expiry and succession.
   */
  introspectToken(
    token: string,
    hint: string | undefined,
    request: OAuthRequest,
  ): Awaitable<AccessToken | RefreshToken | undefined>
}

/** Decides about introspection (RFC 7662). */
export interface IntrospectionValidator extends TokenFinder {
  /** Whether `client` may see `token`. If it is always true, any client can scan for tokens of others (RFC 7662 §4). */
  isIntrospectionAllowed(client: Client, token: AccessToken | RefreshToken, request: OAuthRequest): Awaitable<boolean>
}

/** Ends tokens (RFC 7009). */
export interface RevocationValidator extends TokenFinder {
  /**
   * Revokes a token of the client that asks; for a refresh token, all that was issued with it. Return `false` where tokens of this
   * kind cannot be revoked, never for a token that is already gone.
   */
  revokeToken(token: string, record: AccessToken | RefreshToken, request: OAuthRequest): Awaitable<boolean>
}

/** Tells a server that is being made what it cannot rely on. */
export interface CapabilityValidator {
  /** Why some of these slices cannot be served although their methods are there: one line for each, with the mend. */
  unsupported(slices: readonly string[]): readonly string[]
}

/**
 * The one seam between the library and your data. Extend it for a validator that any preconfigured server accepts; a server that needs
 * less takes any object with the methods of its slices (`ClientValidator`, `CodeValidator`, …).
 */
export abstract class RequestValidator
  implements
    ClientValidator,
    ScopeValidator,
    CodeValidator,
    RefreshTokenValidator,
    UserValidator,
    TokenValidator,
    IntrospectionValidator,
    RevocationValidator
{
  abstract validateClientId(clientId: string, request: OAuthRequest): Awaitable<Client | true | undefined>
  abstract authenticateClient(client: Client, secret: string, request: OAuthRequest): Awaitable<boolean>
  abstract validateScopes(
    client: Client,
    scopes: readonly string[],
    request: OAuthRequest,
  ): Awaitable<readonly string[] | false>
  abstract saveAuthorizationCode(code: string, record: AuthorizationCode, request: OAuthRequest): Awaitable<void>
  abstract consumeAuthorizationCode(
    code: string,
    client: Client,
    request: OAuthRequest,
  ): Awaitable<AuthorizationCode | 'reused' | undefined>
  abstract validateRefreshToken(refreshToken: string, request: OAuthRequest): Awaitable<RefreshToken | undefined>
  abstract rotateRefreshToken(
    presented: string,
    token: TokenResponse,
    context: TokenContext,
  ): Awaitable<RotationOutcome>
  abstract validateUser(
    username: string,
    password: string,
    client: Client,
    request: OAuthRequest,
  ): Awaitable<User | undefined>
  abstract saveToken(token: TokenResponse, context: TokenContext): Awaitable<TokenResponse | false | void>
  abstract validateBearerToken(token: string, request: OAuthRequest): Awaitable<AccessToken | undefined>
  abstract introspectToken(
    token: string,
    hint: string | undefined,
    request: OAuthRequest,
  ): Awaitable<AccessToken | RefreshToken | undefined>
  abstract revokeToken(token: string, record: AccessToken | RefreshToken, request: OAuthRequest): Awaitable<boolean>

  /** The default scopes of the client's record. */
  getDefaultScopes(client: Client, _request: OAuthRequest): Awaitable<readonly string[]> {
    return client.defaultScopes ?? []
  }

  /** A client sees its own tokens, and access tokens meant for a resource that it serves. */
  isIntrospectionAllowed(
    client: Client,
    token: AccessToken | RefreshToken,
    _request: OAuthRequest,
  ): Awaitable<boolean> {
    if (token.clientId === client.id) return true
    if (token.kind === 'refresh_token') return false
    return token.audience.some((recipient) => client.servedResources?.includes(recipient))
  }
}
