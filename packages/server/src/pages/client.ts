import type { Client } from 'grantry'
import type { Messages } from '../messages/messages.ts'
import { html, type Html } from './html.ts'

/** What pages show of a client. */
export interface ShownClient extends Pick<
  Client,
  'id' | 'name' | 'uri' | 'redirectUris' | 'registration' | 'metadataDocument' | 'policyUri' | 'tosUri' | 'localized'
> {
  /** An image of it. Whoever serves that learns who looks at the page. */
  readonly shownLogo?: string | undefined
}

const hostOf = (uri: string): string | undefined =>
  URL.canParse(uri) && new URL(uri).protocol === 'https:' ? new URL(uri).host : undefined

/** The hosts that a client has: of its id where that is a URL, and of where answers to it may go. */
export const hostsOf = ({
  id,
  redirectUris = [],
  metadataDocument: document,
}: Pick<ShownClient, 'id' | 'redirectUris' | 'metadataDocument'>): readonly string[] => [
  ...new Set([document?.host, ...[id, ...redirectUris].map(hostOf)].filter((host) => host !== undefined)),
]

/** What a client calls itself. */
export const nameOf = ({ id, name = id }: Pick<ShownClient, 'id' | 'name'>): string => name

/** The same, so that it stands out and cannot turn the text around it. */
export const strongName = (client: Pick<ShownClient, 'id' | 'name'>): Html =>
  html`<strong><bdi>${nameOf(client)}</bdi></strong>`

/** A warning about a client that no operator has looked at. */
export const warnOfUnchecked = (
  { registration, metadataDocument: document }: ShownClient,
  { client }: Messages,
): Html | false => {
  const text =
    document === undefined
      ? registration !== undefined && client.selfRegistered
      : (document.isLoopbackOnly ? client.anyoneAs : client.describedBy)(html`<strong>${document.host}</strong>`)
  return text !== false && html`<p class="warning">${text}</p>`
}

/** The image of a client, where it is shown. It says nothing that the name does not. */
export const clientLogo = ({ shownLogo }: ShownClient): Html | false =>
  shownLogo !== undefined && html`<img src="${shownLogo}" alt="" width="64" height="64" referrerpolicy="no-referrer" />`

const link = (uri: string | undefined, label: (host: string) => string): Html | undefined => {
  const host = uri === undefined ? undefined : hostOf(uri)
  return host === undefined ? undefined : html`<a href="${uri}" rel="noreferrer">${label(host)}</a>`
}

/** Links to what a client says of itself, each with the host that it leads to; only https. */
export const clientLinks = (client: ShownClient, { lang, client: texts }: Messages): Html | false => {
  const { policyUri, tosUri, localized = {} } = client
  const links = [
    link(localized[`policy_uri#${lang}`] ?? policyUri, texts.policy),
    link(localized[`tos_uri#${lang}`] ?? tosUri, texts.terms),
  ].filter((each) => each !== undefined)
  return (
    links.length > 0 &&
    html`<ul class="links">
      ${links.map((each) => html`<li>${each}</li>`)}
    </ul>`
  )
}

/** Who a client is: its own words, and what of them can be known. */
export const describeClient = (client: ShownClient, asks: (client: Html) => Html, messages: Messages): Html => {
  const { id, uri } = client
  const texts = messages.client
  const hosts = hostsOf(client)
  const home = uri === undefined ? undefined : hostOf(uri)
  return html`
    <div class="client">
      ${clientLogo(client)}
      <p>${asks(strongName(client))}</p>
    </div>
    <ul class="facts">
      <li>${texts.id(html`<code>${id}</code>`)}</li>
      ${hosts.length > 0 && html`<li>${texts.hosts(hosts.join(', '))}</li>`}
      ${home !== undefined && html`<li>${texts.home(home)}</li>`}
    </ul>
    ${clientLinks(client, messages)} ${warnOfUnchecked(client, messages)}
  `
}

/** Which client the browser goes on to from a page. */
export const goingOnTo = (client: ShownClient, messages: Messages): Html => html`
  <div class="client">
    ${clientLogo(client)}
    <p>${messages.common.goOnTo(strongName(client))}</p>
  </div>
  ${warnOfUnchecked(client, messages)} ${clientLinks(client, messages)}
`

/** Where the answer goes, with a warning where others could take it. */
export const describeReceiver = (redirectUri: string, { client }: Messages): Html => {
  const { protocol, host, hostname } = new URL(redirectUri)
  if (protocol === 'https:') return html`<p>${client.sentOnTo(html`<strong>${host}</strong>`)}</p>`
  const sentTo =
    protocol === 'http:'
      ? client.sentToProgram(html`<strong>${hostname}</strong>`)
      : client.sentToApp(html`<strong>${protocol}</strong>`)
  return html`<p class="warning">${sentTo} ${client.anyProgram}</p>`
}
