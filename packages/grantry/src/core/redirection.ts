import { FatalClientError } from './errors.ts'
import { formPost } from './form-post.ts'
import { seeOther, type HttpResponse } from './http.ts'
import type { OAuthRequest } from './oauth-request.ts'
import type { Client } from './records.ts'
import { resolveRedirectUri } from './redirect-uri.ts'
import type { AuthorizationRequest, PlainResponseMode, ResponseMode } from './response-type.ts'

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

/** What of the answer depends on the server. */
export interface Responder {
  /** Sent as `iss` in every answer (RFC 9207 §2). */
  readonly issuer: string | undefined
  /** Makes the JWT of a signed answer; undefined where there are none. */
  readonly signResponse: ((parameters: Readonly<Record<string, string>>, client: Client) => Promise<string>) | undefined
}

/** Sends parameters to the client, with its `state` and the `iss` of the server (RFC 6749 §4.1.2, RFC 9207 §2); signed, if so asked (JARM). */
export const sendToClient = async (
  { redirectUri, responseMode, state }: Target,
  parameters: Readonly<Record<string, string>>,
  client: Client,
  { issuer, signResponse }: Responder,
): Promise<HttpResponse> => {
  const answer = { ...parameters, ...(state !== undefined && { state }) }
  const mode = plainModes[responseMode]
  if (mode === responseMode || signResponse === undefined)
    return redirect(redirectUri, mode, { ...answer, ...(issuer !== undefined && { iss: issuer }) })
  return redirect(redirectUri, mode, { response: await signResponse(answer, client) })
}

const plainModes: Readonly<Record<ResponseMode, PlainResponseMode>> = {
  ...{ query: 'query', fragment: 'fragment', form_post: 'form_post' },
  ...{ 'query.jwt': 'query', 'fragment.jwt': 'fragment', 'form_post.jwt': 'form_post' },
}

const redirect = (
  redirectUri: string,
  mode: PlainResponseMode,
  parameters: Readonly<Record<string, string>>,
): HttpResponse => {
  const answer = new URLSearchParams(parameters)
  if (mode === 'form_post') return formPost(redirectUri, answer)
  const separator = mode === 'fragment' ? '#' : redirectUri.includes('?') ? '&' : '?'
  const text = answer.toString()
  return seeOther(text === '' ? redirectUri : `${redirectUri}${separator}${text}`)
}
