/** HTML that is safe to send as it is. It is made by the template below, or written by whoever runs the server. */
export class Html {
  readonly #text: string

  constructor(text: string) {
    this.#text = text
  }

  toString(): string {
    return this.#text
  }
}

/** What a template takes. Texts are escaped; `undefined` and `false` are nothing. */
export type HtmlValue = string | number | undefined | false | Html | readonly Html[]

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** Controls, and characters that are invisible or turn text around, so that a name could look like another one. */
// eslint-disable-next-line no-control-regex -- the characters to show
const deceptive = /[\0-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g

const escape = (text: string): string =>
  text.replace(deceptive, '\ufffd').replace(/[&<>"']/g, (sign) => entities[sign] ?? '')

const render = (value: HtmlValue): string => {
  if (value === undefined || value === false) return ''
  if (value instanceof Html) return value.toString()
  return typeof value === 'object' ? value.join('') : escape(String(value))
}

/** Text of several lines, for where line breaks are shown as they are: between the tags of a `textarea`. */
export const lines = (text: string): Html => new Html(text.split(/\r?\n/).map(escape).join('\n'))

/** A template of HTML in which every value is escaped, for text and for attributes in double quotes. */
export const html = (parts: TemplateStringsArray, ...values: readonly HtmlValue[]): Html =>
  new Html(parts.map((part, index) => part + render(values[index])).join(''))
