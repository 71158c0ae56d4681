import type { HttpRequest } from 'grantry'
import { z } from 'zod'
import type { MemberProblem } from '../admin/refusal.ts'
import { closestName } from '../closest-name.ts'
import type { Call, Operation } from './operation.ts'
import type { Problem } from './problem.ts'

/** A request that is refused before anything is done. */
export class RefusedCall extends Error {
  readonly problem: Problem

  constructor(problem: Problem) {
    super(problem.detail)
    this.problem = problem
  }
}

const placeOf = (path: readonly PropertyKey[]): string =>
  path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`))
    .join('')
    .replace(/^\./, '')

const problemsIn = (issue: z.core.$ZodIssue, known: readonly string[]): readonly MemberProblem[] => {
  if (issue.code !== 'unrecognized_keys') return [{ member: placeOf(issue.path), problem: issue.message }]
  return issue.keys.map((key) => {
    const near = closestName(key, known)
    const member = placeOf([...issue.path, key])
    return { member, problem: `is not known here${near === undefined ? '' : `: did you mean "${near}"?`}` }
  })
}

/** What a schema lets through. Throws a `RefusedCall` that names every member that is wrong. */
const check = (schema: z.ZodType, value: unknown): unknown => {
  const { data, error } = schema.safeParse(value)
  if (error === undefined) return data
  const known = schema instanceof z.ZodObject ? Object.keys(schema.shape) : []
  const problems = error.issues.flatMap((issue) => problemsIn(issue, known))
  const detail = problems.map(({ member, problem }) => `${member || 'The body'} ${problem}`).join('; ')
  throw new RefusedCall({ status: 422, word: 'invalid', title: 'A value cannot be.', detail, problems })
}

/** Text of a query as the value that JSON would have; what cannot be read stays text, and is refused as such. */
const readParameter = (schema: unknown, text: string): unknown => {
  const type = typeof schema === 'object' && schema !== null && 'type' in schema ? schema.type : undefined
  if (type === 'integer' && /^-?\d{1,15}$/.test(text)) return Number(text)
  if (type === 'boolean' && (text === 'true' || text === 'false')) return text === 'true'
  return text
}

const readQuery = (schema: z.ZodType, url: string): unknown => {
  const { properties = {} } = z.toJSONSchema(schema, { io: 'input' })
  const given = new URLSearchParams(url.includes('?') ? url.slice(url.indexOf('?') + 1) : '')
  return Object.fromEntries([...given].map(([name, text]) => [name, readParameter(properties[name], text)]))
}

const readBody = async (http: HttpRequest): Promise<unknown> => {
  const type = (http.headers.get('content-type') ?? '').split(';')[0]?.trim().toLowerCase()
  if (type !== 'application/json' && type !== 'application/merge-patch+json') {
    const detail = 'Send JSON, with Content-Type: application/json.'
    throw new RefusedCall({ status: 415, word: 'media_type', title: 'The body is not called JSON.', detail })
  }
  try {
    return JSON.parse(await http.text()) as unknown
  } catch (thrown) {
    if (!(thrown instanceof SyntaxError)) throw thrown
    const detail = 'The body cannot be read as JSON.'
    throw new RefusedCall({ status: 400, word: 'json', title: 'The body is no JSON.', detail })
  }
}

/** The version in `If-Match`; undefined for `*` (RFC 9110 §13.1.1). */
const readMatch = (http: HttpRequest): string | undefined => {
  const given = http.headers.get('if-match')?.trim() ?? ''
  if (given === '*') return undefined
  const version = /^"([\w-]{1,64})"$/.exec(given)?.[1]
  if (version !== undefined) return version
  const detail =
    'Send If-Match with the ETag of what you have seen, so that nobody overwrites what he has not seen; or with *.'
  if (given !== '') throw new RefusedCall({ status: 412, word: 'changed', title: 'It was changed meanwhile.', detail })
  throw new RefusedCall({ status: 428, word: 'match_missing', title: 'If-Match is missing.', detail })
}

/** Reads and checks what came with a request. Throws a `RefusedCall` for what cannot be. */
export const readCall = async (
  http: HttpRequest,
  { query, body, isGuarded }: Operation,
  path: Readonly<Record<string, string>>,
): Promise<Call<unknown, unknown>> => ({
  path,
  version: isGuarded === true ? readMatch(http) : undefined,
  query: query && check(query, readQuery(query, http.url)),
  body: body && check(body, await readBody(http)),
})
