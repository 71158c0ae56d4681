import type { ClientAuthenticationMethod, ClientCredentials } from '../core/client-authentication.ts'
import type { ReplayValidator, SharedSecretValidator } from '../core/client-keys.ts'
import { ConfigurationError } from '../core/errors.ts'
import type { OAuthRequest } from '../core/oauth-request.ts'
import type { Client } from '../core/records.ts'
import { hmacAlgorithms } from '../core/signature-algorithms.ts'
import { requireMethods } from '../core/slices.ts'
import { proveByAssertion, readClientAssertion, type AssertionRules } from '../keys/client-assertion.ts'
import { clientSecretKeys } from '../keys/client-keys.ts'

/** Options of `ClientSecretJwt`. */
export interface ClientSecretJwtOptions {
  /** The issuer of the server, the only audience of assertions. */
  readonly issuer: string
  /** The URL of the token endpoint, for clients with `legacyAssertionAudience`. Default: those are treated as all others. */
  readonly tokenEndpoint?: string | undefined
}

/**
 * `client_secret_jwt`: the client signs an assertion with its secret (HMAC), which the server must know in the clear (OpenID Connect
 * Core §9). Every server with an `issuer` offers it where the validator has `findClientSecrets` and `markSeen`; prefer `private_key_jwt`.
 */
export class ClientSecretJwt implements ClientAuthenticationMethod {
  readonly name = 'client_secret_jwt'
  readonly signingAlgorithms = hmacAlgorithms
  readonly #rules: AssertionRules

  constructor(validator: ReplayValidator & SharedSecretValidator, { issuer, tokenEndpoint }: ClientSecretJwtOptions) {
    requireMethods(validator, ['replay', 'sharedSecret'], 'ClientSecretJwt')
    if (!issuer) throw new ConfigurationError('ClientSecretJwt needs the issuer: the only audience of assertions.')
    const findKeys: AssertionRules['findKeys'] = async (client, { algorithm }, request) =>
      clientSecretKeys(await validator.findClientSecrets(client, request), algorithm)
    this.#rules = { issuer, tokenEndpoint, validator, findKeys }
  }

  read(request: OAuthRequest): ClientCredentials | undefined {
    return request.parameters.has('client_assertion') ? this.#readAssertion(request) : undefined
  }

  #readAssertion(request: OAuthRequest): ClientCredentials | undefined {
    const assertion = readClientAssertion(request)
    if (!hmacAlgorithms.includes(assertion.algorithm)) return undefined
    const prove = (client: Client) => proveByAssertion(assertion, client, request, this.#rules)
    return { clientId: assertion.clientId, prove }
  }
}
