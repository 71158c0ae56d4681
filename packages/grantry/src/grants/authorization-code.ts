import { equalsConstantTime, sha256Base64url } from '#platform'
import { carriedClaims } from '../core/claims.ts'
import { InvalidGrantError } from '../core/errors.ts'
import type { Grant, GrantOutcome, GrantRequest } from '../core/grant.ts'
import { isCodeVerifier } from '../core/pkce.ts'
import { requireParameter } from '../core/read-request.ts'
import type { AuthorizationCode } from '../core/records.ts'
import type { CodeValidator } from '../core/request-validator.ts'
import { narrowedResources, requestedResources, type ServedResources } from '../core/resources.ts'

/** Redeems an authorization code (RFC 6749 §4.1.3) with its PKCE verifier (RFC 7636 §4.5). */
export class AuthorizationCodeGrant implements Grant {
  readonly issuesRefreshToken = true
  readonly #validator: CodeValidator
  readonly #resources: ServedResources

  constructor(validator: CodeValidator, options: { readonly resources?: ServedResources | undefined } = {}) {
    this.#validator = validator
    this.#resources = options.resources ?? []
  }

  /** Reads the code and spends it in one step, so that whatever fails afterwards, it cannot be used again. */
  async authorize(request: GrantRequest): Promise<GrantOutcome> {
    const asked = requestedResources(request.resources, this.#resources)
    const code = await this.#validator.consumeAuthorizationCode(
      requireParameter(request, 'code'),
      request.client,
      request,
    )
    if (code === 'reused') throw new InvalidGrantError('code_reused')
    if (code === undefined || code.clientId !== request.client.id || code.expiresAt <= request.now)
      throw new InvalidGrantError('code_unknown')
    if (code.redirectUri !== request.parameters.get('redirect_uri'))
      throw new InvalidGrantError('redirect_uri_mismatch')
    checkVerifier(code, request.parameters.get('code_verifier'))
    return {
      client: request.client,
      user: code.user,
      scopes: code.scopes,
      resources: narrowedResources(asked, code.resources),
      grantedResources: code.resources,
      claims: carriedClaims(code.claims),
      boundTo: code.claims['cnf'],
      openid: code.openid,
      grantId: code.grantId,
    }
  }
}

const checkVerifier = (code: AuthorizationCode, verifier: string | undefined): void => {
  if (code.codeChallenge === undefined) {
    if (verifier !== undefined) throw new InvalidGrantError('code_verifier_unexpected')
    return
  }
  if (verifier === undefined) throw new InvalidGrantError('code_verifier_missing')
  const challenge = code.codeChallengeMethod === 'plain' ? verifier : sha256Base64url(verifier)
  if (!isCodeVerifier(verifier) || !equalsConstantTime(challenge, code.codeChallenge)) {
    throw new InvalidGrantError('code_verifier_wrong')
  }
}
