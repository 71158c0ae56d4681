import type { KeyObject } from 'node:crypto'

/** A client that is registered at the server under test. Without a secret it is a public client. */
export interface TestClient {
  readonly id: string
  readonly secret?: string
}

/** What a user grant yields. */
export interface TokenSet {
  readonly accessToken: string
  readonly refreshToken?: string | undefined
  readonly idToken?: string | undefined
}

/** The clients for which a user may grant tokens. */
export type UserClient = 'confidential' | 'second' | 'public'

/** What the user grants. */
export interface AuthorizeOptions {
  readonly scope: string
  /** A resource indicator (RFC 8707). */
  readonly resource?: string | undefined
  /** Who logs in. Default: `userId` of the server. */
  readonly user?: string | undefined
}

/** Thrown by `authorize` when the server answered with an OAuth error instead of tokens. */
export class AuthorizationRefused extends Error {
  override readonly name = 'AuthorizationRefused'
}

/** The key with which a server signs its access tokens, so that a row can re-sign a changed copy of a token. */
export interface SigningKey {
  /** An RSA key, used with RS256. */
  readonly privateKey: KeyObject
  readonly publicKey: KeyObject
}

/** Resource indicators that the server knows (RFC 8707). */
export interface Resources {
  /** Served by `resourceServer`; tokens for it may have the required scope. */
  readonly allowed: string
  /** Another one that clients may ask for, with scopes of the same names. */
  readonly second?: string
  /** A well-formed one that clients may not ask for. */
  readonly forbidden: string
}

/**
 * One running server of an implementation, reached over HTTP on 127.0.0.1. An absent member is a capability that the
 * implementation lacks: the cases that need it are reported as `n/a`.
 */
export interface ServerUnderTest {
  readonly issuer: string
  readonly tokenUrl: string
  /** The scope that the protected resource needs. */
  readonly requiredScope: string
  /** A scope that does not open the protected resource. Both clients may have both scopes. */
  readonly otherScope: string
  /** Lifetime of access tokens in seconds. */
  readonly accessTokenLifetime: number
  /** The clock of the server, in seconds since the epoch. */
  readonly now: () => number
  /** Uses client credentials, the user grant and refresh, by Basic or by body parameters. */
  readonly confidential: TestClient
  /** Uses the user grant and refresh only; has a secret. */
  readonly second: TestClient

  // Further clients
  /** Uses the user grant and refresh; has no secret. */
  readonly publicClient?: TestClient | undefined
  /** Like `confidential`; id and secret contain `:`, `%` and `+`. */
  readonly punctuatedClient?: TestClient | undefined
  /** Like `confidential`; id and secret contain letters outside ASCII. */
  readonly nonAsciiClient?: TestClient | undefined
  /** May introspect tokens that are meant for `resources.allowed` (or for any resource, without `resources`). */
  readonly resourceServer?: TestClient | undefined
  /** May introspect, but serves another resource than `resources.allowed`. */
  readonly otherResourceServer?: TestClient | undefined

  // Endpoints
  /** A protected resource that needs `requiredScope` and answers GET and POST. */
  readonly resourceUrl?: string | undefined
  /** The same with tokens in form bodies enabled (RFC 6750 §2.2). */
  readonly formResourceUrl?: string | undefined
  /** The same with tokens in form bodies disabled. */
  readonly headerResourceUrl?: string | undefined
  /** The same with tokens in the query enabled (RFC 6750 §2.3). */
  readonly queryResourceUrl?: string | undefined
  /** The same with CORS enabled for `https://app.example`. */
  readonly corsResourceUrl?: string | undefined
  /** A protected resource that takes only encrypted tokens (JWE). */
  readonly encryptedResourceUrl?: string | undefined
  readonly introspectionUrl?: string | undefined
  readonly revocationUrl?: string | undefined
  /** The revocation endpoint of a server whose access tokens cannot be revoked (row 79). */
  readonly unrevocableUrl?: string | undefined
  readonly jwksUrl?: string | undefined

  // What the implementation can do
  readonly resources?: Resources | undefined
  /** A scope request that the server narrows instead of refusing (row 4). */
  readonly narrowing?: { readonly asked: string; readonly granted: string } | undefined
  /** Set where the protected resource takes tokens of users only. */
  readonly resourceNeedsUser?: true | undefined
  /** Seconds during which a rotated refresh token may be replayed. Default: 0. */
  readonly refreshGrace?: number | undefined
  /** Subject of the tokens that `authorize` obtains. */
  readonly userId?: string | undefined
  /** Obtains tokens by whatever user grant there is. Throws `AuthorizationRefused` on an OAuth error. */
  readonly authorize?: ((client: UserClient, options: AuthorizeOptions) => Promise<TokenSet>) | undefined
  /** Moves the clock of the server. */
  readonly advance?: ((seconds: number) => void | Promise<void>) | undefined
  /** Makes every access to stored tokens throw an error with this text; the returned function mends the store. */
  readonly breakStore?: ((text: string) => () => void) | undefined
  /** Sets the claims that the integration's code adds to the tokens of the following requests. */
  readonly setClaims?: ((claims: Readonly<Record<string, unknown>> | undefined) => void) | undefined
  /** Sets the integration's own refresh token generator; undefined restores the default one. */
  readonly setRefreshGenerator?: ((make: (() => string) | undefined) => void) | undefined
  /** Publishes a new signing key, then signs with it. */
  readonly rotateKey?: ((step: 'publish' | 'use') => void | Promise<void>) | undefined
  /** How often the protected resource has fetched the JWKS, where it does so over HTTP. */
  readonly countKeyFetches?: (() => number) | undefined
  /** A bearer token with which a resource server may call the introspection endpoint. */
  readonly introspectionToken?: (() => Promise<string>) | undefined
  /** Present where tokens are JWTs signed by a key that the suite may use. */
  readonly signingKey?: SigningKey | undefined
}

/** Which kind of access token a server issues: a reference to a record, or a JWT. */
export type ServerKind = 'opaque' | 'jwt'

/** An implementation under test: one server per kind of access token that it can issue. */
export interface Target {
  readonly name: string
  readonly version: string
  readonly opaque?: ServerUnderTest | undefined
  readonly jwt?: ServerUnderTest | undefined
  /** What was configured, in a sentence or two for the comparison page. */
  readonly setup: string
  /** Stops every server that was started. */
  close(): Promise<void>
}
