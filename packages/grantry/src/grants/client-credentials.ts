import type { Grant, GrantOutcome, GrantRequest } from '../core/grant.ts'
import { grantedScopes } from '../core/granted-scopes.ts'
import type { ScopeValidator } from '../core/request-validator.ts'
import { requestedResources, type ServedResources } from '../core/resources.ts'

/** A client acts for itself (RFC 6749 §4.4). Confidential clients only; never a refresh token (§4.4.3). */
export class ClientCredentialsGrant implements Grant {
  readonly allowsPublicClients = false
  readonly #validator: ScopeValidator
  readonly #resources: ServedResources

  constructor(validator: ScopeValidator, options: { readonly resources?: ServedResources | undefined } = {}) {
    this.#validator = validator
    this.#resources = options.resources ?? []
  }

  async authorize(request: GrantRequest): Promise<GrantOutcome> {
    const { client } = request
    const resources = requestedResources(request.resources, this.#resources)
    const scopes = await grantedScopes(client, request, this.#validator)
    return { client, scopes, resources }
  }
}
