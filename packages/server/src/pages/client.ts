import type { Client } from 'grantry'
import { html, type Html } from './html.ts'

/** What pages show of a client. */
export type ShownClient = Pick<Client, 'id' | 'name' | 'uri' | 'redirectUris' | 'registration'>

const hostOf = (uri: string): string | undefined =>
  URL.canParse(uri) && new URL(uri).protocol === 'https:' ? new URL(uri).host : undefined

/** The hosts that a client has: of its id where that is a URL, and of where answers to it may go. */
const hostsOf = ({ id, redirectUris = [] }: ShownClient): readonly string[] => [
  ...new Set([id, ...redirectUris].map(hostOf).filter((host) => host !== undefined)),
]

/** A warning about a client that no operator has looked at. */
export const warnOfSelfRegistered = ({ registration }: ShownClient): Html | false =>
  registration !== undefined &&
  html`<p class="warning">It registered itself: nobody has checked that it is what it says.</p>`

/** Who a client is: its own words, and what of them can be known. */
export const describeClient = (client: ShownClient, asks: string): Html => {
  const { id, name = id, uri } = client
  const hosts = hostsOf(client)
  const home = uri === undefined ? undefined : hostOf(uri)
  return html`
    <p>
      <strong><bdi>${name}</bdi></strong> (client id <code>${id}</code>) ${asks}
    </p>
    ${hosts.length > 0 && html`<p class="note">Its addresses: ${hosts.join(', ')}</p>`}
    ${home !== undefined && html`<p class="note">It says that its home page is at ${home}.</p>`}
    ${warnOfSelfRegistered(client)}
  `
}

/** Where the answer goes, with a warning where others could take it. */
export const describeReceiver = (redirectUri: string): Html => {
  const { protocol, host, hostname } = new URL(redirectUri)
  if (protocol === 'https:') return html`<p>You will be sent on to <strong>${host}</strong>.</p>`
  const isLoopback = protocol === 'http:'
  return html`<p class="warning">
    You will be sent on to
    ${isLoopback ? html`a program on this computer (<strong>${hostname}</strong>)` : html`an app on this device (<strong>${protocol}</strong>)`}.
    Any program here can say that it is this client: go on only if you have just started it yourself.
  </p>`
}
