import { BearerError } from '../core/bearer-error.ts'
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

/** The token of an Authorization header; undefined where there is none of the Bearer scheme. */
const fromHeader = (header: string | null | undefined): string | undefined => {
  if (!header || !/^bearer(?:[ ,]|$)/i.test(header)) return undefined
  const token = /^bearer +(.+)$/i.exec(header)?.[1]?.trimEnd()
  if (!isBearerText(token)) throw new BearerError('invalid_request', 'token_malformed')
  return token
}

const accessTokenOf = (form: string): string | undefined => {
  try {
    const { values, duplicates } = decodeParameters(form)
    if (duplicates.includes('access_token')) throw new BearerError('invalid_request', 'token_repeated')
    return values.get('access_token')
  } catch (cause) {
    if (cause instanceof BearerError) throw cause
    throw new BearerError('invalid_request', 'token_malformed', { cause })
  }
}

/**
 * The token of a request, by exactly one way of sending it (RFC 6750 §2); undefined where there is none. Queries and bodies are left
 * alone unless an option says otherwise.
 */
export const readBearerToken = async (
  request: HttpRequest,
  locations: BearerLocations,
): Promise<string | undefined> => {
  const tokens = [fromHeader(request.headers.get('authorization'))]
  if (
    locations.allowFormBodyToken === true &&
    request.method !== 'GET' &&
    request.method !== 'HEAD' &&
    hasFormBody(request)
  ) {
    tokens.push(accessTokenOf(await readBody(request)))
  }
  if (locations.legacyQueryToken === true) tokens.push(accessTokenOf(queryOf(request.url)))
  const [token, another] = tokens.filter((candidate) => candidate !== undefined)
  if (another !== undefined) throw new BearerError('invalid_request', 'token_repeated')
  if (token !== undefined && !isBearerText(token)) throw new BearerError('invalid_request', 'token_malformed')
  return token
}

/** How likely a request carries a bearer token: 9 for the header, 5 for a parameter that is looked at, 0 for neither. */
export const estimateBearer = (request: Pick<HttpRequest, 'headers' | 'url'>, locations: BearerLocations): number => {
  if (/^bearer(?: |$)/i.test(request.headers.get('authorization') ?? '')) return 9
  const parameter = /(?:^|&)access_token=/.test(queryOf(request.url))
  return parameter && locations.legacyQueryToken === true ? 5 : 0
}
