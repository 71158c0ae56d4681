import { html } from './html.ts'
import { layout, type PageFrame } from './layout.ts'

/** What the page shows of a login elsewhere that led to nothing. */
export interface UpstreamErrorPage extends PageFrame {
  /** What happened, and what to do. */
  readonly message: string
  /** The login page that it began at. */
  readonly again: string
}

/** The page for a login at another provider that led to nothing. */
export const upstreamErrorPage = (page: UpstreamErrorPage): string => {
  const { message, again, messages } = page
  return layout(
    { ...page, title: messages.login.title, problem: message },
    html`
      <p class="problem long" role="alert">${message}</p>
      <nav><a id="again" href="${again}">${messages.upstreams.again}</a></nav>
    `,
  )
}
