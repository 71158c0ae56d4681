import { carriedClaims } from '../core/claims.ts'
import { InvalidGrantError, InvalidScopeError } from '../core/errors.ts'
import type { Grant, GrantOutcome, GrantRequest } from '../core/grant.ts'
import { requireParameter } from '../core/read-request.ts'
import type { RefreshToken } from '../core/records.ts'
import type { RefreshTokenValidator } from '../core/request-validator.ts'
import { narrowedResources, requestedResources, type ServedResources } from '../core/resources.ts'
import { isWithinScope, parseScope } from '../core/scope.ts'

/** Exchanges a refresh token (RFC 6749 §6). Everything that can be wrong with the request is checked before anything changes. */
export class RefreshTokenGrant implements Grant {
  readonly issuesRefreshToken = true
  readonly #validator: Pick<RefreshTokenValidator, 'validateRefreshToken'>
  readonly #resources: ServedResources

  constructor(
    validator: Pick<RefreshTokenValidator, 'validateRefreshToken'>,
    options: { readonly resources?: ServedResources | undefined } = {},
  ) {
    this.#validator = validator
    this.#resources = options.resources ?? []
  }

  async authorize(request: GrantRequest): Promise<GrantOutcome> {
    const { client } = request
    const token = requireParameter(request, 'refresh_token')
    const record = await this.#validator.validateRefreshToken(token, request)
    if (record?.clientId !== client.id) throw new InvalidGrantError('refresh_token_unknown')
    if (record.expiresAt <= request.now) throw new InvalidGrantError('refresh_token_expired')
    return {
      client,
      user: record.user,
      scopes: narrowedScopes(request, record),
      resources: narrowedResources(requestedResources(request.resources, this.#resources), record.resources),
      claims: carriedClaims(record.claims),
      boundTo: record.claims['cnf'],
      openid: record.openid,
      grantId: record.grantId,
      presented: { token, record },
    }
  }
}

const narrowedScopes = (request: GrantRequest, record: RefreshToken): readonly string[] => {
  const asked = parseScope(request.parameters.get('scope'))
  if (asked === undefined) return record.scopes
  if (isWithinScope(asked, record.scopes)) return asked
  throw new InvalidScopeError('scope_not_allowed', {
    description: 'The scope is wider than what was granted.',
    detail: asked.join(' '),
  })
}
