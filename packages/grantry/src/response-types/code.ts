import type { Awaitable } from '../core/awaitable.ts'
import { confirmationClaim } from '../core/confirmation.ts'
import { ConfigurationError, InvalidRequestError } from '../core/errors.ts'
import { isCodeVerifier, isS256Challenge } from '../core/pkce.ts'
import { isPublicClient } from '../core/records.ts'
import type { CodeValidator } from '../core/request-validator.ts'
import type { ApprovedAuthorization, AuthorizationContext, ResponseType } from '../core/response-type.ts'
import type { BearerTokenOptions } from '../tokens/bearer-options.ts'
import { randomString } from '../util/random.ts'

/** Changes the parameters that go to the client beside the code. Return the parameters to send. */
export type CodeModifier = (
  parameters: Readonly<Record<string, string>>,
  request: ApprovedAuthorization,
) => Awaitable<Readonly<Record<string, string>>>

/** How codes are made. */
export interface CodeOptions {
  /** Lifetime of a code in seconds. Default: 60; at most 600 (RFC 6749 §4.1.2). */
  readonly codeExpiresIn?: number | undefined
  readonly codeModifiers?: readonly CodeModifier[] | undefined
  /**
   * Lets every confidential client do without PKCE in requests for an ID token, as the certification of OpenID Connect does. Default: false;
   * a client's record may say it for that client.
   */
  readonly allowMissingPkce?: boolean | undefined
}

/** `response_type=code` with PKCE (RFC 6749 §4.1, RFC 7636). */
export class CodeResponseType implements ResponseType {
  readonly defaultMode = 'query'
  readonly #validator: CodeValidator
  readonly #expiresIn: number
  readonly #modifiers: readonly CodeModifier[]
  readonly #allowMissingPkce: boolean
  readonly #bindsCodes: boolean

  constructor(validator: CodeValidator, options: CodeOptions & Pick<BearerTokenOptions, 'dpop'> = {}) {
    const { codeExpiresIn = 60, codeModifiers = [] } = options
    if (!Number.isSafeInteger(codeExpiresIn) || codeExpiresIn < 1 || codeExpiresIn > 600) {
      throw new ConfigurationError(
        `codeExpiresIn must be 1 to 600 seconds (RFC 6749 §4.1.2), not ${String(codeExpiresIn)}.`,
      )
    }
    this.#validator = validator
    this.#expiresIn = codeExpiresIn
    this.#modifiers = codeModifiers
    this.#allowMissingPkce = options.allowMissingPkce ?? false
    this.#bindsCodes = (options.dpop ?? false) !== false
  }

  /** Every client uses PKCE by S256 unless its record says otherwise (RFC 9700 §2.1.1, RFC 7636 §4.4.1). `dpop_jkt` is a thumbprint (RFC 9449 §10). */
  check(request: AuthorizationContext): void {
    this.#checkChallenge(request)
    const jkt = request.parameters.get('dpop_jkt')
    if (!this.#bindsCodes || jkt === undefined || isS256Challenge(jkt)) return // both are a SHA-256 in base64url
    throw new InvalidRequestError('parameter_invalid', { description: 'The dpop_jkt is no thumbprint of a key.' })
  }

  #checkChallenge({ client, parameters, authorization }: AuthorizationContext): void {
    const challenge = parameters.get('code_challenge')
    const method = parameters.get('code_challenge_method')
    if (challenge === undefined) {
      const isSpared = this.#allowMissingPkce && authorization.scopes.includes('openid')
      const mayMiss = !isPublicClient(client) && (client.allowMissingPkce === true || isSpared)
      if (method !== undefined || !mayMiss) {
        throw new InvalidRequestError('code_challenge_missing', {
          description: 'The parameter code_challenge is missing: PKCE is required.',
        })
      }
      return
    }
    const plain = client.legacyPlainPkce === true && (method ?? 'plain') === 'plain'
    if (method !== 'S256' && !plain) {
      throw new InvalidRequestError('code_challenge_method_unsupported', {
        description: 'The code_challenge_method must be S256.',
      })
    }
    if (!(plain ? isCodeVerifier(challenge) : isS256Challenge(challenge))) {
      throw new InvalidRequestError('code_challenge_malformed', { description: 'The code_challenge is malformed.' })
    }
  }

  async respond(request: ApprovedAuthorization): Promise<Readonly<Record<string, string>>> {
    const { client, user, scopes, parameters, authorization, claims, openid } = request
    const code = randomString()
    const codeChallenge = parameters.get('code_challenge')
    const jkt = this.#bindsCodes ? parameters.get('dpop_jkt') : undefined
    const record = {
      clientId: client.id,
      user,
      scopes,
      redirectUri: parameters.get('redirect_uri'),
      codeChallenge,
      codeChallengeMethod:
        codeChallenge === undefined ? undefined : (parameters.get('code_challenge_method') ?? 'plain'),
      resources: authorization.resources,
      claims: jkt === undefined ? claims : { ...claims, ...confirmationClaim({ jkt }) },
      openid,
      expiresAt: request.now + this.#expiresIn,
    }
    await this.#validator.saveAuthorizationCode(code, record, request)
    let response: Readonly<Record<string, string>> = { code }
    for (const modify of this.#modifiers) response = await modify(response, request)
    return response
  }
}
