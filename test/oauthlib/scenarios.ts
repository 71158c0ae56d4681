import { basic } from '../support/requests.ts'

/** What is asked of a client of both sides. The secret is that of a confidential client. */
export interface ScriptedClient {
  readonly secret?: string
  readonly redirectUris: readonly string[]
  readonly grantTypes: readonly string[]
  readonly responseTypes: readonly string[]
  readonly scopes: readonly string[]
  readonly defaultScopes: readonly string[]
}

/** One request. `$code`, `$access_token` and `$refresh_token` stand for what the last answer of the same scenario held that had one,
 * `$first_refresh_token` for that of the first. */
export interface Step {
  readonly name: string
  readonly at: 'authorize' | 'token' | 'revoke' | 'introspect' | 'resource'
  readonly method: string
  readonly query: string
  readonly body: string
  readonly headers: Readonly<Record<string, string>>
  /** Scopes that the resource asks for. */
  readonly scopes?: readonly string[]
  readonly decision?: 'deny'
  /** Scopes that the user grants. Default: those of the request. */
  readonly granted?: readonly string[]
}

/** Requests to one new server. */
export interface Scenario {
  readonly server:
    'WebApplicationServer' | 'MobileApplicationServer' | 'LegacyApplicationServer' | 'BackendApplicationServer'
  readonly steps: readonly Step[]
}

const any: ScriptedClient = {
  redirectUris: ['https://app.example/cb'],
  grantTypes: ['authorization_code', 'refresh_token', 'password', 'client_credentials'],
  responseTypes: ['code', 'token'],
  scopes: ['read', 'write'],
  defaultScopes: ['read'],
}

/** The secret of a confidential client. */
export const secretOf = (name: string): string => `secret-of-${name}`

/** The clients of both sides. */
export const clients: Readonly<Record<string, ScriptedClient>> = {
  app: { ...any, secret: secretOf('app') },
  spa: any,
  two: { ...any, redirectUris: ['https://two.example/a', 'https://two.example/b'] },
  limited: { ...any, secret: secretOf('limited'), grantTypes: ['password'], responseTypes: ['none'] },
}

/** How a client authenticates: by Basic, by the body, or by nothing but its id. */
export type As = 'app' | 'limited' | 'spa' | 'post' | 'wrong' | 'unknown' | 'nobody' | 'twice'

const headersAs: Partial<Record<As, Readonly<Record<string, string>>>> = {
  app: basic('app', secretOf('app')),
  limited: basic('limited', secretOf('limited')),
  wrong: basic('app', 'wrong'),
  unknown: basic('nobody', 'wrong'),
  twice: basic('app', secretOf('app')),
}
const bodyAs: Partial<Record<As, Parameters>> = {
  spa: { client_id: 'spa' },
  post: { client_id: 'app', client_secret: secretOf('app') },
  twice: { client_id: 'app', client_secret: secretOf('app') },
}

export type Parameters = Readonly<Record<string, string | undefined>>

/** Parameters as they are sent; an undefined one is not. `$` stays, so that placeholders can be found. */
const encode = (parameters: Parameters): string =>
  Object.entries(parameters)
    .flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${encodeURIComponent(value)}`]))
    .join('&')
    .replaceAll('%24', '$')

/** The example of RFC 7636, appendix B. */
export const verifier = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk'
const challenge = 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM'

const goodAuthorization: Parameters = {
  ...{ response_type: 'code', client_id: 'app', redirect_uri: 'https://app.example/cb', scope: 'read', state: 'xyz' },
  ...{ code_challenge: challenge, code_challenge_method: 'S256' },
}

/** An authorization request that differs from a good one in `change`; `more` is put behind it as it is. */
export const ask = (
  name: string,
  change: Parameters = {},
  { more = '', ...rest }: Partial<Step> & { readonly more?: string } = {},
): Step => ({
  ...{ name, at: 'authorize', method: 'GET', body: '', headers: {} },
  query: encode({ ...goodAuthorization, ...change }) + more,
  ...rest,
})

const formType = { 'Content-Type': 'application/x-www-form-urlencoded' }

/** A form POST by a client. */
const post =
  (at: Step['at']) =>
  (name: string, send: Parameters, as: As = 'app', rest: Partial<Step> = {}): Step => ({
    ...{ name, at, method: 'POST', query: '', body: encode({ ...send, ...bodyAs[as] }) },
    headers: { ...formType, ...headersAs[as] },
    ...rest,
  })

/** A token request. */
export const token = post('token')
/** A revocation request. */
export const revoke = post('revoke')
/** An introspection request. */
export const introspect = post('introspect')

/** Changes the code of the authorization request before. */
export const redeem = (name: string, change: Parameters = {}, as: As = 'app', rest: Partial<Step> = {}): Step =>
  token(
    name,
    {
      ...{ grant_type: 'authorization_code', code: '$code', code_verifier: verifier },
      ...{ redirect_uri: 'https://app.example/cb', ...change },
    },
    as,
    rest,
  )

/** A request for a protected resource. */
export const use = (name: string, headers: Readonly<Record<string, string>>, rest: Partial<Step> = {}): Step => ({
  ...{ name, at: 'resource', method: 'GET', query: '', body: '', headers, scopes: ['read'] },
  ...rest,
})
