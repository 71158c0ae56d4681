import { html } from './html.ts'
import { layout } from './layout.ts'

/** What the error page shows. */
export interface ErrorPage {
  readonly path: string
  readonly title: string
  readonly message: string
  /** An error code for whoever made the client. */
  readonly code?: string | undefined
}

/** The page for requests that cannot go on. */
export const errorPage = ({ path, title, message, code }: ErrorPage): string =>
  layout(
    { title, path },
    html`
      <p class="problem" role="alert">${message}</p>
      ${code !== undefined && html`<p class="note">Error code: <code id="error">${code}</code></p>`}
    `,
  )
