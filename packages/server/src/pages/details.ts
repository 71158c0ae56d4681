import type { Messages } from '../messages/messages.ts'
import { html, type Html } from './html.ts'

/** One of the authorization details that a client asks for (RFC 9396). */
export interface ShownDetail {
  readonly title: string
  /** Its members: what the client chose. */
  readonly facts: readonly { readonly label: string; readonly text: string }[]
}

/** What a client asks for in detail, with a box for each. */
export const detailFields = (details: readonly ShownDetail[], { consent }: Messages): readonly Html[] =>
  details.map(
    ({ title, facts }, index) => html`
      <fieldset>
        <legend>${title}</legend>
        <dl>
          ${facts.map(
            ({ label, text }) =>
              html`<dt>${label}</dt>
                <dd><bdi>${text}</bdi></dd>`,
          )}
        </dl>
        <label class="scope"
          ><input type="checkbox" name="detail" value="${String(index)}" checked /> ${consent.allowDetail}</label
        >
      </fieldset>
    `,
  )
