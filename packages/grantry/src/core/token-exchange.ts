import type { Awaitable } from './awaitable.ts'
import type { Claims } from './claims.ts'
import type { FailedProof } from './client-authentication.ts'
import type { GrantRequest } from './grant.ts'
import type { Client, User } from './records.ts'
import type { TokenGenerator } from './token-context.ts'

/** The grant type (RFC 8693 §2.1). */
export const tokenExchangeGrantType = 'urn:ietf:params:oauth:grant-type:token-exchange'

/** The names of token types (RFC 8693 §3). SAML is not read or made here; verifiers of your own may. */
export const tokenTypes = {
  accessToken: 'urn:ietf:params:oauth:token-type:access_token',
  refreshToken: 'urn:ietf:params:oauth:token-type:refresh_token',
  idToken: 'urn:ietf:params:oauth:token-type:id_token',
  jwt: 'urn:ietf:params:oauth:token-type:jwt',
  saml1: 'urn:ietf:params:oauth:token-type:saml1',
  saml2: 'urn:ietf:params:oauth:token-type:saml2',
} as const

/** What a token stands for that was presented in an exchange, as subject or as actor. */
export interface PresentedToken {
  /** What it says, such as `sub`, `iss`, `act`, `may_act` and `cnf`. */
  readonly claims: Claims
  /** Whom it is about, as a user of this server; undefined where a client got it for itself. */
  readonly user: User | undefined
  /** The client that it was issued to; undefined where another server issued it. */
  readonly clientId: string | undefined
  /** What it may be used for; empty where it says nothing of that. */
  readonly scopes: readonly string[]
  /** The protected resources that it is for, which the new token is for as well unless others are asked for. Default: none. */
  readonly resources?: readonly string[] | undefined
  /** Claims that the new token gets. Default: none. */
  readonly carried?: Claims | undefined
  /** Seconds since the epoch. */
  readonly expiresAt: number
  /** The family that it belongs to, and the new token with it: revoking that ends both. Default: the new token starts one. */
  readonly grantId?: string | undefined
}

/**
 * Checks a token of one type: signature, expiry, revocation, and that this client may present it (`request.client`). Undefined, or why for the
 * log, where it is not valid. If it takes tokens that are meant for others, whoever gets hold of one can have a new one for himself.
 */
export type PresentedTokenVerifier = (
  token: string,
  request: GrantRequest,
) => Awaitable<PresentedToken | FailedProof | undefined>

/** An exchange that a client asks for, to be judged. */
export interface TokenExchange {
  readonly client: Client
  readonly subject: PresentedToken & { readonly tokenType: string }
  /** Who is to act for the subject; undefined where the client sent no actor token. */
  readonly actor: (PresentedToken & { readonly tokenType: string }) | undefined
  /** Services that the new token is to be used at, by their addresses; among the `resources` of the grant. */
  readonly resources: readonly string[]
  /** The same by their names; among the `audiences` of the grant. */
  readonly audiences: readonly string[]
  /** Scopes asked for; undefined where the request has none. */
  readonly scopes: readonly string[] | undefined
  /** The type asked for; undefined leaves it to the server. */
  readonly requestedTokenType: string | undefined
  readonly request: GrantRequest
}

/** What an exchange may give, where that differs from what follows from the subject token. */
export interface ExchangePermission {
  /** The most that the new token may be used for. Default: the scopes of the subject token. */
  readonly scopes?: readonly string[] | undefined
  /** When the new token ends at the latest, in seconds since the epoch. Default: with the subject token. */
  readonly expiresAt?: number | undefined
  /** What is issued where the client does not ask for a type. Default: an access token. */
  readonly tokenType?: string | undefined
  /** Who acts, as the new `act`, where there is no actor token: such as `{ sub: client.id }`. Default: nobody is named. */
  readonly actor?: Claims | undefined
  /** Claims for the new token beside those of the subject token. */
  readonly claims?: Claims | undefined
  /** Takes a subject token that is bound to the key or certificate of somebody else, such as the client that called this one. Default: false. */
  readonly allowsBoundToken?: boolean | undefined
}

/** Decides about an exchange. `false` or undefined refuses it; `true` allows what the subject token allows. May throw an `OAuthError`. */
export type ExchangeJudge = (exchange: TokenExchange) => Awaitable<ExchangePermission | boolean | undefined>

/** A type of tokens that are no access tokens of this server, and how they are made. */
export interface IssuedType {
  /**
   * Such as a `signedTokenGenerator` with a `typ` or a key of its own: a token of the same `typ` and key as your access tokens passes for one, which
   * nobody can revoke.
   */
  readonly generate: TokenGenerator
  /** Seconds that one lives at most. Default: as access tokens. */
  readonly expiresIn?: number | undefined
  /** The types of subject tokens that it is issued for. Default: all. */
  readonly subjectTypes?: readonly string[] | undefined
  /** Refuses, by throwing an `OAuthError`, what it cannot be issued for. */
  readonly check?: ((exchange: TokenExchange) => void) | undefined
  /** Members of the metadata document that say so. Default: none. */
  readonly metadata?: Readonly<Record<string, unknown>> | undefined
}

/** What an exchange issues, for the answer (RFC 8693 §2.2.1). */
export interface Issued {
  readonly tokenType: string
  /** Makes it, where it is no access token of this server. */
  readonly generate: TokenGenerator | undefined
  /** The names among the recipients of the token, which are no addresses. */
  readonly audiences: readonly string[]
}
