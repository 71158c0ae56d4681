import { InvalidGrantError } from '../core/errors.ts'
import type { Grant, GrantOutcome, GrantRequest } from '../core/grant.ts'
import { grantedScopes } from '../core/granted-scopes.ts'
import { requireParameter } from '../core/read-request.ts'
import type { ScopeValidator, UserValidator } from '../core/request-validator.ts'
import { requestedResources, type ServedResources } from '../core/resources.ts'

/** The client hands in the user's name and password (RFC 6749 §4.3). For old clients only: RFC 9700 §2.4 forbids it to new ones. */
export class PasswordGrant implements Grant {
  readonly issuesRefreshToken = true
  readonly #validator: ScopeValidator & UserValidator
  readonly #resources: ServedResources

  constructor(
    validator: ScopeValidator & UserValidator,
    options: { readonly resources?: ServedResources | undefined } = {},
  ) {
    this.#validator = validator
    this.#resources = options.resources ?? []
  }

  async authorize(request: GrantRequest): Promise<GrantOutcome> {
    const { client } = request
    const username = requireParameter(request, 'username')
    const password = requireParameter(request, 'password')
    const resources = requestedResources(request.resources, this.#resources)
    const user = await this.#validator.validateUser(username, password, client, request)
    if (user === undefined) throw new InvalidGrantError('user_credentials_wrong')
    const scopes = await grantedScopes(client, request, this.#validator)
    return { client, user, scopes, resources }
  }
}
