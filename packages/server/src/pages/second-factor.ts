import { field } from './field.ts'
import { html, type Html } from './html.ts'
import { layout, type PageFrame } from './layout.ts'
import { passkeyForm, passkeyScript, type PasskeyPrompt } from './passkey.ts'

/** What the page for the second factor shows. */
export interface SecondFactorPage extends PageFrame {
  readonly csrf: string
  /** Where the browser goes afterwards. */
  readonly to: string
  /** Whether the user has an app that shows codes. */
  readonly hasApp: boolean
  /** Undefined for a user without passkeys. */
  readonly passkey: PasskeyPrompt | undefined
  readonly problem: string | undefined
}

const codeForm = ({ path, csrf, to, problem, messages: { secondFactor } }: SecondFactorPage): Html =>
  html`<form id="second_factor" method="post" action="${path}/login/code">
    <input type="hidden" name="csrf" value="${csrf}" />
    <input type="hidden" name="to" value="${to}" />
    ${field({ id: 'code', label: secondFactor.label, autocomplete: 'one-time-code', maxlength: 64, problem })}
    <button type="submit">${secondFactor.submit}</button>
  </form>`

/** The page that asks for the second factor, after the password. */
export const secondFactorPage = (page: SecondFactorPage): string => {
  const { hasApp, passkey, messages } = page
  const { secondFactor, passkeys } = messages
  const onlyPasskey = html`<p>${passkeys.second}</p>
    <p class="warning" data-without-passkey>${passkeys.withoutScript}</p>`
  const title = hasApp ? secondFactor.title : passkeys.secondTitle
  return layout(
    { ...page, title, problem: page.problem ?? passkey?.problem, script: passkey && passkeyScript },
    html`${hasApp ? codeForm(page) : onlyPasskey}
    ${passkey && passkeyForm(page, '/login/code/passkey', { ...passkey, isMain: !hasApp })}`,
  )
}
