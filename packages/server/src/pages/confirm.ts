import { field, problemId } from './field.ts'
import { html, type Html } from './html.ts'
import type { PageFrame } from './layout.ts'
import { passkeyButton, type PasskeyPrompt } from './passkey.ts'

/** How a page asks whoever is at a browser that is logged in whether it is the user. */
export interface Confirmation {
  /** Undefined for a user without passkeys. */
  readonly passkey: PasskeyPrompt | undefined
  /** By the password; by the login, which was a moment ago; or, where that is too long ago, by another login. */
  readonly by: 'password' | 'login' | { readonly loginAt: string }
  /** What was wrong with what was given, which the page says by `problemOf`. */
  readonly problem: string | undefined
}

const passwordField = ({ messages }: Pick<PageFrame, 'messages'>, { passkey, problem }: Confirmation): Html =>
  field({
    ...{ id: 'password', label: messages.passkeys.password, type: 'password', maxlength: 1024 },
    ...{ autocomplete: 'current-password', isOptional: passkey !== undefined },
    ...(problem !== undefined && { problemId }),
  })

/** The end of a form: what shows that it is the user, the button that sends it, and the button by which a passkey does. */
export const confirmation = (page: Pick<PageFrame, 'messages'>, asked: Confirmation, submit: Html): Html => {
  const { passkey, by } = asked
  const { passkeys: texts } = page.messages
  return html`
    ${by === 'password' && passwordField(page, asked)} ${typeof by === 'string' && submit}
    ${passkey && passkeyButton(page, passkey, { kind: 'get', label: texts.confirm, isMain: false })}
    ${typeof by === 'object' && html`<p><a id="log_in_again" href="${by.loginAt}">${texts.logInAgain}</a></p>`}
  `
}
