import { html } from './html.ts'
import { layout } from './layout.ts'

/** What the logout page shows. */
export interface LogoutPage {
  readonly path: string
  readonly csrf: string
  /** The logout request as a query string. */
  readonly query: string
  readonly username: string
  /** The client that asks, where it says who it is. */
  readonly clientName: string | undefined
}

/** The page that asks whether to log out. */
export const logoutPage = ({ path, csrf, query, username, clientName }: LogoutPage): string =>
  layout(
    { title: 'Log out?', path },
    html`
      ${
        clientName !== undefined &&
        html`<p>
          <strong><bdi>${clientName}</bdi></strong> asks to log you out.
        </p>`
      }
      <p>
        You are logged in as <strong><bdi>${username}</bdi></strong
        >.
      </p>
      <form id="logout" method="post" action="${path}/logout">
        <input type="hidden" name="csrf" value="${csrf}" />
        <input type="hidden" name="request" value="${query}" />
        <button id="confirm" type="submit">Log out</button>
      </form>
      <p><a href="${path}/">Stay logged in</a></p>
    `,
  )

/** What the page shows after a logout that clients are told of. */
export interface LoggedOutPage {
  readonly path: string
  /** What clients want loaded. */
  readonly frames: readonly string[]
  /** Where the browser goes then. */
  readonly redirectTo: string | undefined
}

/**
 * The page that tells clients of the logout, each in a frame that can do nothing to this page, and then leads on. Without scripts it cannot
 * know when they are done, so it waits for three seconds.
 */
export const loggedOutPage = ({ path, frames, redirectTo }: LoggedOutPage): string =>
  layout(
    { title: 'Logged out', path, next: redirectTo },
    html`
      <p id="message" role="status">You are logged out here, and your applications are being told.</p>
      ${redirectTo !== undefined && html`<p><a id="continue" href="${redirectTo}">Continue</a></p>`}
      ${frames.map((uri) => html`<iframe src="${uri}" sandbox="allow-scripts allow-same-origin" hidden title="Logout"></iframe>`)}
    `,
  )
