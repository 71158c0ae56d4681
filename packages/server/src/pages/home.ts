import { html } from './html.ts'
import { layout, type PageFrame } from './layout.ts'

/** What the home page shows. */
export interface HomePage extends PageFrame {
  readonly issuer: string
  readonly endpoints: readonly (readonly [name: string, url: string])[]
  /** Who is logged in. */
  readonly username: string | undefined
}

/** The page at the root: that the server runs, where its endpoints are, and the way to one's account. */
export const homePage = (page: HomePage): string => {
  const { path, issuer, endpoints, username, messages, theme } = page
  const { home, common } = messages
  return layout(
    { ...page, title: home.title(theme.name), isWide: true },
    html`
      ${username !== undefined && html`<p>${common.loggedInAs(html`<bdi>${username}</bdi>`)}</p>`}
      <nav>
        <a id="account" href="${path}/account">${common.account}</a>
        ${username !== undefined && html`<a href="${path}/logout">${common.logOut}</a>`}
      </nav>
      <p>${home.about(html`<code>${issuer}</code>`)}</p>
      <h2>${home.endpoints}</h2>
      <dl>
        ${endpoints.map(
          ([name, url]) =>
            html`<dt>${name}</dt>
              <dd><code>${url}</code></dd>`,
        )}
      </dl>
    `,
  )
}
