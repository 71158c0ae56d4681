import type { ReceivedRequest } from './page-response.ts'

/** Reads a posted form; undefined where the body is something else. */
export const readForm = async (
  request: Pick<ReceivedRequest, 'headers' | 'text'>,
): Promise<URLSearchParams | undefined> => {
  const type = request.headers.get('content-type') ?? ''
  if (!/^application\/x-www-form-urlencoded *(?:;|$)/i.test(type)) return undefined
  return new URLSearchParams(await request.text())
}

/** What comes before the query and the fragment of a URL. */
export const pathOf = (url: string): string => url.split(/[?#]/, 1)[0] ?? ''

/** The query of a path, without the question mark. */
export const queryOf = (url: string): string => {
  const start = url.indexOf('?')
  return start < 0 ? '' : url.slice(start + 1)
}
