import type { Awaitable } from '../core/awaitable.ts'
import type { Claims } from '../core/claims.ts'
import type { ReplayValidator } from '../core/client-keys.ts'
import { ConfigurationError, InvalidGrantError, InvalidScopeError } from '../core/errors.ts'
import type { Grant, GrantOutcome, GrantRequest } from '../core/grant.ts'
import { grantedOf, grantedScopes } from '../core/granted-scopes.ts'
import { idJagProfile, idJagTyp } from '../core/id-jag.ts'
import { requireParameter } from '../core/read-request.ts'
import type { User } from '../core/records.ts'
import type { ScopeValidator } from '../core/request-validator.ts'
import { narrowedResources, requestedResources, requestedTargets, type ServedResources } from '../core/resources.ts'
import { isWithinScope, parseScope } from '../core/scope.ts'
import { GrantAssertions } from '../keys/grant-assertion.ts'
import type { IssuerKeys } from '../keys/trusted-jwts.ts'

/** The grant type of an assertion that somebody else made about a user (RFC 7523 §2.1). */
export const jwtBearerGrantType = 'urn:ietf:params:oauth:grant-type:jwt-bearer'

/** Whom a server believes, and about whom. */
export interface JwtBearerOptions {
  /** The issuer of your server, the only `aud` of assertions. */
  readonly issuer: string
  /** Public keys of those who make assertions, by their `iss`. */
  readonly issuers: IssuerKeys
  /**
   * The user whom an assertion is about (`sub`); undefined where there is none. Judge here whether `iss` may speak for this user, and to this
   * client: everybody among `issuers` may otherwise act as anybody.
   */
  readonly findUser: (claims: Claims, request: GrantRequest) => Awaitable<User | undefined>
  /**
   * `id-jag`: takes identity assertions that a login server made for one of its clients (draft-ietf-oauth-identity-assertion-authz-grant-04), which
   * name the client, and may limit scopes and resources. Default: plain assertions (RFC 7523).
   */
  readonly profile?: 'id-jag' | undefined
  /** The `typ` of the header, where those issuers make one of their own for assertions. Default: `JWT`, or none; that of the `profile`. */
  readonly typ?: string | undefined
  /** Protected resources that may be asked for (RFC 8707). Default: none. */
  readonly resources?: ServedResources | undefined
}

const requireProfile = ({ profile, typ, issuer, issuers }: JwtBearerOptions): void => {
  if (profile === undefined) return
  if ((profile as string) !== 'id-jag') throw new ConfigurationError("JwtBearerGrant: profile can only be 'id-jag'.") // JavaScript callers
  if (typ !== undefined) throw new ConfigurationError('JwtBearerGrant: give typ or profile, not both.')
  if (Object.hasOwn(issuers, issuer))
    throw new ConfigurationError('JwtBearerGrant: a server takes no identity assertions of its own.')
}

const refuse = (detail: string): InvalidGrantError => new InvalidGrantError('assertion_claims_wrong', { detail })

const textsOf = (value: unknown): readonly string[] =>
  [value ?? []].flat().map((each) => {
    if (typeof each !== 'string') throw refuse('resource is malformed')
    return each
  })

/** The claims that say how and when the user logged in, and who acts. */
const carried = ({ auth_time, acr, amr, act }: Claims): Claims =>
  Object.fromEntries(Object.entries({ auth_time, acr, amr, act }).filter(([, value]) => value !== undefined))

/**
 * Access for an assertion in place of a login (RFC 7523 §2.1, §3): a JWT that an issuer you trust made about one of your users, for this
 * server, minutes ago. It is taken once. There is no refresh token (RFC 7521 §4.1): the client brings another assertion.
 */
export class JwtBearerGrant implements Grant {
  readonly allowsPublicClients: boolean
  readonly metadata: Readonly<Record<string, unknown>> | undefined
  readonly #validator: ScopeValidator & ReplayValidator
  readonly #options: JwtBearerOptions
  readonly #assertions: GrantAssertions

  /** Throws a `ConfigurationError` for keys that cannot verify, and for a profile that is none. */
  constructor(validator: ScopeValidator & ReplayValidator, options: JwtBearerOptions) {
    requireProfile(options)
    const isProfiled = options.profile !== undefined
    this.allowsPublicClients = !isProfiled
    this.metadata = isProfiled ? { authorization_grant_profiles_supported: [idJagProfile] } : undefined
    this.#validator = validator
    this.#options = options
    this.#assertions = new GrantAssertions(isProfiled ? { ...options, typ: idJagTyp } : options)
  }

  async authorize(request: GrantRequest): Promise<GrantOutcome> {
    const { client } = request
    const assertion = requireParameter(request, 'assertion')
    const { claims, iss } = await this.#assertions.read(assertion, request.now)
    if (claims['authorization_details'] !== undefined) throw refuse('authorization_details are not understood')
    const granted = this.#options.profile === undefined ? this.#plain(request) : this.#named(claims, request)
    const { scopes, resources, claims: more } = await granted
    const user = await this.#options.findUser(claims, request)
    if (user === undefined) throw new InvalidGrantError('assertion_user_unknown', { detail: `iss "${iss}"` })
    if (!(await this.#assertions.use({ claims, iss }, this.#validator, request)))
      throw new InvalidGrantError('assertion_replayed', { detail: `iss "${iss}"` })
    return { client, user, scopes, resources, claims: more, boundTo: claims['cnf'] }
  }

  async #plain(request: GrantRequest): Promise<Pick<GrantOutcome, 'scopes' | 'resources' | 'claims'>> {
    const resources = requestedResources(request.resources, this.#options.resources ?? [])
    return { resources, scopes: await grantedScopes(request.client, request, this.#validator) }
  }

  /** What the assertion names for this client, or less of it. */
  async #named(claims: Claims, request: GrantRequest): Promise<Pick<GrantOutcome, 'scopes' | 'resources' | 'claims'>> {
    if (claims['client_id'] !== request.client.id) throw refuse('client_id is another')
    const { resources: served = [] } = this.#options
    const asked = requestedResources(request.resources, served)
    const named = requestedTargets(textsOf(claims['resource']), served)
    const resources = asked.length === 0 ? named : narrowedResources(asked, named) // it is taken once, so for all that it names
    return { resources, scopes: await this.#namedScopes(claims, request), claims: carried(claims) }
  }

  async #namedScopes({ scope }: Claims, request: GrantRequest): Promise<readonly string[]> {
    if (scope === undefined) return grantedScopes(request.client, request, this.#validator)
    const named = typeof scope === 'string' ? (parseScope(scope) ?? []) : []
    const asked = parseScope(request.parameters.get('scope')) ?? named
    if (isWithinScope(asked, named)) return grantedOf(asked, request.client, request, this.#validator)
    const description = 'The scope is wider than that of the assertion.'
    throw new InvalidScopeError('scope_not_allowed', { description, detail: asked.join(' ') })
  }
}
