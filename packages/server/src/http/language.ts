import { fallbackMessages, messagesFor, type Messages } from '../messages/messages.ts'
import { queryOf, readForm } from './form.ts'
import type { ReceivedRequest } from './page-response.ts'

/** The languages of an `Accept-Language`, the best one first (RFC 9110 §12.5.4). */
const acceptedLanguages = (header: string): readonly string[] =>
  header
    .split(',')
    .map((part) => {
      const [tag = '', weight = ''] = part.split(';').map((each) => each.trim())
      return { tag, quality: weight === '' ? 1 : Number(/^q=(\d(?:\.\d{0,3})?)$/i.exec(weight)?.[1] ?? 0) }
    })
    .filter(({ quality }) => quality > 0)
    .sort((left, right) => right.quality - left.quality)
    .map(({ tag }) => tag)

/** What the `ui_locales` of parameters ask for; of the request that a page goes on to as well (OpenID Connect Core §3.1.2.1). */
const localesIn = (parameters: URLSearchParams): readonly string[] => {
  const inner = [parameters.get('request') ?? '', queryOf(parameters.get('to') ?? '')]
  const all = [parameters, ...inner.map((query) => new URLSearchParams(query))]
  return all.flatMap((each) => (each.get('ui_locales') ?? '').split(' '))
}

/** The texts that an authorization request asks for, as a query string; undefined where it asks for none that there are. */
export const messagesOfQuery = (query: string): Messages | undefined =>
  messagesFor(localesIn(new URLSearchParams(query)))

/** The texts for a request: as its `ui_locales` say, else as the browser does, else English. */
export const messagesOf = async (request: ReceivedRequest): Promise<Messages> => {
  const form = await readForm(request).catch(() => undefined) // whoever needs the form reads it again, and gets the error
  const asked = messagesOfQuery(queryOf(request.url)) ?? (form && messagesFor(localesIn(form)))
  return asked ?? messagesFor(acceptedLanguages(request.headers.get('accept-language') ?? '')) ?? fallbackMessages
}
