import type { AnswerContext } from '../core/answer.ts'
import type { Awaitable } from '../core/awaitable.ts'
import type { ClientAuthenticationMethod } from '../core/client-authentication.ts'
import { deviceCodeGrantType } from '../core/device-authorization.ts'
import type { DetailRules } from '../core/detail-rules.ts'
import { ConfigurationError } from '../core/errors.ts'
import type { HttpHandler, HttpRequest, HttpResponse } from '../core/http.ts'
import type { RequestLimits } from '../core/read-request.ts'
import type { RegistrationLimit, RegistrationPolicy, RegistrationValidator } from '../core/registration.ts'
import type { ClientValidator } from '../core/request-validator.ts'
import type { ResponseType } from '../core/response-type.ts'
import type { VerificationKeyInput } from '../core/signer.ts'
import { clientConfiguration } from '../endpoints/client-configuration.ts'
import { registerClient, type ClientRegistrationContext } from '../endpoints/client-registration.ts'
import { verificationKeySet } from '../keys/key-set.ts'
import type { OutboundClient } from '../outbound/outbound-client.ts'
import type { RegistrationOffer } from '../registration/consistency.ts'
import type { BearerToken } from '../tokens/bearer-token.ts'
import { isLifetime } from '../tokens/bearer-options.ts'

/** Software statements that this server goes by (RFC 7591 §2.3). */
export interface SoftwareStatementOptions {
  /** Public keys of those who sign them, by their `iss`. */
  readonly issuers: Readonly<Record<string, VerificationKeyInput | readonly VerificationKeyInput[]>>
  /** Refuses clients without one. Default: false. */
  readonly isRequired?: boolean | undefined
}

/** How clients register themselves (RFC 7591). */
export interface RegistrationOptions {
  /** Lets anyone register, without an initial access token. Default: false. */
  readonly allowOpen?: boolean | undefined
  /** Scopes that clients may be registered for, and are where they name none. Default: none. */
  readonly scopes?: readonly string[] | undefined
  /** Grants that clients may be registered for. Default: those of users, which are code, refresh token, device code and, for ID tokens, implicit. */
  readonly grantTypes?: readonly string[] | undefined
  /** Response types that clients may be registered for. Default: those of the server without `token`. */
  readonly responseTypes?: readonly string[] | undefined
  /** How clients may see users. Default: `public`; add `pairwise` where the server has a `pairwiseSalt`. */
  readonly subjectTypes?: readonly string[] | undefined
  /** Types of authorization details that clients may be registered for (RFC 9396 §10). Default: none. */
  readonly authorizationDetailsTypes?: readonly string[] | undefined
  readonly softwareStatements?: SoftwareStatementOptions | undefined
  /** Your own judgement. Default: whatever the other options allow. */
  readonly policy?: RegistrationPolicy | undefined
  /** Seconds after which a client ends. Default: never; see `sweepRegistrations`. */
  readonly maxClientLifetime?: number | undefined
  /** How many may register in a time with one initial access token, or, without, as `limitBy` says. Default: 60 in 3600 seconds. */
  readonly rateLimit?: RegistrationLimit | undefined
  /** How many may register without a token in a time, all together: with clean-up of unused ones, what strangers can fill a store with. Default: any number. */
  readonly totalLimit?: RegistrationLimit | undefined
  /** Whose tries are counted together where no token is sent: the address behind your proxy, for example. Default: everyone's. */
  readonly limitBy?: ((request: HttpRequest) => string) | undefined
}

/** The parts of a server that registration needs. */
export interface RegistrationParts extends AnswerContext {
  readonly validator: ClientValidator
  readonly limits: RequestLimits
  readonly outbound: OutboundClient
  readonly clientAuthentication: readonly ClientAuthenticationMethod[]
  readonly grantTypes: readonly string[]
  readonly responseTypes: ReadonlyMap<string, ResponseType>
  readonly issuer: string | undefined
  readonly bearer: Pick<BearerToken, 'dpopAlgorithms'>
  /** Undefined where authorization details are not taken. */
  readonly details?: DetailRules | undefined
  /** What can be signed for clients, by what names of metadata begin with. */
  readonly signingAlgorithms: Readonly<Record<string, () => Awaitable<readonly string[]>>>
}

const ofUsers = ['authorization_code', 'refresh_token', deviceCodeGrantType]
/** A secret of these cannot be kept as a digest. */
const withPlainSecret = 'client_secret_jwt'

/** What clients may be registered for, by default and by options. */
export const offerOf = (parts: RegistrationParts, options: RegistrationOptions): RegistrationOffer => {
  const ofServer = [...parts.responseTypes.keys()]
  const responseTypes = options.responseTypes ?? ofServer.filter((type) => !type.split(' ').includes('token'))
  const isImplicit = responseTypes.some((type) => /(?:^| )(?:id_token|token)(?: |$)/.test(type))
  return {
    authMethods: parts.clientAuthentication.map(({ name }) => name).filter((name) => name !== withPlainSecret),
    grantTypes: options.grantTypes ?? [
      ...parts.grantTypes.filter((grant) => ofUsers.includes(grant)),
      ...(isImplicit ? ['implicit'] : []),
    ],
    responseTypes,
    scopes: options.scopes ?? [],
    subjectTypes: options.subjectTypes ?? ['public'],
    authorizationDetailsTypes: options.authorizationDetailsTypes ?? [],
    hasDpop: parts.bearer.dpopAlgorithms !== undefined,
    hasCertificates: parts.clientAuthentication.some(({ name }) => name === 'tls_client_auth'),
  }
}

const names: Readonly<Record<keyof RegistrationOptions, true>> = {
  allowOpen: true,
  scopes: true,
  grantTypes: true,
  responseTypes: true,
  subjectTypes: true,
  authorizationDetailsTypes: true,
  softwareStatements: true,
  policy: true,
  maxClientLifetime: true,
  rateLimit: true,
  totalLimit: true,
  limitBy: true,
}

const requireOptions = (options: RegistrationOptions): void => {
  const unknown = Object.keys(options).filter((name) => !Object.hasOwn(names, name))
  if (unknown.length > 0)
    throw new ConfigurationError(
      `registration: unknown option ${unknown.join(', ')}. Known are ${Object.keys(names).join(', ')}.`,
    )
  const { maxClientLifetime } = options
  if (maxClientLifetime !== undefined && !isLifetime(maxClientLifetime))
    throw new ConfigurationError('registration.maxClientLifetime must be whole seconds above 0.')
  for (const name of ['rateLimit', 'totalLimit'] as const) {
    const limit = options[name]
    if (limit !== undefined && !(isLifetime(limit.most) && isLifetime(limit.windowSeconds)))
      throw new ConfigurationError(`registration.${name} needs most and windowSeconds, whole numbers above 0.`)
  }
}

/** Refuses to offer what the server does not have. */
const requireOffer = (
  { grantTypes, responseTypes, authorizationDetailsTypes }: RegistrationOffer,
  parts: RegistrationParts,
): void => {
  const missing: readonly (readonly [option: string, values: readonly string[]])[] = [
    ['grantTypes', grantTypes.filter((grant) => grant !== 'implicit' && !parts.grantTypes.includes(grant))],
    ['responseTypes', responseTypes.filter((type) => !parts.responseTypes.has(type))],
    ['authorizationDetailsTypes', authorizationDetailsTypes.filter((type) => parts.details?.types.has(type) !== true)],
  ]
  for (const [option, values] of missing)
    if (values.length > 0)
      throw new ConfigurationError(`registration.${option}: ${values.join(', ')} is not of this server.`)
}

/** The endpoints by which clients register and manage themselves (RFC 7591, RFC 7592). */
export class ClientSelfService {
  /** Both endpoints, by their paths below the issuer; `*` is the id of a client. */
  readonly handlers: Readonly<Record<string, HttpHandler>>
  readonly #context: ClientRegistrationContext & { readonly validator: ClientValidator }

  constructor(parts: RegistrationParts, options: RegistrationOptions, path: string) {
    requireOptions(options)
    this.handlers = {
      [path]: (http) => this.createResponse(http),
      [`${path}/*`]: (http) => this.createClientResponse(http),
    }
    const { issuer } = parts
    if (issuer === undefined)
      throw new ConfigurationError('registration needs the option issuer: clients get URLs below it.')
    const offer = offerOf(parts, options)
    requireOffer(offer, parts)
    const { issuers = {}, isRequired = false } = options.softwareStatements ?? {}
    const keySet = (keys: VerificationKeyInput | readonly VerificationKeyInput[]) =>
      verificationKeySet(keys, { usedBy: 'registration.softwareStatements' })
    this.#context = {
      ...{ now: parts.now, events: parts.events, limits: parts.limits },
      validator: parts.validator as ClientValidator & RegistrationValidator, // requireMethods has checked the slice `registration`
      rules: {
        offer,
        statementIssuers: new Map(Object.entries(issuers).map(([iss, keys]) => [iss, keySet(keys)])),
        requiresStatement: isRequired,
        policy: options.policy,
        outbound: parts.outbound,
        signingAlgorithms: parts.signingAlgorithms,
        issuer,
      },
      allowOpen: options.allowOpen ?? false,
      rateLimit: options.rateLimit ?? { most: 60, windowSeconds: 3600 },
      totalLimit: options.totalLimit,
      limitBy: options.limitBy ?? (() => 'anyone'),
      maxClientLifetime: options.maxClientLifetime,
      registrationUri: issuer.replace(/\/$/, '') + path,
    }
  }

  /** Registers a client (RFC 7591 §3). */
  createResponse(request: HttpRequest): Promise<HttpResponse> {
    return registerClient(request, this.#context)
  }

  /** Shows, updates or deletes the client that the last segment of the path names (RFC 7592 §2). */
  createClientResponse(request: HttpRequest): Promise<HttpResponse> {
    return clientConfiguration(request, this.#context)
  }
}
