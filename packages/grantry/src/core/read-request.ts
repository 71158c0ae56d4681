import { parseForm, type Form } from '../util/form.ts'
import { InvalidRequestError, MethodNotAllowedError } from './errors.ts'
import type { HttpRequest } from './http.ts'
import { RequestContext, type OAuthRequest } from './oauth-request.ts'

/** Limits of what is read from a request. */
export interface RequestLimits {
  /** Largest body in bytes. Default: 65536. */
  readonly maxBodyBytes?: number | undefined
}

const defaultMaxBodyBytes = 65_536
const formType = /^application\/x-www-form-urlencoded[ \t]*(?:;[ \t]*charset="?utf-8"?[ \t]*)?$/i
const controls = /[\0-\x08\x0a-\x1f\x7f]/ // eslint-disable-line no-control-regex -- RFC 6749 appendix A leaves them out of every parameter
const sensitive =
  /(?:^|&)(?:client_secret|client_assertion|code|code_verifier|refresh_token|access_token|token|password|grant_type)=/

/** Whether the body is a form by its Content-Type. */
export const hasFormBody = (request: Pick<HttpRequest, 'headers'>): boolean =>
  formType.test(request.headers.get('content-type') ?? '')

/** The query of a URL, without the question mark. */
export const queryOf = (url: string): string => {
  const start = url.indexOf('?')
  return start < 0 ? '' : url.slice(start + 1).replace(/#.*$/s, '')
}

const tooLarge = (limit: number): InvalidRequestError =>
  new InvalidRequestError('body_too_large', `The body is larger than ${limit} bytes.`, { status: 413 })

const hasMoreBytes = (text: string, limit: number): boolean =>
  text.length > limit || (text.length * 3 > limit && new TextEncoder().encode(text).length > limit)

/** The text of a body within the limit. */
export const readBody = async (request: HttpRequest, limit = defaultMaxBodyBytes): Promise<string> => {
  if (Number(request.headers.get('content-length') ?? 0) > limit) throw tooLarge(limit)
  const text = await request.text()
  if (hasMoreBytes(text, limit)) throw tooLarge(limit)
  return text
}

/** Refuses parameters that were sent more than once (RFC 6749 §3.1, §3.2). */
export const refuseDuplicates = (duplicates: readonly string[]): void => {
  if (duplicates.length === 0) return
  throw new InvalidRequestError('parameter_repeated', 'A parameter is repeated.', { detail: duplicates.join(', ') })
}

/** Decodes a form into parameters, none of them with control characters. */
export const decodeParameters = (text: string): Form => {
  const form = parseForm(text, 'resource')
  if ('problem' in form) {
    throw new InvalidRequestError('form_malformed', 'The form cannot be decoded.', {
      detail: `${form.problem} ${form.name}`,
    })
  }
  for (const [name, value] of form.values) {
    if (controls.test(value))
      throw new InvalidRequestError('parameter_invalid', 'A parameter has control characters.', { detail: name })
  }
  return form
}

/** Reads a POST whose parameters are in a form body, as at the token endpoint (RFC 6749 §3.2). */
export const readFormRequest = async (
  request: HttpRequest,
  known: Pick<OAuthRequest, 'endpoint' | 'now'>,
  limits: RequestLimits,
): Promise<RequestContext> => {
  if (request.method !== 'POST') throw new MethodNotAllowedError('POST')
  if (sensitive.test(queryOf(request.url))) {
    throw new InvalidRequestError('parameter_in_url', 'Send parameters in the body, not in the URL.')
  }
  if (!hasFormBody(request)) {
    throw new InvalidRequestError('content_type_wrong', 'Send the body as application/x-www-form-urlencoded.')
  }
  const form = decodeParameters(await readBody(request, limits.maxBodyBytes))
  refuseDuplicates(form.duplicates)
  return new RequestContext(request, known, form.values, form.repeatable)
}

/** Reads the parameters of an authorization request: of the query, and of a form body where it is a POST (RFC 6749 §3.1). */
export const readAuthorizationForm = async (request: HttpRequest, limits: RequestLimits): Promise<Form> => {
  if (request.method !== 'GET' && request.method !== 'POST') throw new MethodNotAllowedError('GET, POST')
  const body = request.method === 'POST' && hasFormBody(request) ? await readBody(request, limits.maxBodyBytes) : ''
  return decodeParameters(`${queryOf(request.url)}&${body}`)
}

/** The value of a parameter that must be there. */
export const requireParameter = (request: Pick<OAuthRequest, 'parameters'>, name: string): string => {
  const value = request.parameters.get(name)
  if (value === undefined) throw new InvalidRequestError('parameter_missing', `The parameter ${name} is missing.`)
  return value
}
