import { packageFile } from '../package-file.ts'
import { html, type Html } from './html.ts'
import type { PageFrame } from './layout.ts'
import { makeAsset } from './theme.ts'

/** The script of the buttons below: the only one that there is, and only on pages that have such a button. */
export const passkeyScript = makeAsset(
  '/passkey.js',
  'text/javascript; charset=utf-8',
  packageFile('browser/passkey.js'),
)

/** What a browser is asked for by a button. */
export interface PasskeyPrompt {
  /** As JSON has it (WebAuthn Level 3 §5.1.10, §5.1.11). */
  readonly options: Readonly<Record<string, unknown>>
  /** What was wrong with the last answer. */
  readonly problem?: string | undefined
}

/** A button that asks for a passkey, and sends the form that it is in with the answer. Nothing is seen of it without the script. */
export const passkeyButton = (
  { messages: { passkeys } }: Pick<PageFrame, 'messages'>,
  { options, problem }: PasskeyPrompt,
  { kind, label, isMain }: { readonly kind: 'get' | 'create'; readonly label: string; readonly isMain: boolean },
): Html => html`
  <p id="passkey_problem" class="problem" role="alert" ${problem === undefined && html`hidden`}>${problem}</p>
  <input type="hidden" name="credential" value="" />
  <button
    type="button"
    ${!isMain && html`class="quiet"`}
    data-passkey="${kind}"
    data-options="${JSON.stringify(options)}"
    data-failed="${kind === 'get' ? passkeys.failed : passkeys.notMade}"
    data-there="${passkeys.there}"
    hidden
  >
    ${label}
  </button>
`

/** A form that logs in by a passkey. */
export const passkeyForm = (
  page: PageFrame & { readonly csrf: string; readonly to: string },
  action: string,
  prompt: PasskeyPrompt & { readonly isMain: boolean },
): Html => html`
  <form id="passkey" method="post" action="${page.path}${action}">
    <input type="hidden" name="csrf" value="${page.csrf}" />
    <input type="hidden" name="to" value="${page.to}" />
    ${passkeyButton(page, prompt, { kind: 'get', label: page.messages.passkeys.logIn, isMain: prompt.isMain })}
  </form>
`
