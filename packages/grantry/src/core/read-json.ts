import { InvalidRequestError } from './errors.ts'
import type { HttpRequest } from './http.ts'
import { readBody, type RequestLimits } from './read-request.ts'
import { InvalidClientMetadataError } from './registration-errors.ts'

/** The members of a JSON object, by their exact names. */
export type JsonMembers = ReadonlyMap<string, unknown>

const jsonType = /^application\/json[ \t]*(?:;[ \t]*charset="?utf-8"?[ \t]*)?$/i

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Reads a body that is a JSON object (RFC 7591 §3.1). */
export const readJsonBody = async (request: HttpRequest, limits: RequestLimits): Promise<JsonMembers> => {
  if (!jsonType.test(request.headers.get('content-type') ?? ''))
    throw new InvalidRequestError('content_type_wrong', { description: 'Send the body as application/json.' })
  const value = parse(await readBody(request, limits.maxBodyBytes))
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return new Map(Object.entries(value))
  throw new InvalidClientMetadataError('json_malformed', { description: 'The body is not a JSON object.' })
}
