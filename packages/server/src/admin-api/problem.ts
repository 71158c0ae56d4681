import type { HttpResponse } from 'grantry'
import type { AdminRefusal, MemberProblem, RefusalCode } from '../admin/refusal.ts'

/** A refusal as RFC 9457 has it. */
export interface Problem {
  readonly status: number
  /** A word that stays, for programs. */
  readonly word: string
  readonly title: string
  /** What is wrong, and what to do instead. */
  readonly detail: string
  readonly problems?: readonly MemberProblem[]
  readonly headers?: Readonly<Record<string, string>>
}

const uncached = { 'Cache-Control': 'no-store', 'X-Content-Type-Options': 'nosniff' }

/** An answer in JSON. */
export const jsonAnswer = (
  status: number,
  body: object | undefined,
  headers: Readonly<Record<string, string>> = {},
): HttpResponse => ({
  status,
  headers: { ...(body !== undefined && { 'Content-Type': 'application/json' }), ...uncached, ...headers },
  body: body === undefined ? '' : JSON.stringify(body),
})

/** The answer to a request that is refused. */
export const problemAnswer = ({ status, word, title, detail, problems, headers }: Problem): HttpResponse =>
  jsonAnswer(
    status,
    { type: `urn:grantry:problem:${word}`, title, status, detail, problems },
    { ...headers, 'Content-Type': 'application/problem+json' },
  )

const refusals: Readonly<Record<RefusalCode, Pick<Problem, 'status' | 'title'>>> = {
  not_found: { status: 404, title: 'There is no such thing.' },
  taken: { status: 409, title: 'There is one already.' },
  changed: { status: 412, title: 'It was changed meanwhile.' },
  invalid: { status: 422, title: 'A value cannot be.' },
  fixed: { status: 409, title: 'It is not changed this way.' },
}

/** What operations refuse, as the API says it. */
export const problemOf = ({ code, message, problems }: AdminRefusal): Problem => ({
  ...{ ...refusals[code], word: code, detail: message },
  ...(problems.length > 0 && { problems }),
})
