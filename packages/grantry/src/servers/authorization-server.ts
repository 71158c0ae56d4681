import type { ClientAuthenticationMethod } from '../core/client-authentication.ts'
import { ConfigurationError } from '../core/errors.ts'
import type { Grant } from '../core/grant.ts'
import type { HttpHandler, HttpRequest, HttpResponse } from '../core/http.ts'
import { issuerPath } from '../core/issuer.ts'
import { defaultMaxBodyBytes } from '../core/read-request.ts'
import type {
  ClientValidator,
  IntrospectionValidator,
  RevocationValidator,
  ScopeValidator,
  TokenValidator,
} from '../core/request-validator.ts'
import type { AuthorizationRequest } from '../core/response-type.ts'
import { requireMethods } from '../core/slices.ts'
import {
  respondToAuthorization,
  validateAuthorization,
  type AuthorizationDecision,
  type AuthorizationEndpointContext,
  type AuthorizationValidation,
} from '../endpoints/authorization.ts'
import { introspection } from '../endpoints/introspection.ts'
import { jwks } from '../endpoints/jwks.ts'
import { metadata } from '../endpoints/metadata.ts'
import { pushedAuthorization } from '../endpoints/pushed-authorization.ts'
import { revocation } from '../endpoints/revocation.ts'
import { token } from '../endpoints/token.ts'
import { OutboundClient } from '../outbound/outbound-client.ts'
import type { BearerResult } from '../tokens/bearer-options.ts'
import { BearerToken, type BearerTokenValidator } from '../tokens/bearer-token.ts'
import { clientAuthenticationMethods } from './client-authentication.ts'
import type { ClientDocuments } from '../registration/client-documents.ts'
import { clientDocuments, withClientDocuments } from './client-documents.ts'
import { allowOrigins } from './cross-origin.ts'
import { describeServer } from './description.ts'
import { DeviceFlow } from './device-flow.ts'
import { features, type Features } from './features.ts'
import { ClientSelfService } from './dynamic-registration.ts'
import {
  defaultPaths,
  pathsOf,
  requireKnownOptions,
  slicesOf,
  type EndpointPaths,
  type ServerOptions,
} from './options.ts'
import { grantsOf, heldMetadata, holdProfile, responseTypesOf } from './hold-profile.ts'
import type { Parts } from './parts.ts'
import { document, route, wellKnownPaths } from './routes.ts'
import { fromWebRequest, toWebResponse } from '../core/web-request.ts'

/** The slices that every server needs. */
export type ServerValidator = ClientValidator &
  ScopeValidator &
  TokenValidator &
  IntrospectionValidator &
  RevocationValidator

/**
 * An OAuth 2 authorization server made of parts; the preconfigured servers choose them. Each endpoint is a method, and `fetch` and
 * `handle` are all of them together. No method throws for what a client sends.
 */
export class AuthorizationServer {
  /** Largest body in bytes that is read; adapters stop there. */
  readonly maxBodyBytes: number
  /** Makes and checks the tokens of this server. */
  readonly bearer: BearerToken
  /** Authorizes devices; undefined without the option `device`. */
  readonly device: DeviceFlow | undefined
  /** Lets clients register and manage themselves; undefined without the option `registration`. */
  readonly registration: ClientSelfService | undefined
  /** Finds clients by the documents at their ids; undefined without the option `clientIdMetadataDocuments`. */
  readonly clientDocuments: ClientDocuments | undefined
  readonly #context: AuthorizationEndpointContext & {
    readonly validator: ServerValidator
    readonly clientAuthentication: readonly ClientAuthenticationMethod[]
    readonly grants: ReadonlyMap<string, Grant>
    readonly bearer: BearerToken
    readonly signingAlgorithms: Features['signingAlgorithms']
    readonly outbound: OutboundClient
  }
  readonly #features: Features
  readonly #options: ServerOptions
  readonly #parts: Parts
  readonly #routes: ReadonlyMap<string, HttpHandler>

  constructor(validator: ServerValidator & BearerTokenValidator, given: ServerOptions, parts: Parts) {
    requireKnownOptions(given, parts.name)
    const options = holdProfile(given)
    const paths = { ...defaultPaths, ...options.paths }
    const outbound = parts.outbound ?? new OutboundClient(options.outbound)
    const assertions = { tokenPath: paths.token, outbound, isOpenId: parts.openid !== undefined }
    requireMethods(validator, [...slicesOf(options), ...parts.slices], parts.name)
    this.bearer = new BearerToken(validator, options)
    this.maxBodyBytes = options.maxBodyBytes ?? defaultMaxBodyBytes
    const grants = grantsOf(parts.grants, options)
    this.#options = options
    this.#parts = parts
    this.#features = features(validator, options, { ...parts, outbound })
    this.#context = {
      ...this.#features.context,
      validator: this.#features.holdClients(withClientDocuments(validator, options, () => this.clientDocuments)),
      clientAuthentication: clientAuthenticationMethods(validator, options, assertions),
      grants,
      grantTypes: [...grants.keys()],
      responseTypes: responseTypesOf(parts.responseTypes(this.bearer), options),
      hooks: options.hooks ?? {},
      resources: options.resources ?? [],
      issuer: options.issuer,
      ...{ bearer: this.bearer, limits: this, openid: parts.openid, outbound },
      signingAlgorithms: this.#features.signingAlgorithms,
    }
    this.device = options.device && new DeviceFlow(this.#context, options.device)
    this.registration =
      options.registration && new ClientSelfService(this.#context, options.registration, paths.registration)
    this.clientDocuments = clientDocuments(options, this.#context)
    const closed = [paths.authorization, paths.introspection].map((path) => issuerPath(options.issuer) + path)
    this.#routes = allowOrigins(this.#makeRoutes(), closed, options.isOriginAllowed, this.#context)
  }

  /** Answers a token request (RFC 6749 §3.2). */
  createTokenResponse(request: HttpRequest): Promise<HttpResponse> {
    return token(request, this.#context)
  }

  /** Checks an authorization request before the user is asked; gives what to show, or the answer to send (RFC 6749 §3.1). */
  validateAuthorizationRequest(request: HttpRequest): Promise<AuthorizationValidation> {
    return validateAuthorization(request, this.#context)
  }

  /**
   * Answers a checked authorization request with the user's decision: a redirect to the client (RFC 6749 §4.1.2). `http` is the request
   * that brought the decision; hooks and validator methods see its headers, not its body.
   */
  createAuthorizationResponse(
    http: Pick<HttpRequest, 'headers'>,
    request: AuthorizationRequest,
    decision: AuthorizationDecision,
  ): Promise<HttpResponse> {
    return respondToAuthorization(http, request, decision, this.#context)
  }

  /** Answers a client that leaves an authorization request here (RFC 9126 §2). Needs the option `pushedRequests`. */
  createPushedAuthorizationResponse(request: HttpRequest): Promise<HttpResponse> {
    const { pushed } = this.#context
    if (pushed !== undefined) return pushedAuthorization(request, { ...this.#context, pushed })
    throw new ConfigurationError('createPushedAuthorizationResponse needs the option pushedRequests.')
  }

  /** Checks that a request to a protected resource carries a live token with all of `scopes`; gives the token, or the answer to send. */
  verifyRequest(request: HttpRequest, scopes: readonly string[] = []): Promise<BearerResult> {
    return this.bearer.validateRequest(request, scopes)
  }

  /** Answers an introspection request (RFC 7662). */
  createIntrospectionResponse(request: HttpRequest): Promise<HttpResponse> {
    return introspection(request, this.#context)
  }

  /** Answers a revocation request (RFC 7009). */
  createRevocationResponse(request: HttpRequest): Promise<HttpResponse> {
    return revocation(request, this.#context)
  }

  /** Answers a device authorization request (RFC 8628 §3.1). Needs the option `device`. */
  createDeviceAuthorizationResponse(request: HttpRequest): Promise<HttpResponse> {
    if (this.device !== undefined) return this.device.createResponse(request)
    throw new ConfigurationError('createDeviceAuthorizationResponse needs the option device.')
  }

  /** The metadata document (RFC 8414). Needs the option `issuer`. */
  async createMetadataResponse(): Promise<HttpResponse> {
    const { issuer, scopes, mutualTls } = this.#options
    if (issuer === undefined) throw new ConfigurationError('createMetadataResponse needs the option issuer.')
    const description = describeServer(issuer, this.#paths(), { ...this.#context, scopes })
    const more = { ...(await this.#parts.metadata?.()), ...(await this.#features.metadata()) }
    return metadata({ ...description, mutualTls }, heldMetadata(more, this.#options.profile))
  }

  /** The public keys of what this server signs (RFC 7517); empty where it signs nothing. */
  async createJwksResponse(): Promise<HttpResponse> {
    const tokenKeys = (await this.bearer.publicKeys?.()) ?? []
    const others = [await this.#parts.jwts?.keys.publicKeys(), await this.#features.publicKeys()]
    return jwks([...tokenKeys, ...others.flatMap((keys) => keys ?? [])])
  }

  /** Where its endpoints are, from the root on; `*` stands for one segment. */
  get paths(): readonly string[] {
    return [...this.#routes.keys()]
  }

  /** Answers a request to any endpoint by its path below the issuer. */
  handle(request: HttpRequest): Promise<HttpResponse> {
    return route(this.#routes, request)
  }

  /** The same for a web `Request`: the handler for Deno, Bun, Workers and every framework that speaks the web standard. */
  readonly fetch = async (request: Request): Promise<Response> =>
    toWebResponse(await this.handle(fromWebRequest(request, this.maxBodyBytes)), request.method)

  /** Paths below the issuer of the endpoints that this server has. */
  #paths(): Partial<EndpointPaths> {
    const { grants, responseTypes } = this.#context
    return pathsOf(this.#options.paths, {
      authorization: responseTypes.size > 0,
      token: grants.size > 0,
      jwks: [this.bearer.publicKeys, this.#parts.jwts, this.#features.hasKeys || undefined].some(Boolean),
      pushedAuthorization: this.#context.pushed !== undefined,
      deviceAuthorization: this.device !== undefined,
      registration: this.registration !== undefined,
    })
  }

  #makeRoutes(): ReadonlyMap<string, HttpHandler> {
    const base = issuerPath(this.#options.issuer)
    const { interact, issuer } = this.#options
    const handlers: Partial<Record<keyof EndpointPaths, HttpHandler>> = {
      token: (http) => this.createTokenResponse(http),
      introspection: (http) => this.createIntrospectionResponse(http),
      revocation: (http) => this.createRevocationResponse(http),
      pushedAuthorization: (http) => this.createPushedAuthorizationResponse(http),
      ...(this.device && { deviceAuthorization: (http: HttpRequest) => this.createDeviceAuthorizationResponse(http) }),
      jwks: document(this.#context, () => this.createJwksResponse()),
      ...(interact && { authorization: (http: HttpRequest) => this.#authorize(http, interact) }),
    }
    const routes = Object.entries(this.#paths()).flatMap(([name, path]): [string, HttpHandler][] => {
      const handler = handlers[name as keyof EndpointPaths] // Object.entries widens the keys
      return handler === undefined ? [] : [[base + path, handler]]
    })
    const others = { ...this.registration?.handlers, ...this.#parts.endpoints?.(this.#context) }
    for (const [path, handler] of Object.entries(others)) routes.push([base + path, handler])
    if (issuer === undefined) return new Map(routes)
    const description = document(this.#context, () => this.createMetadataResponse())
    return new Map([
      ...routes,
      ...wellKnownPaths(base, this.#parts.openid !== undefined).map((path) => [path, description] as const),
    ])
  }

  async #authorize(http: HttpRequest, interact: NonNullable<ServerOptions['interact']>): Promise<HttpResponse> {
    const validation = await this.validateAuthorizationRequest(http)
    if (!validation.ok) return validation.response
    const outcome = await interact(validation, http)
    return 'approved' in outcome ? this.createAuthorizationResponse(http, validation.request, outcome) : outcome
  }
}
