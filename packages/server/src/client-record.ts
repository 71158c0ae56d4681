import { isPublicClient, type Client } from 'grantry'

/** What the server keeps of a client beside what the toolkit reads. */
export interface ServerClient extends Client {
  /** Whether it is run by whoever runs the server, so that consent is remembered although the client keeps no secret. */
  readonly firstParty?: boolean | undefined
  /** Origins of web pages that may read answers, beside those of its https redirect URIs. */
  readonly allowedCorsOrigins?: readonly string[] | undefined
  /** `file`: it is of the configuration file, which alone changes it. Undefined for others. */
  readonly source?: 'file' | undefined
}

const member = (client: Client, name: keyof ServerClient): unknown =>
  name in client ? (client as ServerClient)[name] : undefined // a record may come from anywhere, so the type is checked by whoever asks

/** Whether a client is of the configuration file. */
export const isOfFile = (client: Client): boolean => member(client, 'source') === 'file'

const isHttps = (uri: string): boolean => uri.startsWith('https://')

/**
 * Whether a consent may be remembered, so that the next request goes through without a page. Not where anyone can say that he is this
 * client (RFC 8252 §8.6): it must keep a secret, or be first party and hold the https address that the answer goes to.
 */
export const mayRememberConsent = (client: Client, redirectUri: string): boolean =>
  !isPublicClient(client) || (member(client, 'firstParty') === true && isHttps(redirectUri))

/** Origins whose pages may read what the server answers to this client. */
export const corsOriginsOf = (client: Client): readonly string[] => {
  const allowed = member(client, 'allowedCorsOrigins')
  const listed = Array.isArray(allowed) ? allowed.filter((origin) => typeof origin === 'string') : []
  return [...(client.redirectUris ?? []).filter(isHttps).map((uri) => new URL(uri).origin), ...listed]
}
