import { describeClient, describeReceiver, type ShownClient } from './client.ts'
import { problemOf } from './field.ts'
import { html } from './html.ts'
import { layout, type PageFrame } from './layout.ts'
import { decisionButtons, scopeFields, type AskedFor } from './scopes.ts'

/** What the consent page shows. */
export interface ConsentPage extends AskedFor, PageFrame {
  readonly csrf: string
  /** The authorization request as a query string. */
  readonly query: string
  /** What the user did for it before. */
  readonly mark: string
  readonly client: ShownClient
  readonly redirectUri: string
  /** Whether the decision counts for the next request as well. */
  readonly isRemembered: boolean
  readonly username: string
  readonly problem: string | undefined
}

/** Details are asked for each time: the same payment again is another one. */
const noteOf = ({ details, isRemembered, messages: { consent } }: ConsentPage): string => {
  if (details.length > 0) return consent.detailsAskedEachTime
  return isRemembered ? consent.remembered : consent.askedEachTime
}

/** The page on which a user decides what a client may do. */
export const consentPage = (page: ConsentPage): string => {
  const { path, username, messages } = page
  const { consent, common, client } = messages
  const otherUser = `${path}/login?to=${encodeURIComponent(`${path}/authorize?${page.query}`)}`
  return layout(
    { ...page, title: consent.title },
    html`
      ${problemOf(page.problem)} ${describeClient(page.client, client.asks, messages)}
      ${describeReceiver(page.redirectUri, messages)}
      <form id="consent" method="post" action="${path}/consent">
        <input type="hidden" name="csrf" value="${page.csrf}" />
        <input type="hidden" name="request" value="${page.query}" />
        <input type="hidden" name="done" value="${page.mark}" />
        ${scopeFields(page, messages)}
        <p class="note">${noteOf(page)}</p>
        ${decisionButtons(messages)}
      </form>
      <p class="note more">
        ${common.loggedInAs(html`<bdi>${username}</bdi>`)} <a href="${otherUser}">${consent.otherUser}</a>
      </p>
    `,
  )
}
