import { InvalidTargetError } from '../core/errors.ts'
import type { Authorization } from '../core/records.ts'
import { requireLifetimes, type BearerTokenOptions } from './bearer-options.ts'

const optionsOf = (
  { tokenExpiresIn, tokenGenerator, tokenVerifier }: NonNullable<BearerTokenOptions['resourcePolicies']>[string],
  options: BearerTokenOptions,
): BearerTokenOptions => ({
  ...options,
  ...(tokenGenerator && { tokenGenerator, tokenVerifier }),
  ...(tokenExpiresIn !== undefined && { tokenExpiresIn }),
})

/**
 * The options by which the tokens of some resources are made; undefined without policies. Throws a `ConfigurationError` for a lifetime that cannot be; the
 * function throws an `InvalidTargetError` for a token that would be of two kinds.
 */
export const resourceOptions = (
  options: BearerTokenOptions,
):
  | {
      readonly all: readonly BearerTokenOptions[]
      readonly of: (authorization: Pick<Authorization, 'resources'>) => BearerTokenOptions
    }
  | undefined => {
  const { resourcePolicies } = options
  if (resourcePolicies === undefined) return undefined
  const known = new Map(
    Object.entries(resourcePolicies).map(([resource, policy]) => [resource, optionsOf(policy, options)]),
  )
  for (const each of known.values()) requireLifetimes(each)
  return {
    all: [...known.values()],
    of({ resources = [] }) {
      const [first, ...others] = resources.map((resource) => known.get(resource))
      if (others.length === 0) return first ?? options
      if (first === undefined && others.every((each) => each === undefined)) return options
      throw new InvalidTargetError('resources_ambiguous', { description: 'Ask for one resource in each request.' })
    },
  }
}
