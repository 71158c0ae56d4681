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
