import { html } from './html.ts'
import { layout } from './layout.ts'

/** What the login page shows. */
export interface LoginPage {
  readonly path: string
  /** Where the browser goes afterwards. */
  readonly to: string
  readonly csrf: string
  /** What was typed before. */
  readonly username: string
  readonly problem: string | undefined
}

/** The login page. */
export const loginPage = ({ path, to, csrf, username, problem }: LoginPage): string =>
  layout(
    { title: 'Log in', path },
    html`
      ${problem && html`<p class="problem" role="alert">${problem}</p>`}
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
