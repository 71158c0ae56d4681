import { cibaGrantType, type BackchannelValidator } from '../core/backchannel.ts'
import type { FapiProfile } from '../core/fapi.ts'
import { deviceCodeGrantType, type DeviceValidator } from '../core/device-authorization.ts'
import { ConfigurationError } from '../core/errors.ts'
import type { Grant } from '../core/grant.ts'
import type { HttpRequest } from '../core/http.ts'
import { readOpenIdRequest } from '../core/openid-request.ts'
import type { Client } from '../core/records.ts'
import type { ClientValidator, CodeValidator, RefreshTokenValidator } from '../core/request-validator.ts'
import type { AuthorizationRequest, ResponseType } from '../core/response-type.ts'
import { scopeClaims as standardScopeClaims, type UserClaimsValidator } from '../core/user-claims.ts'
import { validateLogout, type LogoutContext, type LogoutValidation } from '../endpoints/logout.ts'
import { userInfo } from '../endpoints/userinfo.ts'
import { AuthorizationCodeGrant } from '../grants/authorization-code.ts'
import { CibaGrant } from '../grants/ciba.ts'
import { ClientCredentialsGrant } from '../grants/client-credentials.ts'
import { DeviceCodeGrant } from '../grants/device-code.ts'
import { RefreshTokenGrant } from '../grants/refresh-token.ts'
import { CodeResponseType } from '../response-types/code.ts'
import { noneResponseType } from '../response-types/none.ts'
import { OpenIdResponseType } from '../response-types/openid.ts'
import { TokenResponseType } from '../response-types/token.ts'
import { OutboundClient } from '../outbound/outbound-client.ts'
import { BearerToken } from '../tokens/bearer-token.ts'
import { readIdTokenHint } from '../tokens/id-token-hint.ts'
import { ClientJwts } from '../tokens/client-jwts.ts'
import { IdTokenIssuer } from '../tokens/id-token.ts'
import { frontchannelUri, logoutClaims, logoutTokenType, type LoggedOut } from '../tokens/logout-token.ts'
import { subjects, type SubjectOf } from '../tokens/subject.ts'
import { systemClock } from '../util/clock.ts'
import { AuthorizationServer, type ServerValidator } from './authorization-server.ts'
import { withClientDocuments } from './client-documents.ts'
import { backchannelMetadata, type BackchannelFlow, type BackchannelOptions } from './backchannel-flow.ts'
import { keyFetcher } from './client-authentication.ts'
import { deliverLogouts, type LogoutOutbox, type LogoutSender } from './logout-deliveries.ts'
import { openIdAuthorization } from './openid-authorization.ts'
import { openIdEndpoints } from './openid-endpoints.ts'
import { describeOpenId } from './openid-description.ts'
import { withHeldClients } from './hold-profile.ts'
import type { OpenIdOptions, OpenIdServerOptions } from './openid-options.ts'
import type { ServerOptions } from './options.ts'
import { nextStep, type KnownLogin, type NextStep } from './openid-steps.ts'

/** What `OpenIdServer` needs of a validator. */
export type OpenIdValidator = ServerValidator & CodeValidator & RefreshTokenValidator & UserClaimsValidator

/** The same, with what options need. */
type AnyValidator = OpenIdValidator & Partial<DeviceValidator & BackchannelValidator>

const name = 'OpenIdServer'

/** What JavaScript callers give may lack what is required. */
type GivenOptions = Omit<OpenIdServerOptions, 'openid'> & { readonly openid?: OpenIdOptions }

/** Every response type with `code`, `token` and `id_token`, by its words in the order of the alphabet. */
const responseTypes = (code: ResponseType, token: ResponseType, issuer: IdTokenIssuer) => ({
  code,
  token,
  none: noneResponseType,
  id_token: new OpenIdResponseType({ issuer }),
  'id_token token': new OpenIdResponseType({ token, issuer }),
  'code id_token': new OpenIdResponseType({ code, issuer }),
  'code token': new OpenIdResponseType({ code, token }),
  'code id_token token': new OpenIdResponseType({ code, token, issuer }),
})

const relaxed = (
  { profile = 'oauth21' }: OpenIdOptions,
  held: FapiProfile | undefined,
): { readonly allowMissingPkce?: boolean } => {
  if (!['oauth21', 'openid'].includes(profile))
    throw new ConfigurationError(`openid.profile is oauth21 or openid, not "${profile}".`)
  if (profile === 'openid' && held !== undefined)
    throw new ConfigurationError(`profile ${held}: openid.profile: Leave it out: every client uses PKCE.`)
  return profile === 'openid' ? { allowMissingPkce: true } : {}
}

const clientsOf = <Validator extends ClientValidator>(
  validator: Validator,
  options: ServerOptions,
  { keys }: ClientJwts,
  documents: Parameters<typeof withClientDocuments>[2],
): Validator =>
  withHeldClients(withClientDocuments(validator, options, documents), options.profile, {
    id_token: () => keys.algorithms(),
  })

const withIdTokens = (options: ServerOptions, idTokens: IdTokenIssuer): ServerOptions => ({
  ...options,
  tokenModifiers: [...(options.tokenModifiers ?? []), (token, context) => idTokens.addTo(token, context)],
})

const cibaGrant = (
  validator: AnyValidator,
  { issuer, resources }: OpenIdServerOptions,
  backchannel: BackchannelOptions,
) => ({
  [cibaGrantType]: new CibaGrant(validator as BackchannelValidator, {
    resources,
    metadata: backchannelMetadata(issuer, backchannel),
  }), // its slice is checked by the server
})

const grantsOf = (validator: AnyValidator, options: OpenIdServerOptions): Readonly<Record<string, Grant>> => {
  const devices = options.device && new DeviceCodeGrant(validator as DeviceValidator, options) // its slice is checked by the server
  return {
    authorization_code: new AuthorizationCodeGrant(validator, options),
    client_credentials: new ClientCredentialsGrant(validator, options),
    refresh_token: new RefreshTokenGrant(validator, options),
    ...(devices && { [deviceCodeGrantType]: devices }),
    ...(options.backchannel && cibaGrant(validator, options, options.backchannel)),
  }
}

/**
 * An OpenID Connect provider: everything of `Server`, ID tokens, UserInfo and discovery. Clients may use the response types that they are
 * registered for; `code` alone unless their record says otherwise.
 */
export class OpenIdServer extends AuthorizationServer {
  /** Asks users who are somewhere else; undefined without the option `backchannel`. */
  readonly backchannel: BackchannelFlow | undefined
  readonly #jwts: ClientJwts
  readonly #subjectOf: SubjectOf
  readonly #options: OpenIdServerOptions
  readonly #logout: LogoutContext & Pick<LogoutSender, 'outbound'>

  constructor(validator: AnyValidator, options: OpenIdServerOptions) {
    const { openid, backchannel, ...plain } = options as GivenOptions
    const { issuer } = plain as Partial<OpenIdServerOptions> // the same
    if (issuer === undefined || openid === undefined)
      throw new ConfigurationError(`${name}: the options issuer and openid.keys are required.`)
    const scopeClaims = { ...standardScopeClaims, ...openid.scopeClaims }
    const subjectOf = subjects(openid.pairwiseSalt)
    const outbound = new OutboundClient(options.outbound)
    const fetchKeys = keyFetcher(options, outbound)
    const jwts = new ClientJwts({ keys: openid.keys, fetchKeys, usedBy: 'openid.keys' })
    const idTokens = new IdTokenIssuer(validator, { ...openid, issuer, scopeClaims, jwts }, subjectOf)
    const code = new CodeResponseType(validator, { ...options, ...relaxed(openid, options.profile) })
    const userInfoContext = {
      ...{ jwts, subjectOf, issuer, scopeClaims },
      validator: clientsOf(validator, options, jwts, () => this.clientDocuments),
      bearer: new BearerToken(validator, { ...options, audience: undefined, allowFormBodyToken: true }),
      grantTypes: [],
      now: options.now ?? systemClock,
      events: options.events ?? (() => undefined),
    }
    const paths = { [openid.userInfoPath ?? '/userinfo']: (http: HttpRequest) => userInfo(http, userInfoContext) }
    const own = openIdEndpoints(paths, backchannel, { issuer, jwts, outbound, fetchKeys })
    super(validator, withIdTokens({ ...plain, issuer }, idTokens), {
      name,
      slices: ['code', 'refreshToken', 'userClaims', ...own.slices],
      grants: grantsOf(validator, options),
      responseTypes: (bearer) => responseTypes(code, new TokenResponseType(bearer), idTokens),
      ...{ openid: openIdAuthorization, outbound, jwts },
      endpoints: own.endpoints,
      metadata: async () => describeOpenId(issuer, openid, scopeClaims, await jwts.keys.algorithms()),
    })
    this.backchannel = own.flow()
    if (openid.profile === 'openid')
      userInfoContext.events({ type: 'server.relaxed', time: userInfoContext.now(), relaxations: ['allowMissingPkce'] })
    this.#jwts = jwts
    this.#subjectOf = subjectOf
    this.#options = options
    this.#logout = { ...userInfoContext, outbound, limits: this, keys: jwts.keys }
  }

  /** Under which `sub` a client sees a user (OpenID Connect Core §8). */
  subjectOf(client: Client, userId: string): string {
    return this.#subjectOf(client, userId)
  }

  /**
   * What a checked authorization request needs next: a page of yours, an error to answer with (`{ approved: false, error }`), or nothing more.
   * Prompts, `max_age`, the expected user and the class of authentication are judged here; your pages only show.
   */
  async nextStep(
    authorization: AuthorizationRequest,
    client: Client,
    known: Omit<KnownLogin, 'subject'> & { readonly userId: string | undefined },
  ): Promise<NextStep> {
    const now = (this.#options.now ?? systemClock)()
    const request = readOpenIdRequest(authorization.parameters)
    const hint = await readIdTokenHint(request.idTokenHint, {
      issuer: this.#options.issuer,
      keys: this.#jwts.keys,
      clientId: client.id,
    })
    const subject = known.userId === undefined ? undefined : this.#subjectOf(client, known.userId)
    const maxAge = request.maxAge ?? client.defaultMaxAge
    return nextStep({ ...request, maxAge }, { ...known, subject }, request.subject ?? hint?.subject, now)
  }

  /**
   * Checks a logout request (OpenID Connect RP-Initiated Logout §2), by GET or POST. End the session at once only where the hint names it;
   * else ask the user. Then send the browser to `redirectTo`.
   */
  validateLogoutRequest(http: HttpRequest): Promise<LogoutValidation> {
    return validateLogout(http, this.#logout)
  }

  /** A logout token for a client (OpenID Connect Back-Channel Logout §2.4): POST it as `logout_token` to its `backchannelLogoutUri`. */
  createLogoutToken(client: Client, { userId, sessionId }: LoggedOut): Promise<string> {
    const subject = userId === undefined ? undefined : this.#subjectOf(client, userId)
    const claims = logoutClaims(
      client,
      { subject, sessionId },
      { issuer: this.#logout.issuer, now: this.#logout.now() },
    )
    return this.#jwts.sign(
      claims,
      { algorithm: client.idTokenSigningAlgorithm ?? 'RS256', typ: logoutTokenType },
      client,
    )
  }

  /**
   * Tells clients of logouts by logout tokens (OpenID Connect Back-Channel Logout §2.5): takes at most `limit` of those that are due (default:
   * 16), tells these clients at once, and says how many it took. Call it after a logout and from time to time: what fails is due
   * again after 10 seconds, then later and later, eight times within a day. Clients are asked by the guarded client of `outbound`.
   */
  deliverLogouts(outbox: LogoutOutbox, limit = 16): Promise<number> {
    const createLogoutToken: LogoutSender['createLogoutToken'] = (client, who) => this.createLogoutToken(client, who)
    return deliverLogouts(outbox, limit, { ...this.#logout, createLogoutToken })
  }

  /** What your logout page loads in a frame to tell a client; undefined for one that does not want it (Front-Channel Logout §2). */
  frontchannelLogoutUri(client: Client, sessionId: string | undefined): string | undefined {
    return frontchannelUri(client, this.#logout.issuer, sessionId)
  }
}
