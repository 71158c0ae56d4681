import { html } from './html.ts'
import { layout } from './layout.ts'

/** What the page for the choice of an account shows. */
export interface SelectAccountPage {
  readonly path: string
  readonly csrf: string
  /** The authorization request as a query string. */
  readonly query: string
  readonly username: string
  readonly clientName: string
  /** Where another account is logged in. */
  readonly other: string
}

/** The page on which a user chooses the account to go on with. */
export const selectAccountPage = ({ path, csrf, query, username, clientName, other }: SelectAccountPage): string =>
  layout(
    { title: 'Choose an account', path },
    html`
      <p>
        To go on to <strong><bdi>${clientName}</bdi></strong>
      </p>
      <form id="select_account" method="post" action="${path}/select-account">
        <input type="hidden" name="csrf" value="${csrf}" />
        <input type="hidden" name="request" value="${query}" />
        <button id="continue" type="submit">Continue as <bdi>${username}</bdi></button>
      </form>
      <p><a id="other_account" href="${other}">Use another account</a></p>
    `,
  )
