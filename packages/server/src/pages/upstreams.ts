import { html, type Html } from './html.ts'
import type { PageFrame } from './layout.ts'
import { timeOf } from './time.ts'

/** A provider on the login page. */
export interface ShownUpstream {
  readonly id: string
  readonly label: string
  /** Where the browser sets out. */
  readonly href: string
}

/** A login at a provider, on the page of the account. */
export interface ShownIdentity {
  readonly label: string
  readonly name: string
  /** In seconds. */
  readonly linkedAt: number
  /** What it is called in the form that disconnects it. It is no secret. */
  readonly handle: string
  readonly csrf: string
  readonly isLastOne: boolean
}

/** The providers that users log in at, as the page of the account shows them. */
export interface ShownLogins {
  readonly connected: readonly ShownIdentity[]
  readonly offered: readonly ShownUpstream[]
}

/** The ways to other providers, on the login page. */
export const upstreamLinks = (
  { messages }: PageFrame,
  upstreams: readonly ShownUpstream[],
  isBelowForm: boolean,
): Html => html`
  <div id="upstreams" class="upstreams">
    ${isBelowForm && html`<p class="note">${messages.upstreams.or}</p>`}
    ${upstreams.map(
      ({ id, label, href }) =>
        html`<a class="button" id="upstream_${id}" href="${href}">${messages.upstreams.logInAt(label)}</a>`,
    )}
  </div>
`

const identityCard = ({ path, messages }: PageFrame, identity: ShownIdentity, index: number): Html => {
  const { label, name, linkedAt, handle, csrf, isLastOne } = identity
  const { upstreams } = messages
  return html`<li>
    <div>
      <h3><bdi>${label}</bdi></h3>
      <p class="note"><bdi>${name}</bdi><br />${upstreams.since} ${timeOf(linkedAt, 'day', messages)}</p>
    </div>
    ${
      isLastOne
        ? html`<p class="note">${upstreams.lastOne}</p>`
        : html`<form id="disconnect_${index + 1}" method="post" action="${path}/account/disconnect">
            <input type="hidden" name="csrf" value="${csrf}" />
            <input type="hidden" name="login" value="${handle}" />
            <button class="quiet" type="submit" aria-label="${upstreams.disconnectFrom(label, name)}">
              ${upstreams.disconnect}
            </button>
          </form>`
    }
  </li>`
}

/** The section of the page of the account. */
export const loginsSection = (page: PageFrame, { connected, offered }: ShownLogins): Html => html`
  <section id="logins" aria-labelledby="logins_title">
    <h2 id="logins_title">${page.messages.upstreams.title}</h2>
    ${
      connected.length > 0 &&
      html`<ul class="cards">
        ${connected.map((identity, index) => identityCard(page, identity, index))}
      </ul>`
    }
    ${offered.map(
      ({ id, label, href }) =>
        html`<p><a id="connect_${id}" href="${href}">${page.messages.upstreams.connect(label)}</a></p>`,
    )}
  </section>
`
