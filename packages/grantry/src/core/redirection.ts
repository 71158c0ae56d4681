import { FatalClientError } from './errors.ts'
import { formPost } from './form-post.ts'
import { seeOther, type HttpResponse } from './http.ts'
import type { OAuthRequest } from './oauth-request.ts'
import type { Client } from './records.ts'
import { resolveRedirectUri } from './redirect-uri.ts'
import type { AuthorizationRequest } from './response-type.ts'

/** Where and how the answer to an authorization request goes. */
export type Target = Pick<AuthorizationRequest, 'redirectUri' | 'responseMode' | 'state'>

/** The redirect URI of a request, which is safe to send things to; throws where there is none. */
export const trustedRedirectUri = ({ parameters }: OAuthRequest, client: Client): string => {
  const resolved = resolveRedirectUri(parameters.get('redirect_uri'), client.redirectUris ?? [])
  if ('uri' in resolved) return resolved.uri
  const { reason, detail } = resolved
  throw new FatalClientError(reason, {
    description: 'The redirect_uri is missing or is not registered for this client.',
    detail,
  })
}

/** Sends parameters to the client, with its `state` and the `iss` of the server (RFC 6749 §4.1.2, RFC 9207 §2). */
export const redirect = (
  { redirectUri, responseMode, state }: Target,
  parameters: Readonly<Record<string, string>>,
  issuer: string | undefined,
): HttpResponse => {
  const answer = new URLSearchParams(parameters)
  if (state !== undefined) answer.set('state', state)
  if (issuer !== undefined) answer.set('iss', issuer)
  if (responseMode === 'form_post') return formPost(redirectUri, answer)
  const separator = responseMode === 'fragment' ? '#' : redirectUri.includes('?') ? '&' : '?'
  const text = answer.toString()
  return seeOther(text === '' ? redirectUri : `${redirectUri}${separator}${text}`)
}
