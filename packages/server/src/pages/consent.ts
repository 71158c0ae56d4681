import { html, type Html } from './html.ts'
import { layout } from './layout.ts'

/** What the consent page shows. */
export interface ConsentPage {
  readonly path: string
  readonly csrf: string
  /** The authorization request as a query string. */
  readonly query: string
  readonly clientId: string
  readonly clientName: string | undefined
  readonly redirectUri: string
  readonly scopes: readonly string[]
  readonly resources: readonly string[]
  readonly username: string
  readonly problem: string | undefined
}

const receiver = (redirectUri: string): Html => {
  const { protocol, host, hostname } = new URL(redirectUri)
  if (protocol === 'https:') return html`<p>You will be sent on to <strong>${host}</strong>.</p>`
  const isLoopback = protocol === 'http:'
  return html`<p class="warning">
    You will be sent on to
    ${isLoopback ? html`a program on this computer (<strong>${hostname}</strong>)` : html`an app on this device (<strong>${protocol}</strong>)`}.
    Any program here can say that it is this client: go on only if you have just started it yourself.
  </p>`
}

const scopeBox = (scope: string): Html =>
  html`<label class="scope"><input type="checkbox" name="scope" value="${scope}" checked /> ${scope}</label>`

/** The page on which a user decides what a client may do. */
export const consentPage = (page: ConsentPage): string => {
  const { path, clientId, clientName = clientId, username } = page
  const otherUser = `${path}/login?to=${encodeURIComponent(`${path}/authorize?${page.query}`)}`
  return layout(
    { title: 'Allow access?', path },
    html`
      ${page.problem && html`<p class="problem" role="alert">${page.problem}</p>`}
      <p>
        <strong><bdi>${clientName}</bdi></strong> (client id <code>${clientId}</code>) asks for access to your account.
      </p>
      ${receiver(page.redirectUri)}
      <form id="consent" method="post" action="${path}/consent">
        <input type="hidden" name="csrf" value="${page.csrf}" />
        <input type="hidden" name="request" value="${page.query}" />
        <fieldset>
          <legend>What it may do</legend>
          ${page.scopes.map(scopeBox)}
        </fieldset>
        ${page.resources.map((resource) => html`<p>At <strong>${resource}</strong></p>`)}
        <div class="choice">
          <button id="approve" type="submit" name="decision" value="approve">Allow</button>
          <button id="deny" type="submit" name="decision" value="deny">Deny</button>
        </div>
      </form>
      <p class="note">You are logged in as <bdi>${username}</bdi>. <a href="${otherUser}">Log in as someone else</a></p>
    `,
  )
}
