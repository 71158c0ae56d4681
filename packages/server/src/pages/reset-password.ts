import { field } from './field.ts'
import { html } from './html.ts'
import { layout, type PageFrame } from './layout.ts'

/** What the page shows on which a link for a new password is asked for. */
export interface ForgotPasswordPage extends PageFrame {
  readonly csrf: string
  /** Where the browser goes after the login. */
  readonly to: string
  /** What was typed at the login page. */
  readonly username: string
  readonly problem: string | undefined
}

/** The page for who has forgotten a password. */
export const forgotPasswordPage = (page: ForgotPasswordPage): string => {
  const { path, csrf, to, username, problem, messages } = page
  const { signUp } = messages
  return layout(
    { ...page, title: signUp.forgotTitle },
    html`
      <p>${signUp.forgotAbout}</p>
      <form id="forgot_password" method="post" action="${path}/forgot-password">
        <input type="hidden" name="csrf" value="${csrf}" />
        <input type="hidden" name="to" value="${to}" />
        ${field({
          ...{ id: 'username', label: signUp.username, value: username, problem },
          ...{ autocomplete: 'username', maxlength: 256 },
        })}
        <button type="submit">${signUp.forgotSubmit}</button>
      </form>
    `,
  )
}

/** What the page for a new password shows. */
export interface ResetPasswordPage extends PageFrame {
  readonly ticket: string
  readonly username: string
  readonly leastPassword: number
  readonly longestPassword: number
  readonly problem: { readonly field: 'new_password' | 'repeat_password'; readonly text: string } | undefined
}

/** The page that a link for a new password leads to. */
export const resetPasswordPage = (page: ResetPasswordPage): string => {
  const { path, ticket, username, leastPassword, longestPassword, problem, messages } = page
  const { signUp, account } = messages
  const secret = { type: 'password', autocomplete: 'new-password', maxlength: longestPassword } as const
  const problemAt = (name: string): string | undefined => (problem?.field === name ? problem.text : undefined)
  return layout(
    { ...page, title: signUp.resetTitle, problem: problem?.text },
    html`
      <p>${signUp.resetFor(html`<strong><bdi>${username}</bdi></strong>`)}</p>
      <form id="reset_password" method="post" action="${path}/reset-password">
        <input type="hidden" name="ticket" value="${ticket}" />
        <input type="text" autocomplete="username" value="${username}" hidden readonly />
        ${field({
          ...{ ...secret, id: 'new_password', label: signUp.newPassword, problem: problemAt('new_password') },
          hint: account.newPasswordHint(leastPassword),
        })}
        ${field({
          ...{ ...secret, id: 'repeat_password', label: signUp.repeatPassword },
          problem: problemAt('repeat_password'),
        })}
        <button type="submit">${signUp.resetSubmit}</button>
      </form>
    `,
  )
}
