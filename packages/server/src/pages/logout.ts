import { html } from './html.ts'
import { layout, type PageFrame } from './layout.ts'

/** What the logout page shows. */
export interface LogoutPage extends PageFrame {
  readonly csrf: string
  /** The logout request as a query string. */
  readonly query: string
  readonly username: string
  /** The client that asks, where it says who it is. */
  readonly clientName: string | undefined
}

/** The page that asks whether to log out. */
export const logoutPage = (page: LogoutPage): string => {
  const { path, csrf, query, username, clientName, messages } = page
  const { logout, common } = messages
  return layout(
    { ...page, title: logout.title },
    html`
      ${clientName !== undefined && html`<p>${logout.asks(html`<strong><bdi>${clientName}</bdi></strong>`)}</p>`}
      <p>${common.loggedInAs(html`<strong><bdi>${username}</bdi></strong>`)}</p>
      <form id="logout" class="only" method="post" action="${path}/logout">
        <input type="hidden" name="csrf" value="${csrf}" />
        <input type="hidden" name="request" value="${query}" />
        <button id="confirm" type="submit">${logout.submit}</button>
      </form>
      <nav><a href="${path}/">${logout.stay}</a></nav>
    `,
  )
}

/** What the page shows after a logout that clients are told of. */
export interface LoggedOutPage extends PageFrame {
  /** What clients want loaded. */
  readonly frames: readonly string[]
  /** Where the browser goes then. */
  readonly redirectTo: string | undefined
}

/**
 * The page that tells clients of the logout, each in a frame that can do nothing to this page, and then leads on. Without scripts it cannot
 * know when they are done, so it waits for three seconds.
 */
export const loggedOutPage = (page: LoggedOutPage): string => {
  const { frames, redirectTo, messages } = page
  const { logout, common } = messages
  return layout(
    { ...page, title: logout.doneTitle, next: redirectTo },
    html`
      <p id="message" class="done" role="status">${logout.telling}</p>
      ${redirectTo !== undefined && html`<nav><a id="continue" href="${redirectTo}">${common.continue}</a></nav>`}
      ${frames.map(
        (uri) =>
          html`<iframe src="${uri}" sandbox="allow-scripts allow-same-origin" hidden title="${logout.frame}"></iframe>`,
      )}
    `,
  )
}
