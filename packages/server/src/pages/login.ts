import { goingOnTo, type ShownClient } from './client.ts'
import { field, problemId, problemOf } from './field.ts'
import { html, type Html } from './html.ts'
import { layout, type PageFrame } from './layout.ts'
import { upstreamLinks, type ShownUpstream } from './upstreams.ts'
import { passkeyForm, passkeyScript, type PasskeyPrompt } from './passkey.ts'

/** What the login page shows. */
export interface LoginPage extends PageFrame {
  /** Where the browser goes afterwards. */
  readonly to: string
  readonly csrf: string
  /** What was typed before, or is expected. */
  readonly username: string
  /** The client that the user goes on to. */
  readonly client: ShownClient | undefined
  /** Whether the client sent the user to make an account, and there is no way to one. */
  readonly lacksAccounts: boolean
  readonly problem: string | undefined
  /** Where an account is made, and where a forgotten password is replaced; undefined for nowhere. */
  readonly signUpAt: string | undefined
  readonly forgotAt: string | undefined
  /** Undefined where there are no passkeys. */
  readonly passkey: PasskeyPrompt | undefined
  /** Whether users log in here as well. */
  readonly hasForm: boolean
  /** Where they log in otherwise. */
  readonly upstreams: readonly ShownUpstream[]
}

const form = (
  { path, csrf, to, username, passkey, messages: { login } }: LoginPage,
  wrong: string | undefined,
): Html => html`
  <form id="login" method="post" action="${path}/login">
    <input type="hidden" name="csrf" value="${csrf}" />
    <input type="hidden" name="to" value="${to}" />
    ${field({
      ...{ id: 'username', label: login.username, value: username, maxlength: 256 },
      autocomplete: passkey === undefined ? 'username' : 'username webauthn',
      ...{ problemId: wrong, isFirst: true },
    })}
    ${field({
      ...{ id: 'password', label: login.password, type: 'password' },
      ...{ autocomplete: 'current-password', maxlength: 1024, problemId: wrong },
    })}
    <button type="submit">${login.submit}</button>
  </form>
`

const otherWays = ({ signUpAt, forgotAt, messages: { signUp } }: LoginPage): Html | false =>
  (signUpAt ?? forgotAt) !== undefined &&
  html`<nav>
    ${forgotAt !== undefined && html`<a id="forgot" href="${forgotAt}">${signUp.forgot}</a>`}
    ${signUpAt !== undefined && html`<a id="to_sign_up" href="${signUpAt}">${signUp.link}</a>`}
  </nav>`

/** The login page. */
export const loginPage = (page: LoginPage): string => {
  const { client, lacksAccounts, problem, passkey, upstreams, messages } = page
  const { login } = messages
  const wrong = problem === undefined ? undefined : problemId
  return layout(
    { ...page, title: login.title, problem: problem ?? passkey?.problem, script: passkey && passkeyScript },
    html`
      ${problemOf(problem)} ${client !== undefined && goingOnTo(client, messages)}
      ${lacksAccounts && html`<p class="note">${login.noRegistration}</p>`} ${page.hasForm && form(page, wrong)}
      ${passkey && passkeyForm(page, '/login/passkey', { ...passkey, isMain: false })}
      ${page.hasForm && otherWays(page)} ${upstreams.length > 0 && upstreamLinks(page, upstreams, page.hasForm)}
    `,
  )
}
