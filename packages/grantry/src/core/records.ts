import type { AuthorizationDetail } from './authorization-details.ts'
import type { BackchannelClient } from './backchannel.ts'
import type { Claims, JsonValue } from './claims.ts'
import type { CertificateName } from './client-certificate.ts'
import type { Confirmation } from './confirmation.ts'
import type {
  ClientEncryption,
  ClientMetadata,
  ClientMetadataDocument,
  DynamicRegistration,
} from './client-metadata.ts'
import type { LoginContext } from './login-context.ts'
import type { RequestState } from './request-state.ts'
import type { JwkSet } from './signer.ts'
import type { Issued } from './token-exchange.ts'

/** An application that asks for tokens (RFC 6749 §2, metadata names after RFC 7591 §2). */
export interface Client extends ClientMetadata {
  readonly id: string
  /** How it registered itself; undefined for a client that an operator made. */
  readonly registration?: DynamicRegistration | undefined
  /** The document at its id, which it was made of for this request; undefined for a client that has a record. */
  readonly metadataDocument?: ClientMetadataDocument | undefined
  /**
   * How the client may authenticate (`token_endpoint_auth_method`). `['none']` makes it a public client.
   * Default: a secret, sent either way (`client_secret_basic`, `client_secret_post`).
   */
  readonly authMethods?: readonly string[] | undefined
  /** Stored secrets, as made by `hashClientSecret` or by your own slow hash. Several may be live at once. */
  readonly secrets?: readonly string[] | undefined
  /** Its public keys, by which `private_key_jwt` knows it (RFC 7591 §2). */
  readonly jwks?: JwkSet | undefined
  /** Where its public keys are published, in place of `jwks`. Read by the option `fetchKeys` of the server. */
  readonly jwksUri?: string | undefined
  /** The only `alg` of its assertions (`token_endpoint_auth_signing_alg`). Default: those that fit its key. */
  readonly assertionSigningAlgorithm?: string | undefined
  /**
   * Accepts assertions for the token endpoint, and for others beside this server. Default: for the issuer alone, so that no other server
   * can use them here (RFC 7523bis §4).
   */
  readonly legacyAssertionAudience?: 'token-endpoint' | undefined
  /** Where codes and tokens may be sent; compared as exact strings (RFC 9700 §2.1). Default: nowhere. */
  readonly redirectUris?: readonly string[] | undefined
  /** Grants the client may use. Default: `['authorization_code']`, or all of the server's for a client returned as `true`. */
  readonly grantTypes?: readonly string[] | undefined
  /** Response types the client may use. Default: `['code']`. */
  readonly responseTypes?: readonly string[] | undefined
  /** Scopes the client may be granted. Read by `StoreValidator`. Default: none. */
  readonly scopes?: readonly string[] | undefined
  /** Scopes granted when none are asked for. Read by `StoreValidator`. Default: none, so such a request is refused. */
  readonly defaultScopes?: readonly string[] | undefined
  /** Types of authorization details that it may ask for (`authorization_details_types`, RFC 9396 §10). Default: none. */
  readonly authorizationDetailsTypes?: readonly string[] | undefined
  /** Protected resources that this client is: it may introspect tokens meant for them (RFC 7662 §4). */
  readonly servedResources?: readonly string[] | undefined
  /** Lets a confidential client do without PKCE. Weakens D01 of RFC 9700 §2.1.1; public clients always need it. */
  readonly allowMissingPkce?: boolean | undefined
  /** The name in its certificate, by which `tls_client_auth` knows it: exactly one (RFC 8705 §2.1.2). */
  readonly certificateName?: CertificateName | undefined
  /**
   * Gets no token that is not bound to the certificate that it shows (`tls_client_certificate_bound_access_tokens`, RFC 8705 §3.4). Default:
   * false, and its tokens are not bound to one.
   */
  readonly certificateBoundAccessTokens?: boolean | undefined
  /** Gets no token that is not bound to a key by a DPoP proof (`dpop_bound_access_tokens`, RFC 9449 §5.2). Default: false. */
  readonly dpopBoundAccessTokens?: boolean | undefined
  /** When its refresh tokens are replaced as they are used. Default: as the server says. */
  readonly refreshTokenRotation?: RefreshTokenRotation | undefined
  /** What follows when a rotated refresh token is used late. Default: `revoke` for public clients, `reject` for others. */
  readonly onRefreshTokenReuse?: 'revoke' | 'reject' | undefined
  /** Accepts `code_challenge_method=plain` from this client. Default: false, only `S256`. */
  readonly legacyPlainPkce?: boolean | undefined
  /** The `alg` of its ID tokens (`id_token_signed_response_alg`). Default: RS256. */
  readonly idTokenSigningAlgorithm?: string | undefined
  /** The `alg` of UserInfo answers that are signed (`userinfo_signed_response_alg`). Default: they are plain JSON. */
  readonly userInfoSigningAlgorithm?: string | undefined
  /** The only `alg` of its request objects (`request_object_signing_alg`). Default: any asymmetric one that its keys fit. */
  readonly requestObjectSigningAlgorithm?: string | undefined
  /**
   * Where its request objects may be (`request_uris`): https, each up to 512 characters. One without a fragment stands for itself with any
   * fragment. Default: nowhere.
   */
  readonly requestUris?: readonly string[] | undefined
  /** Takes its authorization requests as signed request objects only (`require_signed_request_object`, RFC 9101 §10.5). Default: false. */
  readonly requireSignedRequestObject?: boolean | undefined
  /** Takes its authorization requests only where it pushed them (`require_pushed_authorization_requests`, RFC 9126 §6). Default: false. */
  readonly requirePushedAuthorizationRequests?: boolean | undefined
  /** How it asks users who are somewhere else, with the grant type of CIBA (OpenID Connect CIBA Core §4). Default: by polling. */
  readonly backchannel?: BackchannelClient | undefined
  /** The `alg` of its signed authorization responses (`authorization_signed_response_alg`, JARM §3). Default: RS256. */
  readonly authorizationSigningAlgorithm?: string | undefined
  /** Encrypts these, once they are signed (`authorization_encrypted_response_alg`, `_enc`). Default: not. */
  readonly authorizationEncryption?: ClientEncryption | undefined
  /**
   * Encrypts its ID tokens to a key of its `jwks` or at its `jwksUri`, once they are signed (`id_token_encrypted_response_alg`, `_enc`).
   * Default: not.
   */
  readonly idTokenEncryption?: ClientEncryption | undefined
  /** The same for UserInfo, which is signed then as well (`userinfo_encrypted_response_alg`, `_enc`). Default: not. */
  readonly userInfoEncryption?: ClientEncryption | undefined
  /** The `alg` of signed answers to its introspection requests (`introspection_signed_response_alg`, RFC 9701 §6). Default: RS256. */
  readonly introspectionSigningAlgorithm?: string | undefined
  /**
   * Encrypts these, once they are signed (`introspection_encrypted_response_alg`, `_enc`); it gets no plain ones then. Default: not.
   */
  readonly introspectionEncryption?: ClientEncryption | undefined
  /** Whether it sees users under ids of its own (OpenID Connect Core §8). Default: `public`. */
  readonly subjectType?: 'public' | 'pairwise' | undefined
  /** The host that pairwise ids are made for. Default: that of its only redirect URI. */
  readonly sectorIdentifier?: string | undefined
  /** Seconds after which a user must log in again, where the request does not say (`default_max_age`). Default: no limit. */
  readonly defaultMaxAge?: number | undefined
  /** Puts `auth_time` into every ID token (`require_auth_time`). It is there anyway where the login says it. */
  readonly requireAuthTime?: boolean | undefined
  /** Where browsers may be sent after a logout (OpenID Connect RP-Initiated Logout §3). Default: nowhere. */
  readonly postLogoutRedirectUris?: readonly string[] | undefined
  /** Where it is told of a logout by the server (OpenID Connect Back-Channel Logout §2.2). */
  readonly backchannelLogoutUri?: string | undefined
  /** What the browser loads to tell it of a logout (OpenID Connect Front-Channel Logout §2). */
  readonly frontchannelLogoutUri?: string | undefined
}

/** When a refresh token is replaced as it is used. `auto`: for public clients (RFC 9700 §4.14.2). */
export type RefreshTokenRotation = 'auto' | 'always' | 'never'

/** The resource owner. Only `id` is required; it becomes the `sub` of tokens. */
export interface User {
  readonly id: string
  readonly [member: string]: unknown
}

/** What an authorization code stands for. */
export interface AuthorizationCode {
  readonly clientId: string
  readonly user: User
  /** Scopes that the user granted. */
  readonly scopes: readonly string[]
  /** The `redirect_uri` parameter as the client sent it; undefined when it sent none (RFC 6749 §4.1.3). */
  readonly redirectUri: string | undefined
  readonly codeChallenge: string | undefined
  readonly codeChallengeMethod: string | undefined
  /** Protected resources the grant is for (RFC 8707 §2.1); empty for none in particular. */
  readonly resources: readonly string[]
  /**
   * Per-request claims set while the user authorized; they come back at the token endpoint. With `cnf`, only who proves to have that can use
   * the code (RFC 9449 §10).
   */
  readonly claims: Claims
  /** Seconds since the epoch. */
  readonly expiresAt: number
  /** What ID tokens say of the login; undefined without OpenID Connect. */
  readonly openid?: LoginContext | undefined
  /** The family of everything issued from this code. Undefined until the code is saved. */
  readonly grantId?: string | undefined
}

/** What an access token stands for. */
export interface AccessToken {
  readonly kind: 'access_token'
  readonly clientId: string
  /** Undefined when the client acts for itself (client credentials). */
  readonly user: User | undefined
  readonly scopes: readonly string[]
  /** Recipients the token is meant for (`aud`); empty when it names none. */
  readonly audience: readonly string[]
  /** Seconds since the epoch. */
  readonly issuedAt: number
  /** Seconds since the epoch. */
  readonly expiresAt: number
  readonly issuer?: string | undefined
  /** `jti`, where the token has one. */
  readonly tokenId?: string | undefined
  /** The family of everything issued on one decision of a user; undefined for a token that a client got for itself. */
  readonly grantId?: string | undefined
  /** Claims of the token beyond the members above, or the per-request claims saved with it. */
  readonly claims: Claims
  /** What UserInfo needs of the login; undefined without OpenID Connect, and for self-contained tokens. */
  readonly openid?: LoginContext | undefined
}

/** What a refresh token stands for. */
export interface RefreshToken {
  readonly kind: 'refresh_token'
  readonly clientId: string
  readonly user: User | undefined
  /** Scopes of the grant; one narrowed refresh does not shrink them (RFC 6749 §6). */
  readonly scopes: readonly string[]
  readonly resources: readonly string[]
  readonly issuedAt: number
  /** When it expires unless it is used before: idle expiry, in seconds since the epoch. */
  readonly expiresAt: number
  /** Claims that later tokens get. With `cnf`, only who proves to have that can use the token (RFC 9449 §5). */
  readonly claims: Claims
  /** What new ID tokens say of the login; undefined without OpenID Connect. */
  readonly openid?: LoginContext | undefined
  readonly grantId: string | undefined
  /** When it was rotated, in seconds since the epoch; undefined while it is the newest of its family. */
  readonly supersededAt: number | undefined
  /** When the family expires, however often it is used: absolute expiry, in seconds since the epoch. */
  readonly familyExpiresAt: number
}

/** What a grant or a response type decided: who may do what. `BearerToken` makes tokens from it and from nothing else. */
export interface Authorization {
  readonly client: Client
  readonly user?: User | undefined
  /** Scopes granted. Never wider than what was asked for and allowed. */
  readonly scopes: readonly string[]
  /** The grant type, or `implicit` for a token from the authorization endpoint. */
  readonly grantType: string
  /** Protected resources of the access token (RFC 8707); becomes its audience. */
  readonly resources?: readonly string[] | undefined
  /** Scopes and resources of the whole grant, where those of the access token may be less. Default: the same. */
  readonly grantedScopes?: readonly string[] | undefined
  readonly grantedResources?: readonly string[] | undefined
  /** Authorization details of the whole grant (RFC 9396), of which those among `claims` may be less; undefined where they are not looked at. */
  readonly grantedDetails?: readonly AuthorizationDetail[] | undefined
  /** Claims set by your code during the request; they reach the token. */
  readonly claims?: Claims | undefined
  /** The claim `cnf` of the code or refresh token that was presented: the client must prove to have it. Undefined for one that is not bound. */
  readonly boundTo?: JsonValue | undefined
  /** What the client proved to have, to which the tokens are bound. Default: nothing, which makes bearer tokens. */
  readonly confirmation?: Confirmation | undefined
  /** The bag of the request, for your own modifiers, generators and `saveToken`. */
  readonly state?: RequestState | undefined
  /** What ID tokens say of the login; undefined without OpenID Connect. */
  readonly openid?: LoginContext | undefined
  /** The family this belongs to; undefined starts a new one. */
  readonly grantId?: string | undefined
  /** When the access token ends at the latest, in seconds since the epoch. Default: by its lifetime alone. */
  readonly expiresAt?: number | undefined
  /** What a token exchange issues; undefined for other grants. */
  readonly issued?: Issued | undefined
  /** The refresh token that was presented, with the record behind it. Only the refresh token grant sets it. */
  readonly presented?: { readonly token: string; readonly record: RefreshToken } | undefined
}

/** A successful token response (RFC 6749 §5.1). Extra members are sent as they are. */
export interface TokenResponse {
  readonly access_token: string
  readonly token_type: string
  readonly expires_in: number
  readonly scope?: string | undefined
  readonly refresh_token?: string | undefined
  readonly [member: string]: unknown
}

/** Whether the client cannot keep a secret (RFC 6749 §2.1). */
export const isPublicClient = (client: Client): boolean =>
  client.authMethods?.every((method) => method === 'none') ?? false
