import { strongName, type ShownClient } from './client.ts'
import { html } from './html.ts'
import { layout, type PageFrame } from './layout.ts'

/** What the page for the choice of an account shows. */
export interface SelectAccountPage extends PageFrame {
  readonly csrf: string
  /** The authorization request as a query string. */
  readonly query: string
  readonly username: string
  readonly client: Pick<ShownClient, 'id' | 'name'>
  /** Where another account is logged in. */
  readonly other: string
}

/** The page on which a user chooses the account to go on with. */
export const selectAccountPage = (page: SelectAccountPage): string => {
  const { path, csrf, query, username, client, other, messages } = page
  const { selectAccount, common } = messages
  return layout(
    { ...page, title: selectAccount.title },
    html`
      <p>${common.goOnTo(strongName(client))}</p>
      <form id="select_account" class="only" method="post" action="${path}/select-account">
        <input type="hidden" name="csrf" value="${csrf}" />
        <input type="hidden" name="request" value="${query}" />
        <button id="continue" type="submit">${selectAccount.continueAs(html`<bdi>${username}</bdi>`)}</button>
      </form>
      <nav><a id="other_account" href="${other}">${selectAccount.other}</a></nav>
    `,
  )
}
