import type { Client } from 'grantry'
import { inLanguage, type ScopeDescriptions } from '../config/scope-descriptions.ts'
import type { Messages } from '../messages/messages.ts'
import type { ShownClient } from '../pages/client.ts'
import type { PageFrame } from '../pages/layout.ts'
import type { PageRequest } from './page-response.ts'
import type { Site } from './site.ts'

/** The texts with what the operator says of scopes, in their language, in English, or else in the one that there is. */
const withDescriptions = (messages: Messages, descriptions: ScopeDescriptions): Messages => {
  const own = Object.entries(descriptions).map(([scope, texts]) => {
    return [scope, inLanguage(texts, messages.lang) ?? scope] as const
  })
  return { ...messages, scopes: { ...messages.scopes, ...Object.fromEntries(own) } }
}

/** What every page is made with, in the language of a request. */
export const frameOf = (site: Site, { messages }: Pick<PageRequest, 'messages'>): PageFrame => ({
  path: site.issuer.path,
  theme: site.theme,
  messages: withDescriptions(messages, site.scopeDescriptions),
})

const isHttps = (uri: string | undefined): uri is string =>
  uri !== undefined && URL.canParse(uri) && new URL(uri).protocol === 'https:'

/** A client as pages show it, and where its image comes from: nowhere, unless the server was told to show such images. */
export const shownClient = (
  { showsClientLogos }: Pick<Site, 'showsClientLogos'>,
  client: Client,
): { readonly client: ShownClient; readonly imageSource: string | undefined } => {
  const { logoUri } = client
  if (!showsClientLogos || !isHttps(logoUri)) return { client, imageSource: undefined }
  return { client: { ...client, shownLogo: logoUri }, imageSource: new URL(logoUri).origin }
}
