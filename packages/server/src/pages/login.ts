import { warnOfSelfRegistered, type ShownClient } from './client.ts'
import { html } from './html.ts'
import { layout } from './layout.ts'

/** What the login page shows. */
export interface LoginPage {
  readonly path: string
  /** Where the browser goes afterwards. */
  readonly to: string
  readonly csrf: string
  /** What was typed before, or is expected. */
  readonly username: string
  /** The client that the user goes on to. */
  readonly client: ShownClient | undefined
  /** Whether the client sent the user to make an account. */
  readonly wantsAccount: boolean
  readonly problem: string | undefined
}

/** The login page. */
export const loginPage = ({ path, to, csrf, username, client, wantsAccount, problem }: LoginPage): string =>
  layout(
    { title: 'Log in', path },
    html`
      ${problem && html`<p class="problem" role="alert">${problem}</p>`}
      ${
        client !== undefined &&
        html`<p>
            To go on to <strong><bdi>${client.name ?? client.id}</bdi></strong>
          </p>
          ${warnOfSelfRegistered(client)}`
      }
      ${
        wantsAccount &&
        html`<p class="note">
          Accounts are made by whoever runs this server, not on this page. Log in if you have one, or ask for one.
        </p>`
      }
      <form id="login" method="post" action="${path}/login">
        <input type="hidden" name="csrf" value="${csrf}" />
        <input type="hidden" name="to" value="${to}" />
        <label for="username">User name</label>
        <input
          id="username"
          name="username"
          value="${username}"
          autocomplete="username"
          autocapitalize="none"
          spellcheck="false"
          maxlength="256"
          required
        />
        <label for="password">Password</label>
        <input
          id="password"
          name="password"
          type="password"
          autocomplete="current-password"
          maxlength="1024"
          required
        />
        <button type="submit">Log in</button>
      </form>
    `,
  )
