import { InvalidRequestError, ServerError } from '../core/errors.ts'
import type { ApprovedAuthorization, AuthorizationContext, ResponseType } from '../core/response-type.ts'
import type { IdTokenIssuer } from '../tokens/id-token.ts'

/** What a combined response type is put together from. */
export interface OpenIdResponseParts {
  /** Undefined where the type has no `code`. */
  readonly code?: ResponseType | undefined
  /** Undefined where the type has no `token`. */
  readonly token?: ResponseType | undefined
  /** Undefined where the type has no `id_token`. */
  readonly issuer?: IdTokenIssuer | undefined
}

/** `id_token` alone and all combinations with `code` and `token` (OpenID Connect Core §3.2, §3.3; OAuth 2.0 Multiple Response Types §5). */
export class OpenIdResponseType implements ResponseType {
  readonly defaultMode = 'fragment'
  readonly #parts: OpenIdResponseParts

  constructor(parts: OpenIdResponseParts) {
    this.#parts = parts
  }

  async check(request: AuthorizationContext): Promise<void> {
    await this.#parts.code?.check?.(request)
    await this.#parts.token?.check?.(request)
    if (this.#parts.issuer === undefined) return
    if (!request.authorization.scopes.includes('openid')) {
      throw new InvalidRequestError('openid_scope_missing', { description: 'An ID token needs the scope openid.' })
    }
    if (request.parameters.get('nonce') === undefined)
      throw new InvalidRequestError('nonce_missing', { description: 'The parameter nonce is missing.' })
  }

  async respond(request: ApprovedAuthorization): Promise<Readonly<Record<string, string>>> {
    const { code, token, issuer } = this.#parts
    const parameters = { ...(await code?.respond(request)), ...(await token?.respond(request)) }
    if (issuer === undefined) return parameters
    if (!request.scopes.includes('openid'))
      throw new ServerError('unexpected', {
        detail: 'the decision took away the scope openid of a request for an ID token',
      })
    const { client, user, scopes, openid, now } = request
    const idToken = await issuer.create({
      ...{ client, user, scopes, openid, issuedAt: now },
      accessToken: parameters['access_token'],
      code: parameters['code'],
      isAlone: code === undefined && token === undefined,
    })
    return { ...parameters, id_token: idToken }
  }
}
