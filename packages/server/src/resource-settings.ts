import { z } from 'zod'
import { list, oneOf, wholeNumber } from './config/setting.ts'
import { StartError } from './errors.ts'

const resourcePolicySchema = z.strictObject({
  scopes: list.optional().describe('scopes of this resource: tokens for others do not have them'),
  tokenFormat: oneOf('jwt', 'jwt-stored', 'opaque').optional().describe('format of its tokens'),
  tokenSigningAlgorithm: oneOf('RS256', 'ES256').optional().describe('how its tokens are signed'),
  tokenExpiresIn: wholeNumber(1, 86_000).optional().describe('seconds for which they are good'),
})

/** What is different for the tokens of a resource. */
export type ResourcePolicySettings = z.infer<typeof resourcePolicySchema>

/** Policies of resources by their URIs. */
export const resourcePoliciesSchema = z.record(z.url(), resourcePolicySchema)

/** What tokens may be asked for (RFC 8707). */
export interface ResourceSettings {
  /** Protected resources that clients may ask tokens for; `localhost` for all of this machine, in development. Default: none, so that tokens are for the issuer. */
  readonly resources?: readonly string[] | undefined
  /** Whether a resource is meant with a slash at the end as well as without; tokens name it as `resources` does. Default: false. */
  readonly ignoreResourceSlash?: boolean | undefined
  /** What is different for the tokens of some of them: scopes, format, algorithm, lifetime. Default: nothing. */
  readonly resourcePolicies?: Readonly<Record<string, ResourcePolicySettings>> | undefined
  /** Whether a grant may be for several, each token for one of them (`split`). Default: `refuse`. */
  readonly severalResources?: 'refuse' | 'split' | undefined
}

/** The settings with their defaults. */
export type ResolvedResources = { readonly [Name in keyof ResourceSettings]-?: NonNullable<ResourceSettings[Name]> }

/** Fills in the defaults. Throws a `StartError` for a policy of a resource that is not served. */
export const resolveResources = (options: ResourceSettings): ResolvedResources => {
  const { resources = [], ignoreResourceSlash = false, resourcePolicies = {}, severalResources = 'refuse' } = options
  const other = Object.keys(resourcePolicies).find((resource) => !resources.includes(resource))
  if (other !== undefined)
    throw new StartError(`resourcePolicies: "${other}" is not served. Name it with --resource.`, 2)
  return { resources, ignoreResourceSlash, resourcePolicies, severalResources }
}
