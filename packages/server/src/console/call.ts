import type { HttpResponse } from 'grantry'
import type { Admin } from '../admin/admin.ts'
import { AdminRefusal } from '../admin/refusal.ts'
import { page, seeOther } from '../http/page-response.ts'
import type { Html } from '../pages/html.ts'
import { consolePage, type ConsoleFrame, type ConsolePage } from './page.ts'

/** A request of an administrator, whose form was checked. */
export interface ConsoleCall {
  readonly admin: Admin
  readonly frame: ConsoleFrame
  /** The parts of the path that its template names. */
  readonly path: Readonly<Record<string, string>>
  readonly query: URLSearchParams
  readonly fields: URLSearchParams
  /** Who it is. */
  readonly userId: string
}

/** Answers a request of an administrator. */
export type ConsoleHandler = (call: ConsoleCall) => Promise<HttpResponse>

/** A page; what a form brought back with `done` is said on top. */
export const show = ({ frame, query }: ConsoleCall, options: ConsolePage, content: Html): HttpResponse => {
  const done = query.has('done') ? frame.texts.done : undefined
  const status = options.problem === undefined ? 200 : 422
  const live = options.isLive === true ? { hasScript: true, isLive: true } : {}
  return page(status, consolePage(frame, { done, ...options }, content), live)
}

/** On to a page that says that something was done. */
export const doneAt = (path: string): HttpResponse => seeOther(`${path}${path.includes('?') ? '&' : '?'}done=1`)

/** What a field says; undefined for an empty one. */
export const textOf = (fields: URLSearchParams, name: string): string | undefined => {
  const text = (fields.get(name) ?? '').trim()
  return text === '' ? undefined : text
}

/** Does something; what is refused is given back, to be shown with what was typed. */
export const tryTo = async <Result>(work: () => Promise<Result>): Promise<Result | AdminRefusal> =>
  work().catch((thrown: unknown) => {
    if (thrown instanceof AdminRefusal) return thrown
    throw thrown
  })
