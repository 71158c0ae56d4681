import type { Awaitable } from '../core/awaitable.ts'
import type { Claims } from '../core/claims.ts'
import type { ReplayValidator } from '../core/client-keys.ts'
import { InvalidGrantError } from '../core/errors.ts'
import type { Grant, GrantOutcome, GrantRequest } from '../core/grant.ts'
import { grantedScopes } from '../core/granted-scopes.ts'
import { requireParameter } from '../core/read-request.ts'
import type { User } from '../core/records.ts'
import type { ScopeValidator } from '../core/request-validator.ts'
import { requestedResources } from '../core/resources.ts'
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
  /** The `typ` of the header, where those issuers make one of their own for assertions. Default: `JWT`, or none. */
  readonly typ?: string | undefined
  /** Protected resources that may be asked for (RFC 8707). Default: none. */
  readonly resources?: readonly string[] | undefined
}

/**
 * Access for an assertion in place of a login (RFC 7523 §2.1, §3): a JWT that an issuer you trust made about one of your users, for this
 * server, minutes ago. It is taken once. There is no refresh token (RFC 7521 §4.1): the client brings another assertion.
 */
export class JwtBearerGrant implements Grant {
  readonly #validator: ScopeValidator & ReplayValidator
  readonly #options: JwtBearerOptions
  readonly #assertions: GrantAssertions

  /** Throws a `ConfigurationError` for keys that cannot verify. */
  constructor(validator: ScopeValidator & ReplayValidator, options: JwtBearerOptions) {
    this.#validator = validator
    this.#options = options
    this.#assertions = new GrantAssertions(options)
  }

  async authorize(request: GrantRequest): Promise<GrantOutcome> {
    const { client } = request
    const assertion = requireParameter(request, 'assertion')
    const { claims, iss } = await this.#assertions.read(assertion, request.now)
    const resources = requestedResources(request.resources, this.#options.resources ?? [])
    const scopes = await grantedScopes(client, request, this.#validator)
    const user = await this.#options.findUser(claims, request)
    if (user === undefined) throw new InvalidGrantError('assertion_user_unknown', { detail: `iss "${iss}"` })
    if (!(await this.#assertions.use({ claims, iss }, this.#validator, request)))
      throw new InvalidGrantError('assertion_replayed', { detail: `iss "${iss}"` })
    return { client, user, scopes, resources, boundTo: claims['cnf'] }
  }
}
