import { de } from './de.ts'
import { en } from './en.ts'

/** The texts of the pages in one language. */
export type Messages = typeof en

/** Every language, by its code of BCP 47. A new one is a file beside `en.ts`, and a line here. */
export const languages: ReadonlyMap<string, Messages> = new Map([en, de].map((messages) => [messages.lang, messages]))

/** What pages speak to those whose languages there are not. */
export const fallbackMessages: Messages = en

/** The texts for the first of some languages that there is (RFC 4647 §3.4: `de-AT` is answered by `de`). */
export const messagesFor = (wanted: readonly string[]): Messages | undefined => {
  const codes = wanted.map((tag) => tag.toLowerCase().split('-')[0] ?? '')
  const found = codes.find((code) => languages.has(code))
  return found === undefined ? undefined : languages.get(found)
}
