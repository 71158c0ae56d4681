import { ConfigurationError } from '../core/errors.ts'
import type { LoginContext } from '../core/login-context.ts'

/**
 * Which grants end with the session of the login (`Authentication.sessionId`) that they were given in. `online`: those without the scope
 * `offline_access` (OpenID Connect Back-Channel Logout §2.7). `all`: those too. `none`: no grant.
 */
export type EndsWithSession = 'online' | 'all' | 'none'

/** The session that a grant ends with; undefined where it outlives the login, and for grants without `openid`, which know of none. */
export const sessionOfGrant = (
  rule: EndsWithSession,
  scopes: readonly string[],
  openid: LoginContext | undefined,
): string | undefined => {
  const outlives = rule === 'none' || (rule === 'online' && scopes.includes('offline_access'))
  return outlives ? undefined : openid?.sessionId
}

/** The rule, if there is one of this name. Throws a `ConfigurationError`. */
export const requireRule = (rule: EndsWithSession): EndsWithSession => {
  if (['online', 'all', 'none'].includes(rule)) return rule
  throw new ConfigurationError(`StoreValidator: endsWithSession is online, all or none, not "${rule}".`)
}
