import { html } from './html.ts'
import { layout, type PageFrame } from './layout.ts'

/** What the error page shows. */
export interface ErrorPage extends PageFrame {
  readonly title: string
  /** What happened, and what to do. */
  readonly message: string
  /** An error code for whoever made the client, and what it means, in English as the protocol has it. */
  readonly code?: string | undefined
  readonly detail?: string | undefined
}

/** The page for requests that cannot go on. */
export const errorPage = (page: ErrorPage): string => {
  const { path, title, message, code, detail, messages, theme } = page
  return layout(
    { ...page, title, problem: message },
    html`
      <p class="problem long" role="alert">${message}</p>
      ${code !== undefined && html`<p class="note">${messages.errors.code(html`<code id="error">${code}</code>`)}</p>`}
      ${detail !== undefined && html`<p class="note" id="detail" lang="en">${detail}</p>`}
      <nav><a href="${path}/">${messages.common.startPage(theme.name)}</a></nav>
    `,
  )
}
