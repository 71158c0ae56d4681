import { BearerError, type ChallengeOptions, type TokenScheme } from '../core/bearer-error.ts'
import { isBearerText } from '../core/bearer-syntax.ts'
import type { HttpRequest } from '../core/http.ts'
import { decodeParameters, hasFormBody, queryOf, readBody } from '../core/read-request.ts'

/** Where a protected resource looks for a token beside the Authorization header. */
export interface BearerLocations {
  /** Reads `access_token` from a form body, too (RFC 6750 §2.2). Default: false. The body is then read by the library. */
  readonly allowFormBodyToken?: boolean | undefined
  /** Reads `access_token` from the query, too (RFC 6750 §2.3), which leaks it into logs and histories. Default: false. */
  readonly legacyQueryToken?: boolean | undefined
}

/** A token as it was sent. */
export interface Credentials {
  readonly token: string
  readonly scheme: TokenScheme
  readonly place: 'header' | 'body' | 'query'
}

const schemesByName: Readonly<Record<string, TokenScheme>> = { bearer: 'Bearer', dpop: 'DPoP' }

/** The token of an Authorization header; undefined where there is none of a scheme that is taken. */
const fromHeader = (header: string | null | undefined, challenge: ChallengeOptions): Credentials | undefined => {
  const name = /^(bearer|dpop)(?:[ ,]|$)/i.exec(header ?? '')?.[1]?.toLowerCase()
  const scheme = name && schemesByName[name]
  if (!scheme || !(challenge.schemes ?? ['Bearer']).includes(scheme)) return undefined
  const token = /^\w+ +([^ ].*)$/.exec(header ?? '')?.[1]?.trimEnd()
  if (!isBearerText(token))
    throw new BearerError('invalid_request', 'token_malformed', { ...challenge, usedScheme: scheme })
  return { token, scheme, place: 'header' }
}

const accessTokenOf = (form: string, challenge: ChallengeOptions): string | undefined => {
  try {
    const { values, duplicates } = decodeParameters(form)
    if (duplicates.includes('access_token')) throw new BearerError('invalid_request', 'token_repeated', challenge)
    return values.get('access_token')
  } catch (cause) {
    if (cause instanceof BearerError) throw cause
    throw new BearerError('invalid_request', 'token_malformed', { ...challenge, cause })
  }
}

/**
 * The token of a request, by exactly one way of sending it (RFC 6750 §2) and of a scheme that the challenge names; undefined where there
 * is none. Queries and bodies are left alone unless an option says otherwise. What is sent wrongly is refused with the challenge.
 */
export const readCredentials = async (
  request: HttpRequest,
  locations: BearerLocations,
  challenge: ChallengeOptions,
): Promise<Credentials | undefined> => {
  const found: (Credentials | undefined)[] = [fromHeader(request.headers.get('authorization'), challenge)]
  const add = (place: Credentials['place'], form: string): void => {
    const token = accessTokenOf(form, challenge)
    if (token !== undefined) found.push({ token, scheme: 'Bearer', place })
  }
  const mayHaveBody = request.method !== 'GET' && request.method !== 'HEAD'
  if (locations.allowFormBodyToken === true && mayHaveBody && hasFormBody(request)) add('body', await readBody(request))
  if (locations.legacyQueryToken === true) add('query', queryOf(request.url))
  const [credentials, another] = found.filter((each) => each !== undefined)
  if (another !== undefined) throw new BearerError('invalid_request', 'token_repeated', challenge)
  if (credentials !== undefined && !isBearerText(credentials.token))
    throw new BearerError('invalid_request', 'token_malformed', challenge)
  return credentials
}

/** The bearer token of an Authorization header; undefined where there is none. */
export const readBearerToken = async (request: HttpRequest): Promise<string | undefined> =>
  (await readCredentials(request, {}, {}))?.token

/** How likely a request carries a bearer token: 9 for the header, 5 for a parameter that is looked at, 0 for neither. */
export const estimateBearer = (request: Pick<HttpRequest, 'headers' | 'url'>, locations: BearerLocations): number => {
  if (/^bearer(?: |$)/i.test(request.headers.get('authorization') ?? '')) return 9
  const parameter = /(?:^|&)access_token=/.test(queryOf(request.url))
  return parameter && locations.legacyQueryToken === true ? 5 : 0
}
