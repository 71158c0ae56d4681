import type { AuthorizationDetailOptions } from '../core/authorization-details.ts'
import type { Awaitable } from '../core/awaitable.ts'
import type { ClientAuthenticationMethod } from '../core/client-authentication.ts'
import type { ClientKeyFetcher } from '../core/client-keys.ts'
import { ConfigurationError } from '../core/errors.ts'
import type { Grant } from '../core/grant.ts'
import type { Hooks } from '../core/hooks.ts'
import type { HttpRequest, HttpResponse } from '../core/http.ts'
import type { RequestLimits } from '../core/read-request.ts'
import type { Client } from '../core/records.ts'
import type { AuthorizationRequest, ResponseType } from '../core/response-type.ts'
import type { ServedResources } from '../core/resources.ts'
import type { SliceName } from '../core/slices.ts'
import type { AuthorizationDecision } from '../endpoints/authorization.ts'
import type { CodeOptions } from '../response-types/code.ts'
import type { OutboundOptions } from '../outbound/guarded-fetch.ts'
import type { BearerTokenOptions } from '../tokens/bearer-options.ts'
import type { PushedRequestOptions, RequestObjectOptions, SignedResponseOptions } from './authorization-requests.ts'
import type { ClientDocumentOptions } from './client-documents.ts'
import type { OriginJudge } from './cross-origin.ts'
import type { DeviceOptions } from './device-flow.ts'
import type { RegistrationOptions } from './dynamic-registration.ts'
import type { SignedIntrospectionOptions } from './signed-introspection.ts'

/** Where the endpoints are, as paths below the issuer. */
export interface EndpointPaths {
  /** Default: `/authorize`. */
  readonly authorization: string
  /** Default: `/token`. */
  readonly token: string
  /** Default: `/introspect`. */
  readonly introspection: string
  /** Default: `/revoke`. */
  readonly revocation: string
  /** Default: `/jwks`. */
  readonly jwks: string
  /** Default: `/device_authorization`. */
  readonly deviceAuthorization: string
  /** Default: `/par`. */
  readonly pushedAuthorization: string
  /** Default: `/register`. Clients manage themselves one segment below. */
  readonly registration: string
}

/** Where the endpoints are unless an option says otherwise. */
export const defaultPaths: EndpointPaths = {
  authorization: '/authorize',
  token: '/token',
  introspection: '/introspect',
  revocation: '/revoke',
  jwks: '/jwks',
  deviceAuthorization: '/device_authorization',
  pushedAuthorization: '/par',
  registration: '/register',
}

/** The paths of the endpoints that a server has: all but those of which `has` says no. */
export const pathsOf = (
  given: Partial<EndpointPaths> | undefined,
  has: Readonly<Partial<Record<keyof EndpointPaths, boolean>>>,
): Partial<EndpointPaths> => {
  const missing: readonly string[] = Object.entries(has).flatMap(([name, isThere]) => (isThere ? [] : [name]))
  return Object.fromEntries(Object.entries({ ...defaultPaths, ...given }).filter(([name]) => !missing.includes(name)))
}

/**
 * Asks the user. Returns the decision, or a response (a login or consent page, a redirect to one) where the user has not decided yet.
 * The pages bring the browser back to the same authorization request.
 */
export type Interaction = (
  authorization: { readonly request: AuthorizationRequest; readonly client: Client },
  http: HttpRequest,
) => Awaitable<AuthorizationDecision | HttpResponse>

/** Options of every preconfigured server; all have defaults. */
export interface ServerOptions extends BearerTokenOptions, CodeOptions, RequestLimits {
  /**
   * The URL that names this server, exactly as clients configure it: https, or http on localhost. Enables the metadata document and the
   * `iss` parameter of authorization responses (RFC 8414, RFC 9207). Default: none.
   */
  readonly issuer?: string | undefined
  readonly paths?: Partial<EndpointPaths> | undefined
  /** Answers authorization requests in `fetch` and `handle`. Default: those answer 404 there, and you mount a route of your own. */
  readonly interact?: Interaction | undefined
  /**
   * Whether pages of an origin may call the endpoints through `fetch` and `handle`: all but authorization and introspection. A preflight
   * names no client, so the origin alone is judged. Default: no page of another origin may; metadata and keys are for all.
   */
  readonly isOriginAllowed?: OriginJudge | undefined
  /** Authorizes devices (RFC 8628): the validator needs the methods of `DeviceValidator` then. Default: off. */
  readonly device?: DeviceOptions | undefined
  /** Lets clients leave authorization requests here first (RFC 9126): the validator needs the methods of `PushedRequestValidator` then. Default: off. */
  readonly pushedRequests?: PushedRequestOptions | undefined
  /** Takes authorization requests in JWTs (RFC 9101, OpenID Connect Core §6). Default: off. */
  readonly requestObjects?: RequestObjectOptions | undefined
  /** Signs answers to authorization requests for clients that ask for it by `response_mode` (JARM). Default: off. */
  readonly signedResponses?: SignedResponseOptions | undefined
  /** Signs answers to introspection for resources that ask for it by `Accept` (RFC 9701). Default: off, and answers are JSON. */
  readonly signedIntrospection?: SignedIntrospectionOptions | undefined
  /** Lets clients register themselves (RFC 7591): the validator needs the methods of `RegistrationValidator` then. Default: off. */
  readonly registration?: RegistrationOptions | undefined
  /**
   * Knows clients by the documents that their ids are the URLs of (draft-ietf-oauth-client-id-metadata-document-01). Default: off, and only
   * clients of the validator are known.
   */
  readonly clientIdMetadataDocuments?: ClientDocumentOptions | undefined
  /** How other servers are asked, for example for the sector of a client. Default: https to public addresses. */
  readonly outbound?: OutboundOptions | undefined
  /** Grants beside those of the server, by grant type. */
  readonly grants?: Readonly<Record<string, Grant>> | undefined
  /** Response types beside those of the server, by name. */
  readonly responseTypes?: Readonly<Record<string, ResponseType>> | undefined
  /**
   * Client authentication methods beside those of every server: `client_secret_basic`, `client_secret_post`, `none`, with `issuer`
   * `private_key_jwt`, and `client_secret_jwt` where the validator has `findClientSecrets`. One of the same name takes the place of ours.
   */
  readonly clientAuthentication?: readonly ClientAuthenticationMethod[] | undefined
  /**
   * Gets the keys of clients that have a `jwksUri`: for `private_key_jwt`, and with OpenID Connect for request objects and encryption. Default:
   * with `registration` or `clientIdMetadataDocuments`, by a guarded client; else such clients are refused.
   */
  readonly fetchKeys?: ClientKeyFetcher | undefined
  readonly hooks?: Hooks | undefined
  /** Protected resources that tokens may be asked for by `resource` (RFC 8707), see `ignoreTrailingSlash`. Default: none. */
  readonly resources?: ServedResources | undefined
  /**
   * Whether a request may name several of them. `split`: the grant is for all of them, and each access token for one, which the token request names; the
   * first one without. Default: `refuse`.
   */
  readonly severalResources?: 'refuse' | 'split' | undefined
  /** Authorization details that clients may ask for (RFC 9396). Default: off, and the parameter is passed over. */
  readonly authorizationDetails?: AuthorizationDetailOptions | undefined
  /** Scopes to list in the metadata document. Default: not listed. */
  readonly scopes?: readonly string[] | undefined
}

const names: Readonly<Record<keyof ServerOptions, true>> = {
  tokenGenerator: true,
  refreshTokenGenerator: true,
  tokenExpiresIn: true,
  refreshTokenExpiresIn: true,
  refreshTokenFamilyExpiresIn: true,
  refreshTokenRotation: true,
  refreshTokenGrace: true,
  refreshTokenMaxReplays: true,
  tokenVerifier: true,
  audience: true,
  dpop: true,
  mutualTls: true,
  realm: true,
  tokenModifiers: true,
  events: true,
  now: true,
  allowFormBodyToken: true,
  legacyQueryToken: true,
  codeExpiresIn: true,
  codeModifiers: true,
  allowMissingPkce: true,
  maxBodyBytes: true,
  issuer: true,
  paths: true,
  interact: true,
  isOriginAllowed: true,
  device: true,
  pushedRequests: true,
  requestObjects: true,
  signedResponses: true,
  signedIntrospection: true,
  registration: true,
  clientIdMetadataDocuments: true,
  outbound: true,
  grants: true,
  responseTypes: true,
  clientAuthentication: true,
  fetchKeys: true,
  hooks: true,
  resources: true,
  resourcePolicies: true,
  severalResources: true,
  profile: true,
  authorizationDetails: true,
  scopes: true,
}

/** Refuses options that do not exist, so that a misspelt one is not silently without effect. */
export const requireKnownOptions = (options: object, owner: string): void => {
  const unknown = Object.keys(options).filter((name) => !Object.hasOwn(names, name))
  if (unknown.length === 0) return
  throw new ConfigurationError(
    `${owner}: unknown option ${unknown.join(', ')}. Known are ${Object.keys(names).join(', ')}.`,
  )
}

/** The parts of the validator contract that options of a server need, beside those that its kind needs. */
export const slicesOf = ({ device, registration, pushedRequests }: ServerOptions): readonly SliceName[] => [
  ...(['client', 'scope', 'token', 'introspection', 'revocation'] as const),
  ...(device === undefined ? [] : (['device'] as const)),
  ...(registration === undefined ? [] : (['registration'] as const)),
  ...(pushedRequests === undefined ? [] : (['pushedRequest'] as const)),
]
