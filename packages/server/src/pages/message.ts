import { html } from './html.ts'
import { layout, type PageFrame } from './layout.ts'

/** What a page shows that only says something. */
export interface MessagePage extends PageFrame {
  readonly title: string
  readonly message: string
  /** Where to go on. */
  readonly link?: { readonly href: string; readonly text: string } | undefined
}

/** A page that says that something is done. */
export const messagePage = (page: MessagePage): string =>
  layout(
    page,
    html`<p id="message" class="done ${page.message.length > 80 && 'long'}" role="status">${page.message}</p>
      ${page.link && html`<p class="more"><a id="go_on" href="${page.link.href}">${page.link.text}</a></p>`}`,
  )
