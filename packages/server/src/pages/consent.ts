import { describeClient, describeReceiver, type ShownClient } from './client.ts'
import { html } from './html.ts'
import { layout } from './layout.ts'
import { scopeFields, type AskedFor } from './scopes.ts'

/** What the consent page shows. */
export interface ConsentPage extends AskedFor {
  readonly path: string
  readonly csrf: string
  /** The authorization request as a query string. */
  readonly query: string
  /** What the user did for it before. */
  readonly mark: string
  readonly client: ShownClient
  readonly redirectUri: string
  readonly username: string
  readonly problem: string | undefined
}

/** The page on which a user decides what a client may do. */
export const consentPage = (page: ConsentPage): string => {
  const { path, username } = page
  const otherUser = `${path}/login?to=${encodeURIComponent(`${path}/authorize?${page.query}`)}`
  return layout(
    { title: 'Allow access?', path },
    html`
      ${page.problem && html`<p class="problem" role="alert">${page.problem}</p>`}
      ${describeClient(page.client, 'asks for access to your account.')} ${describeReceiver(page.redirectUri)}
      <form id="consent" method="post" action="${path}/consent">
        <input type="hidden" name="csrf" value="${page.csrf}" />
        <input type="hidden" name="request" value="${page.query}" />
        <input type="hidden" name="done" value="${page.mark}" />
        ${scopeFields(page)}
        <div class="choice">
          <button id="approve" type="submit" name="decision" value="approve">Allow</button>
          <button id="deny" type="submit" name="decision" value="deny">Deny</button>
        </div>
      </form>
      <p class="note">You are logged in as <bdi>${username}</bdi>. <a href="${otherUser}">Log in as someone else</a></p>
    `,
  )
}
