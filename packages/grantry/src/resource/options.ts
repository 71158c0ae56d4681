import type { Awaitable } from '../core/awaitable.ts'
import type { ClientCertificate } from '../core/client-certificate.ts'
import type { EventListener } from '../core/events.ts'
import type { HttpRequest } from '../core/http.ts'
import type { OAuthRequest } from '../core/oauth-request.ts'
import type { SelfContainedTokenValidator, TokenValidator } from '../core/request-validator.ts'
import type { TokenVerifier } from '../core/token-context.ts'
import type { OutboundOptions } from '../outbound/guarded-fetch.ts'
import type { BearerLocations } from '../tokens/bearer-credentials.ts'
import type { Clock } from '../util/clock.ts'
import type { DpopSupport } from './dpop-proofs.ts'
import type { IntrospectionSupport } from './introspect.ts'
import type { ResourceMetadata } from './resource-metadata.ts'
import type { StandardSchema } from '../core/standard-schema.ts'
import type { IssuerOptions } from './trusted-issuer.ts'
import type { VerifiedToken } from './verified-token.ts'

/** Checks signed tokens of one authorization server by its keys, and asks it about all others with `introspection`. */
export interface OneIssuer {
  /** The authorization server: the exact `iss`, from which its metadata and keys are found. */
  readonly issuer: string | IssuerOptions
  readonly introspection?: IntrospectionSupport | undefined
}

/** The same for several authorization servers. */
export interface SeveralIssuers {
  readonly issuers: readonly (string | IssuerOptions)[]
  /** Names its own `issuer` or `endpoint`. */
  readonly introspection?: IntrospectionSupport | undefined
}

/** Asks the authorization server about every token (RFC 7662). */
export interface Introspection {
  /** Names its `issuer` or `endpoint`. */
  readonly introspection: IntrospectionSupport
}

/** Checks tokens by a verifier of yours: the twin of a generator, or a function. */
export interface OwnVerifier {
  readonly verifier: TokenVerifier
  /** Knows which of them were revoked; `StoreValidator` does. Default: they live until they expire. */
  readonly validator?: SelfContainedTokenValidator | undefined
}

/** Looks tokens up where the authorization server of the same process does. */
export interface OwnValidator {
  readonly validator: Pick<TokenValidator, 'validateBearerToken'>
}

type Unions = OneIssuer & SeveralIssuers & OwnVerifier
type Without<Source> = Source & { readonly [Name in Exclude<keyof Unions, keyof Source>]?: never }

/** Where it is found out what a token stands for: exactly one way. */
export type TokenSource =
  Without<OneIssuer> | Without<SeveralIssuers> | Without<Introspection> | Without<OwnVerifier> | Without<OwnValidator>

/** Who this resource is. */
export type AudienceOption =
  | {
      /** Tokens must name one of these in `aud` (RFC 9700 §2.3); usually the URL of the resource. */
      readonly audience: string | readonly string[]
      readonly allowAnyAudience?: undefined
    }
  | {
      readonly audience?: undefined
      /** Takes tokens that are meant for any recipient: whoever gets one for another API can use it here. */
      readonly allowAnyAudience: true
    }

/** Options of `protect` beside where tokens are found, and for whom they are. */
export interface CommonOptions<Output, Request extends HttpRequest> extends BearerLocations {
  /** Scopes that every request needs; `verify` adds those of a route. Default: none. */
  readonly scopes?: readonly string[] | undefined
  /** Says what is in the claims, and refuses tokens of others: a schema of zod, valibot, arktype (Standard Schema 1). Default: any claims. */
  readonly claims?: StandardSchema<Output> | undefined
  /** The metadata document of the resource (RFC 9728), which challenges then point to. Default: none. */
  readonly metadata?: ResourceMetadata | undefined
  /** Takes tokens that are bound to a key: `dpopProofs({ replay })`. Default: those are refused. */
  readonly dpop?: DpopSupport | undefined
  /**
   * The certificate that the client showed (RFC 8705 §3): PEM, DER, or its SHA-256 in hex, as proxies tell it; `socketCertificate` and
   * `headerCertificate(…)` of `grantry/node` find it. Take it from the connection, or
   * from a header that your proxy always sets. Default: tokens that are bound to one are refused.
   */
  readonly certificate?:
    | ((request: Request) => Awaitable<string | Uint8Array | Pick<ClientCertificate, 'thumbprint'> | undefined>)
    | undefined
  /** Whether a live token was revoked; asked in every request, whatever is kept. Default: none was. */
  readonly isRevoked?: ((token: VerifiedToken, request: OAuthRequest) => Awaitable<boolean>) | undefined
  /** The `alg`s of signed tokens. Default: all asymmetric ones; each key is used with its own alone. */
  readonly algorithms?: readonly string[] | undefined
  /** Takes signed tokens that do not follow RFC 9068: with `typ` JWT or none, without `client_id` or `jti`. Default: false. */
  readonly allowForeignTokens?: boolean | undefined
  /** Seconds by which `exp`, `nbf` and `iat` may be missed, 0 to 300. Default: 10. */
  readonly clockTolerance?: number | undefined
  /** How many checked tokens are kept, 0 to 1000000. Default: 1000. */
  readonly cacheSize?: number | undefined
  /** How the authorization server is asked. Its own host may be at any address. Default: https to public addresses elsewhere. */
  readonly outbound?: OutboundOptions | undefined
  /** The `realm` of challenges (RFC 6750 §3). Default: `api`. */
  readonly realm?: string | undefined
  /** Receives refusals. Default: nobody. */
  readonly events?: EventListener | undefined
  /** Tells the time in seconds. Default: the machine's clock. */
  readonly now?: Clock | undefined
}

/** Options of `protect`. */
export type ProtectOptions<Output, Request extends HttpRequest> = TokenSource &
  AudienceOption &
  CommonOptions<Output, Request>
