import { parseForm, type Form } from '../util/form.ts'
import { InvalidRequestError, MethodNotAllowedError, PayloadTooLargeError } from './errors.ts'
import type { HttpRequest } from './http.ts'
import { newRequestContext, type OAuthRequest, type RequestContext } from './oauth-request.ts'
import { tokenExchangeGrantType } from './token-exchange.ts'

/** Limits of what is read from a request. */
export interface RequestLimits {
  /** Largest body in bytes, and largest query of an authorization request. Default: 65536. */
  readonly maxBodyBytes?: number | undefined
}

/** Largest body in bytes unless an option says otherwise: 64 KiB. */
export const defaultMaxBodyBytes = 65_536
const formType = /^application\/x-www-form-urlencoded[ \t]*(?:;[ \t]*charset="?utf-8"?[ \t]*)?$/i
/** RFC 6749 appendix A leaves control characters out of every parameter, as they are and percent-encoded. */
const controls = /[\0-\x08\x0a-\x1f\x7f]|%(?:0[0-8a-f]|1[0-9a-f]|7f)/i // eslint-disable-line no-control-regex -- they are what it looks for
const sensitive =
  /(?:^|&)(?:client_secret|client_assertion|code|code_verifier|refresh_token|access_token|token|password|grant_type)=/

/** Whether the body is a form by its Content-Type. */
export const hasFormBody = (request: Pick<HttpRequest, 'headers'>): boolean =>
  formType.test(request.headers.get('content-type') ?? '')

/** The query of a URL, without the question mark. */
export const queryOf = (url: string): string => /\?([^#]*)/.exec(url)?.[1] ?? ''

/** The text of a body within the limit. */
export const readBody = async (request: HttpRequest, limit = defaultMaxBodyBytes): Promise<string> => {
  if (Number(request.headers.get('content-length') ?? 0) > limit) throw new PayloadTooLargeError(limit)
  const text = await request.text()
  // a character is up to three bytes for each of its units
  if (text.length * 3 > limit && new TextEncoder().encode(text).length > limit) throw new PayloadTooLargeError(limit)
  return text
}

/** The error for parameters that were sent more than once (RFC 6749 §3.1, §3.2). */
export const repeatedParameters = (names: readonly string[]): InvalidRequestError =>
  new InvalidRequestError('parameter_repeated', { description: 'A parameter is repeated.', detail: names.join(', ') })

/** Decodes a form into parameters, none of them with control characters. `repeatable` is the one that may be there more than once. */
export const decodeParameters = (text: string, repeatable = 'resource'): Form => {
  if (controls.test(text)) {
    throw new InvalidRequestError('parameter_invalid', { description: 'A parameter has control characters.' })
  }
  const form = parseForm(text, repeatable)
  if (!('problem' in form)) return form
  throw new InvalidRequestError('form_malformed', { description: 'The form cannot be decoded.', detail: form.problem })
}

/** Reads a POST whose parameters are in a form body, as at the token endpoint (RFC 6749 §3.2). */
export const readFormRequest = async (
  request: HttpRequest,
  known: Pick<OAuthRequest, 'endpoint' | 'now'>,
  limits: RequestLimits,
): Promise<RequestContext> => {
  if (request.method !== 'POST') throw new MethodNotAllowedError('POST')
  if (sensitive.test(queryOf(request.url))) {
    throw new InvalidRequestError('parameter_in_url', { description: 'Send parameters in the body, not in the URL.' })
  }
  if (!hasFormBody(request)) {
    throw new InvalidRequestError('content_type_wrong', {
      description: 'Send the body as application/x-www-form-urlencoded.',
    })
  }
  const body = await readBody(request, limits.maxBodyBytes)
  const form = decodeParameters(body)
  return Object.assign(
    newRequestContext(request, known, form.values, form.repeatable),
    form.duplicates.length > 0 && { audiences: readAudiences(form, body) },
  )
}

/** A token exchange may name several audiences (RFC 8693 §2.1); nothing else may be repeated. */
const readAudiences = ({ values, duplicates }: Form, body: string): readonly string[] => {
  const isExchange = values.get('grant_type') === tokenExchangeGrantType
  if (!isExchange || duplicates.some((name) => name !== 'audience')) throw repeatedParameters(duplicates)
  return decodeParameters(body, 'audience').repeatable
}

/** Reads the parameters of an authorization request: of the query, and of a form body where it is a POST (RFC 6749 §3.1). */
export const readAuthorizationForm = async (request: HttpRequest, limits: RequestLimits): Promise<Form> => {
  if (request.method !== 'GET' && request.method !== 'POST') throw new MethodNotAllowedError('GET, POST')
  const { maxBodyBytes = defaultMaxBodyBytes } = limits
  const query = queryOf(request.url)
  if (query.length > maxBodyBytes) throw new PayloadTooLargeError(maxBodyBytes) // not every runtime has a limit of its own
  const body = request.method === 'POST' && hasFormBody(request) ? await readBody(request, maxBodyBytes) : ''
  return decodeParameters(`${query}&${body}`)
}

/** The value of a parameter that must be there. */
export const requireParameter = (request: Pick<OAuthRequest, 'parameters'>, name: string): string => {
  const value = request.parameters.get(name)
  if (value === undefined)
    throw new InvalidRequestError('parameter_missing', { description: `The parameter ${name} is missing.` })
  return value
}
