import type { Messages } from '../messages/messages.ts'
import { html, type Html } from './html.ts'

const formats: Readonly<Record<'day' | 'minute', Intl.DateTimeFormatOptions>> = {
  day: { dateStyle: 'long' },
  minute: { day: 'numeric', month: 'long', year: 'numeric', hour: '2-digit', minute: '2-digit', timeZoneName: 'short' },
}

/** A time in seconds as text. In UTC: a page without scripts does not know where it is looked at. */
export const timeText = (seconds: number, precision: 'day' | 'minute', { dates }: Messages): string =>
  new Intl.DateTimeFormat(dates, { ...formats[precision], timeZone: 'UTC' }).format(new Date(seconds * 1000))

/** The same for machines as well. */
export const timeOf = (seconds: number, precision: 'day' | 'minute', messages: Messages): Html =>
  html`<time datetime="${new Date(seconds * 1000).toISOString()}">${timeText(seconds, precision, messages)}</time>`
