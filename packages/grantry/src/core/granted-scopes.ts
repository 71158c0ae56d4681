import { InvalidScopeError, ServerError } from './errors.ts'
import type { OAuthRequest } from './oauth-request.ts'
import type { Client } from './records.ts'
import type { ScopeValidator } from './request-validator.ts'
import { isWithinScope, parseScope } from './scope.ts'

/**
 * The scopes that the validator grants of those that the request asks for, or of the defaults where it asks for none. None beside
 * authorization details: those say all that a client wants (RFC 9396 §3.1).
 */
export const grantedScopes = async (
  client: Client,
  request: OAuthRequest,
  validator: ScopeValidator,
): Promise<readonly string[]> => {
  const named = parseScope(request.parameters.get('scope'))
  if (named === undefined && (request.authorizationDetails ?? []).length > 0) return []
  const asked = named ?? (await validator.getDefaultScopes(client, request))
  return grantedOf(asked, client, request, validator)
}

/** The scopes that the validator grants of these. */
export const grantedOf = async (
  asked: readonly string[],
  client: Client,
  request: OAuthRequest,
  validator: ScopeValidator,
): Promise<readonly string[]> => {
  if (asked.length === 0)
    throw new InvalidScopeError('scope_missing', { description: 'Ask for a scope: there is no default.' })
  const granted = await validator.validateScopes(client, asked, request)
  if (granted === false || granted.length === 0) {
    throw new InvalidScopeError('scope_not_allowed', {
      description: 'The scope is unknown or not allowed.',
      detail: asked.join(' '),
    })
  }
  if (!isWithinScope(granted, asked)) {
    throw new ServerError('unexpected', { detail: 'validateScopes granted a scope that was not asked for' })
  }
  return granted
}
