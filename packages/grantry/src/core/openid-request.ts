import { InvalidRequestError } from './errors.ts'
import type { ClaimRequests } from './login-context.ts'
import { RequestNotSupportedError } from './openid-errors.ts'

const prompts = ['none', 'login', 'consent', 'select_account', 'create'] as const

/** A page that the client asks for, or `none` (OpenID Connect Core §3.1.2.1, Initiating User Registration §4.1). */
export type Prompt = (typeof prompts)[number]

/** What an authorization request says beyond OAuth (OpenID Connect Core §3.1.2.1). */
export interface OpenIdRequest {
  readonly nonce: string | undefined
  readonly prompt: readonly Prompt[]
  /** Seconds after which the login is too old. */
  readonly maxAge: number | undefined
  /** Authentication classes that are wished for, the best first. */
  readonly acrValues: readonly string[]
  /** Those that must be met (`claims`, essential `acr`); empty where none must. */
  readonly essentialAcr: readonly string[]
  /** Who is expected to log in, as an e-mail address or the like: a hint for your login page. */
  readonly loginHint: string | undefined
  /** An ID token of who is expected. */
  readonly idTokenHint: string | undefined
  /** The only user that is wanted, by `sub` (`claims`). */
  readonly subject: string | undefined
  /** Languages for your pages, as BCP 47 tags, the best first. */
  readonly uiLocales: readonly string[]
  readonly display: string | undefined
  readonly claims: ClaimRequests
}

type Parameters = Readonly<Record<string, string>>
type Members = Readonly<Record<string, unknown>>

const words = (text: string | undefined): readonly string[] => text?.split(' ').filter((word) => word !== '') ?? []

const malformed = (description: string): InvalidRequestError =>
  new InvalidRequestError('openid_parameter_malformed', { description })

const readPrompt = (text: string | undefined): readonly Prompt[] => {
  const asked = words(text)
  const known = prompts.filter((prompt) => asked.includes(prompt))
  if (asked.some((word) => !known.some((prompt) => prompt === word))) throw malformed('The prompt is not known here.')
  if (known.includes('none') && known.length > 1) throw malformed('The prompt none stands alone.')
  return known
}

const readMaxAge = (text: string | undefined): number | undefined => {
  if (text === undefined) return undefined
  if (!/^\d{1,9}$/.test(text)) throw malformed('The max_age must be whole seconds.')
  return Number(text)
}

const isMembers = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const parseClaims = (text: string | undefined): Members => {
  if (text === undefined) return {}
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw malformed('The parameter claims is not JSON.')
  }
  if (isMembers(value)) return value
  throw malformed('The parameter claims is not a JSON object.')
}

const section = (claims: Members, name: string): Members => {
  const value = claims[name] ?? {}
  if (isMembers(value) && Object.values(value).every((each) => each === null || isMembers(each))) return value
  throw malformed(`The member ${name} of claims must be an object of null or objects.`)
}

const valuesOf = (request: unknown): readonly string[] => {
  if (!isMembers(request)) return []
  const values: readonly unknown[] = Array.isArray(request['values']) ? request['values'] : [request['value']]
  return values.filter((value) => typeof value === 'string')
}

/** Reads the parameters of OpenID Connect. Throws an `InvalidRequestError` for what cannot be understood. */
export const readOpenIdRequest = (parameters: Parameters): OpenIdRequest => {
  const claims = parseClaims(parameters['claims'])
  const [userinfo, idToken] = [section(claims, 'userinfo'), section(claims, 'id_token')]
  const acr = idToken['acr']
  return {
    nonce: parameters['nonce'],
    prompt: readPrompt(parameters['prompt']),
    maxAge: readMaxAge(parameters['max_age']),
    acrValues: words(parameters['acr_values']),
    essentialAcr: isMembers(acr) && acr['essential'] === true ? valuesOf(acr) : [],
    loginHint: parameters['login_hint'],
    idTokenHint: parameters['id_token_hint'],
    subject: valuesOf(idToken['sub'])[0],
    uiLocales: words(parameters['ui_locales']),
    display: parameters['display'],
    claims: { userinfo: Object.keys(userinfo), idToken: Object.keys(idToken) },
  }
}

const unsupported = ['request', 'request_uri', 'registration'] as const

/** Refuses what is not offered, by its own error (OpenID Connect Core §3.1.2.6). */
export const refuseRequestObjects = (parameters: Parameters): void => {
  const used = unsupported.find((name) => parameters[name] !== undefined)
  if (used !== undefined) throw new RequestNotSupportedError(used)
}
