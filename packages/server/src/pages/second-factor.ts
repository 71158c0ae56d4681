import { html } from './html.ts'
import { layout } from './layout.ts'

/** What the page says. */
export const secondFactorTexts = {
  title: 'Enter your code',
  label: 'The code that your authenticator app shows, or a recovery code',
  submit: 'Log in',
  wrong: 'The code is wrong, or was used before. Wait for the next one.',
  limited: 'Too many wrong codes. Wait five minutes, or an hour if it goes on, and try again.',
} as const

/** What the page for the second factor shows. */
export interface SecondFactorPage {
  readonly path: string
  readonly csrf: string
  /** Where the browser goes afterwards. */
  readonly to: string
  readonly problem: string | undefined
}

/** The page that asks for the second factor, after the password. */
export const secondFactorPage = ({ path, csrf, to, problem }: SecondFactorPage): string =>
  layout(
    { title: secondFactorTexts.title, path },
    html`
      ${problem && html`<p class="problem" role="alert">${problem}</p>`}
      <form id="second_factor" method="post" action="${path}/login/code">
        <input type="hidden" name="csrf" value="${csrf}" />
        <input type="hidden" name="to" value="${to}" />
        <label for="code">${secondFactorTexts.label}</label>
        <input
          id="code"
          name="code"
          autocomplete="one-time-code"
          autocapitalize="characters"
          spellcheck="false"
          maxlength="64"
          required
        />
        <button type="submit">${secondFactorTexts.submit}</button>
      </form>
    `,
  )
