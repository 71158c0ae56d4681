import { detailsAsClaim } from '../core/authorization-details.ts'
import { locatedDetails } from '../core/detail-rules.ts'
import { UnauthorizedClientError } from '../core/errors.ts'
import type { ApprovedAuthorization, AuthorizationContext, ResponseType } from '../core/response-type.ts'
import type { BearerToken } from '../tokens/bearer-token.ts'

/** `response_type=token`, the implicit grant (RFC 6749 §4.2). For old clients only: RFC 9700 §2.1.2 advises against it. */
export class TokenResponseType implements ResponseType {
  readonly defaultMode = 'fragment'
  readonly #bearer: BearerToken

  constructor(bearer: BearerToken) {
    this.#bearer = bearer
  }

  check({ client }: AuthorizationContext): void {
    if (this.#bearer.mustBind(client))
      throw new UnauthorizedClientError('response_type_not_allowed', {
        description: 'Tokens of this client are bound to a key, so only the token endpoint gives them.',
      })
  }

  async respond({
    client,
    user,
    scopes,
    claims,
    state,
    openid,
    authorization,
    grantedDetails,
  }: ApprovedAuthorization): Promise<Readonly<Record<string, string>>> {
    const token = await this.#bearer.createToken({
      client,
      user,
      scopes,
      claims: {
        ...claims,
        ...(grantedDetails && detailsAsClaim(locatedDetails(grantedDetails, authorization.resources))),
      },
      state,
      openid,
      resources: authorization.resources,
      grantedDetails,
      grantType: 'implicit',
    })
    return Object.fromEntries(Object.entries(token).flatMap(toParameter))
  }
}

/** A member of a token response as a parameter: text as it is, the rest as JSON. */
const toParameter = ([name, value]: readonly [string, unknown]): readonly [string, string][] => {
  if (value === undefined) return []
  return [[name, typeof value === 'string' ? value : JSON.stringify(value)]]
}
