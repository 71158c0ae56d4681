import { FatalClientError, ServerError } from '../core/errors.ts'
import { readOpenIdRequest, refuseRequestObjects } from '../core/openid-request.ts'
import type { OpenIdAuthorization } from '../core/check-authorization.ts'

/** OAuth lets a client with one registered URI leave it out; OpenID Connect does not (OpenID Connect Core §3.1.2.1). */
const requireRedirectUri = (parameters: Readonly<Record<string, string>>, scopes: readonly string[]): void => {
  if (parameters['redirect_uri'] !== undefined || !scopes.includes('openid')) return
  throw new FatalClientError('redirect_uri_missing', {
    description: 'The redirect_uri is missing, which a request with the scope openid must have.',
  })
}

/** What OpenID Connect adds to the authorization endpoint: requests with the scope `openid` are read, and their login is kept. */
export const openIdAuthorization: OpenIdAuthorization = {
  check({ authorization: { parameters, scopes } }) {
    requireRedirectUri(parameters, scopes)
    refuseRequestObjects(parameters)
    readOpenIdRequest(parameters)
  },

  loginContext({ authorization, scopes, client }, authentication) {
    if (scopes?.includes('openid') === false) return undefined
    if (!authorization.scopes.includes('openid')) return undefined
    const { nonce, maxAge, claims } = readOpenIdRequest(authorization.parameters)
    const needsTime = maxAge !== undefined || client.requireAuthTime === true
    if (authentication === undefined && needsTime)
      throw new ServerError('unexpected', {
        detail: 'the decision lacks authentication, and the client asks for auth_time',
      })
    const isAsked = claims.userinfo.length + claims.idToken.length > 0
    return { ...authentication, nonce, claims: isAsked ? claims : undefined }
  },
}
