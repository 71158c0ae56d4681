import { html } from './html.ts'
import { layout } from './layout.ts'

/** What the home page shows. */
export interface HomePage {
  readonly path: string
  readonly issuer: string
  readonly endpoints: readonly (readonly [name: string, url: string])[]
  /** Who is logged in. */
  readonly username: string | undefined
}

/** The page at the root: that the server runs, and where its endpoints are. */
export const homePage = ({ path, issuer, endpoints, username }: HomePage): string =>
  layout(
    { title: 'Grantry is running', path },
    html`
      <p>This is an OpenID provider and OAuth 2 authorization server. Its issuer is <code>${issuer}</code>.</p>
      ${
        username !== undefined &&
        html`<p>
          You are logged in as <bdi>${username}</bdi>. <a href="${path}/account/totp">Two-step login</a>
          <a href="${path}/logout">Log out</a>
        </p>`
      }
      <dl>
        ${endpoints.map(
          ([name, url]) =>
            html`<dt>${name}</dt>
              <dd><code>${url}</code></dd>`,
        )}
      </dl>
    `,
  )
