import { field, problemId } from './field.ts'
import { html, type Html } from './html.ts'
import type { PageFrame } from './layout.ts'
import { passkeyButton, type PasskeyPrompt } from './passkey.ts'

/** How a page asks whoever is at a browser that is logged in whether it is the user. */
export interface Confirmation {
  /** Undefined for a user without passkeys. */
  readonly passkey: PasskeyPrompt | undefined
  /** What was wrong with what was given, which the page says by `problemOf`. */
  readonly problem: string | undefined
}

/** The end of a form: the field for the password, the button that sends it, and the button by which a passkey does. */
export const confirmation = (
  page: Pick<PageFrame, 'messages'>,
  { passkey, problem }: Confirmation,
  submit: Html,
): Html => html`
  ${field({
    ...{ id: 'password', label: page.messages.passkeys.password, type: 'password', maxlength: 1024 },
    ...{ autocomplete: 'current-password', isOptional: passkey !== undefined },
    ...(problem !== undefined && { problemId }),
  })}
  ${submit}
  ${passkey && passkeyButton(page, passkey, { kind: 'get', label: page.messages.passkeys.confirm, isMain: false })}
`
