import { InvalidRequestError } from './errors.ts'
import type { HttpRequest } from './http.ts'
import { readBody, type RequestLimits } from './read-request.ts'
import { InvalidClientMetadataError } from './registration-errors.ts'

/** The members of a JSON object, by their exact names. */
export type JsonMembers = ReadonlyMap<string, unknown>

const jsonType = /^application\/json[ \t]*(?:;[ \t]*charset="?utf-8"?[ \t]*)?$/i

const deepest = 20
const tokens = /"(?:[^"\\]|\\.)*"|[[\]{}:]/g

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** What readers of JSON would take differently, or break at, in a text that is JSON: members twice, many levels (RFC 8259 §4, §9). */
const ambiguityOf = (text: string): string | undefined => {
  const open: (Set<unknown> | undefined)[] = []
  let last = ''
  for (const [token] of text.matchAll(tokens)) {
    if (token === '{' || token === '[') {
      if (open.push(token === '{' ? new Set() : undefined) > deepest) return `is nested deeper than ${deepest} levels`
    } else if (token === '}' || token === ']') open.pop()
    else if (token === ':') {
      const names = open.at(-1)
      const name: unknown = JSON.parse(last)
      if (names?.has(name) === true) return 'has a member twice'
      names?.add(name)
    } else last = token
  }
  return undefined
}

/** Reads a text that is a JSON object, without members that occur twice and not deeper than 20 levels; gives what is wrong with another one. */
export const parseJsonObject = (text: string): JsonMembers | string => {
  const value = parse(text)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'is not a JSON object'
  return ambiguityOf(text) ?? new Map(Object.entries(value))
}

/** Reads a body that is a JSON object (RFC 7591 §3.1). */
export const readJsonBody = async (request: HttpRequest, limits: RequestLimits): Promise<JsonMembers> => {
  if (!jsonType.test(request.headers.get('content-type') ?? ''))
    throw new InvalidRequestError('content_type_wrong', { description: 'Send the body as application/json.' })
  const members = parseJsonObject(await readBody(request, limits.maxBodyBytes))
  if (typeof members !== 'string') return members
  throw new InvalidClientMetadataError('json_malformed', { description: `The body ${members}.` })
}
