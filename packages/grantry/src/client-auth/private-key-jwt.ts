import type { ClientAuthenticationMethod, ClientCredentials } from '../core/client-authentication.ts'
import type { ClientKeyFetcher, ReplayValidator } from '../core/client-keys.ts'
import { ConfigurationError, InvalidClientError } from '../core/errors.ts'
import { fapiAlgorithms, type FapiProfile } from '../core/fapi.ts'
import type { OAuthRequest } from '../core/oauth-request.ts'
import type { Client } from '../core/records.ts'
import { hmacAlgorithms, signatureAlgorithms } from '../core/signature-algorithms.ts'
import { requireMethods } from '../core/slices.ts'
import {
  proveByAssertion,
  readClientAssertion,
  type AssertionRules,
  type ClientAssertion,
  type FoundKeys,
} from '../keys/client-assertion.ts'
import { clientKeys } from '../keys/client-keys.ts'
import { findClientKeys } from '../keys/find-client-keys.ts'

/** Options of `PrivateKeyJwt`. */
export interface PrivateKeyJwtOptions {
  /** The issuer of the server, the only audience of assertions. */
  readonly issuer: string
  /** The URL of the token endpoint, for clients with `legacyAssertionAudience`. Default: those are treated as all others. */
  readonly tokenEndpoint?: string | undefined
  /** Gets the keys of clients that have a `jwksUri`. Default: such clients are refused. */
  readonly fetchKeys?: ClientKeyFetcher | undefined
  /** Takes assertions signed by PS256, ES256 or EdDSA alone, whose `aud` is a text (FAPI 2.0). Default: all asymmetric ones. */
  readonly profile?: FapiProfile | undefined
}

/**
 * `private_key_jwt`: the client signs an assertion with a key of its own, and its record has the public half (RFC 7523 §2.2, OpenID Connect
 * Core §9). Every server with an `issuer` offers it where the validator has `markSeen`.
 */
export class PrivateKeyJwt implements ClientAuthenticationMethod {
  readonly name = 'private_key_jwt'
  readonly signingAlgorithms: readonly string[]
  readonly #rules: AssertionRules
  readonly #fetchKeys: ClientKeyFetcher | undefined

  constructor(validator: ReplayValidator, { issuer, tokenEndpoint, fetchKeys, profile }: PrivateKeyJwtOptions) {
    requireMethods(validator, ['replay'], 'PrivateKeyJwt')
    if (!issuer) throw new ConfigurationError('PrivateKeyJwt needs the issuer: the only audience of assertions.')
    this.#fetchKeys = fetchKeys
    this.signingAlgorithms = profile === undefined ? signatureAlgorithms : fapiAlgorithms
    const findKeys: AssertionRules['findKeys'] = (...given) => this.#findKeys(...given)
    this.#rules = { issuer, tokenEndpoint, validator, findKeys, isTextAudience: profile !== undefined }
  }

  read(request: OAuthRequest): ClientCredentials | undefined {
    return request.parameters.has('client_assertion') ? this.#readAssertion(request) : undefined
  }

  #readAssertion(request: OAuthRequest): ClientCredentials | undefined {
    const assertion = readClientAssertion(request)
    if (hmacAlgorithms.includes(assertion.algorithm)) return undefined
    if (signatureAlgorithms.includes(assertion.algorithm) && !this.signingAlgorithms.includes(assertion.algorithm))
      throw new InvalidClientError('client_assertion_unsupported', { detail: `alg ${assertion.algorithm}` })
    const prove = (client: Client) => proveByAssertion(assertion, client, request, this.#rules)
    return { clientId: assertion.clientId, prove }
  }

  async #findKeys(client: Client, assertion: ClientAssertion, request: OAuthRequest): Promise<FoundKeys> {
    const search = { now: request.now, keyId: assertion.keyId, fetchKeys: this.#fetchKeys }
    const found = await findClientKeys(client, search)
    return 'detail' in found ? { reason: 'client_keys_unavailable', ...found } : clientKeys(found, assertion)
  }
}
