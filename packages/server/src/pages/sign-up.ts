import type { Messages } from '../messages/messages.ts'
import { goingOnTo, type ShownClient } from './client.ts'
import { field, type Field } from './field.ts'
import { html, type Html } from './html.ts'
import { layout, type PageFrame } from './layout.ts'

/** The fields of the form, by the names that they are sent by. */
export const signUpFields = ['username', 'name', 'email', 'password', 'repeat_password', 'terms'] as const

/** One of them. */
export type SignUpField = (typeof signUpFields)[number]

/** What the page for a new account shows. */
export interface SignUpPage extends PageFrame {
  readonly csrf: string
  /** Where the browser goes afterwards. */
  readonly to: string
  /** The client that the user goes on to. */
  readonly client: ShownClient | undefined
  /** Of an invitation; empty for none. */
  readonly ticket: string
  /** What was typed before. */
  readonly typed: Readonly<Partial<Record<SignUpField, string>>>
  /** Fields that an invitation has filled in, and that are not asked for. */
  readonly known: readonly SignUpField[]
  /** Terms of service of the operator. */
  readonly termsUri: string | undefined
  /** Lengths of passwords. */
  readonly leastPassword: number
  readonly longestPassword: number
  readonly problem: { readonly field: SignUpField; readonly text: string } | undefined
}

const inputs = (page: SignUpPage): readonly (Field & { readonly id: SignUpField })[] => {
  const { signUp, account }: Messages = page.messages
  const hint = account.newPasswordHint(page.leastPassword)
  const secret = { type: 'password', autocomplete: 'new-password', maxlength: page.longestPassword } as const
  return [
    { id: 'username', label: signUp.username, autocomplete: 'username', maxlength: 64, hint: signUp.usernameHint },
    { id: 'email', label: signUp.email, type: 'email', autocomplete: 'email', maxlength: 254 },
    { id: 'name', label: signUp.name, autocomplete: 'name', maxlength: 100, hint: signUp.nameHint, isOptional: true },
    { id: 'password', label: signUp.password, hint, ...secret },
    { id: 'repeat_password', label: signUp.repeatPassword, ...secret },
  ]
}

const termsBox = ({ termsUri, messages: { signUp }, typed, problem }: SignUpPage): Html | undefined => {
  if (termsUri === undefined) return undefined
  const link = html`<a href="${termsUri}" target="_blank" rel="noopener">${signUp.termsLink}</a>`
  return html`
    ${problem?.field === 'terms' && html`<p class="field-problem" id="terms_problem">${problem.text}</p>`}
    <label class="scope">
      <input
        type="checkbox"
        name="terms"
        value="accepted"
        required
        ${typed.terms !== undefined && html`checked`}
        ${problem?.field === 'terms' && html`aria-invalid="true" aria-describedby="terms_problem"`}
      />
      <span>${signUp.terms(link)}</span>
    </label>
  `
}

/** The page on which users make an account. */
export const signUpPage = (page: SignUpPage): string => {
  const { path, csrf, to, client, ticket, typed, known, problem, messages } = page
  const { signUp } = messages
  const asked = inputs(page).filter(({ id }) => !known.includes(id))
  return layout(
    { ...page, title: signUp.title, problem: problem?.text },
    html`
      ${client !== undefined && goingOnTo(client, messages)}
      <form id="sign_up" method="post" action="${path}/sign-up">
        <input type="hidden" name="csrf" value="${csrf}" />
        <input type="hidden" name="to" value="${to}" />
        <input type="hidden" name="ticket" value="${ticket}" />
        ${asked.map((each) =>
          field({
            ...each,
            ...(each.type !== 'password' && { value: typed[each.id] ?? '' }),
            problem: problem?.field === each.id ? problem.text : undefined,
          }),
        )}
        ${termsBox(page)}
        <button type="submit">${signUp.submit}</button>
      </form>
      <p class="more"><a href="${path}/login?to=${encodeURIComponent(to)}">${signUp.haveOne}</a></p>
    `,
  )
}
