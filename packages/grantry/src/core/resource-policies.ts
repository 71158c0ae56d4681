import { servedName, type ServedResources } from './resources.ts'
import { ConfigurationError, InvalidScopeError } from './errors.ts'
import type { Grant, GrantOutcome, GrantRequest } from './grant.ts'
import type { TokenGenerator, TokenVerifier } from './token-context.ts'

/** What is different for the access tokens of one protected resource. */
export interface ResourcePolicy {
  /**
   * Scopes that are of this resource. Tokens for another one never have them, unless that names them as well; scopes that no resource names go with
   * all. Default: none.
   */
  readonly scopes?: readonly string[] | undefined
  /** Lifetime of its tokens in seconds. Default: `tokenExpiresIn` of the server. */
  readonly tokenExpiresIn?: number | undefined
  /** Makes its tokens: their format, and the key that signs them. Default: that of the server, with its `tokenVerifier`. */
  readonly tokenGenerator?: TokenGenerator | undefined
  /** Checks what `tokenGenerator` makes by itself; such tokens have no row in the store. Default: they have one. */
  readonly tokenVerifier?: TokenVerifier | undefined
}

/** Policies by the URI of the resource. */
export type ResourcePolicyOptions = Readonly<Record<string, ResourcePolicy>>

const names: Readonly<Record<keyof ResourcePolicy, true>> = {
  scopes: true,
  tokenExpiresIn: true,
  tokenGenerator: true,
  tokenVerifier: true,
}

const requirePolicy = (resource: string, policy: ResourcePolicy): void => {
  const unknown = Object.keys(policy).find((name) => !Object.hasOwn(names, name))
  if (unknown !== undefined)
    throw new ConfigurationError(
      `resourcePolicies of ${resource}: unknown member ${unknown}. Known are ${Object.keys(names).join(', ')}.`,
    )
  if (policy.tokenVerifier !== undefined && policy.tokenGenerator === undefined)
    throw new ConfigurationError(
      `resourcePolicies of ${resource}: tokenVerifier needs tokenGenerator, whose tokens it checks.`,
    )
}

/** Judges which scopes go with which resource (RFC 8707 §2.2, RFC 9068 §5). */
export class ResourceScopes {
  readonly #byResource: ReadonlyMap<string, readonly string[]>
  readonly #named: ReadonlySet<string>

  /** Throws a `ConfigurationError` for a policy of a resource that is not served. */
  constructor(policies: ResourcePolicyOptions, served: ServedResources) {
    const unknown = Object.keys(policies).find((resource) => servedName(resource, served) !== resource)
    if (unknown !== undefined)
      throw new ConfigurationError(`resourcePolicies: ${unknown} is not served. Name it among resources.`)
    for (const [resource, policy] of Object.entries(policies)) requirePolicy(resource, policy)
    this.#byResource = new Map(Object.entries(policies).map(([resource, { scopes = [] }]) => [resource, scopes]))
    this.#named = new Set([...this.#byResource.values()].flat())
  }

  /** The scopes of these that go with some resources; all where there are none. Throws an `InvalidScopeError` where nothing is left of some. */
  within(scopes: readonly string[], resources: readonly string[] = []): readonly string[] {
    if (resources.length === 0 || scopes.length === 0) return scopes
    const own = new Set(resources.flatMap((resource) => this.#byResource.get(resource) ?? []))
    const left = scopes.filter((scope) => own.has(scope) || !this.#named.has(scope))
    if (left.length > 0) return left
    throw new InvalidScopeError('scope_not_allowed', {
      description: 'The scope is of another resource.',
      detail: scopes.join(' '),
    })
  }

  /** What a grant gives, with the scopes that go with the resource of the access token; a refresh token keeps the others. */
  async authorize(grant: Pick<Grant, 'authorize'>, request: GrantRequest): Promise<GrantOutcome> {
    const outcome = await grant.authorize(request)
    const { scopes, resources, grantedScopes = scopes } = outcome
    return { ...outcome, scopes: this.within(scopes, resources), grantedScopes }
  }
}
