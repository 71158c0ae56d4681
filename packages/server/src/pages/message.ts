import { html } from './html.ts'
import { layout } from './layout.ts'

/** What a page shows that only says something. */
export interface MessagePage {
  readonly path: string
  readonly title: string
  readonly message: string
}

/** A page that says that something is done. */
export const messagePage = ({ path, title, message }: MessagePage): string =>
  layout({ title, path }, html`<p id="message" role="status">${message}</p>`)
