import type { FapiProfile } from 'grantry'
import { isDevelopment } from './development.ts'
import { parseIssuer } from './issuer.ts'
import type { ServerOptions } from './settings.ts'

/** What a profile has a server insist on, or let through. */
export type Profile = 'oauth21' | 'openid' | 'mcp' | FapiProfile

/** The profile of FAPI 2.0 among these; undefined for another one. */
export const fapiOf = (profile: Profile): FapiProfile | undefined =>
  profile === 'fapi2' || profile === 'fapi2-message-signing' ? profile : undefined

/** The word in `resources` for everything on the machine of a developer. */
export const localResources = 'localhost'

const develops = ({ dev, host = 'localhost', issuer }: ServerOptions): boolean =>
  isDevelopment({ dev, host, issuer: issuer === undefined ? undefined : parseIssuer(issuer) })

/** Clients come unknown, by documents and by registration, for scopes of which the first is the default. */
const forStrangers = ({ registrationScopes = ['mcp', 'mcp:read', 'mcp:write'] }: ServerOptions): ServerOptions => ({
  clientDocuments: true,
  registration: 'open',
  registrationLimit: 20,
  registrationScopes,
  defaultScopes: registrationScopes.slice(0, 1),
})

/** What each profile sets where the operator does not. */
const presets: Readonly<Record<Profile, (options: ServerOptions) => ServerOptions>> = {
  oauth21: () => ({}),
  openid: () => ({}),
  fapi2: () => ({}),
  'fapi2-message-signing': () => ({}),
  mcp: (options) => ({
    ...(hasStrangers(options) && forStrangers(options)),
    ignoreResourceSlash: true,
    ...(develops(options) && { resources: [localResources] }),
  }),
}

const hasStrangers = ({ registration, clientDocuments }: ServerOptions): boolean =>
  registration !== 'off' || clientDocuments !== false

/** The profiles by name. */
export const profileNames = Object.keys(presets) as [Profile, ...Profile[]] // keys are of the record, which is not empty

/** What the profile of these options sets, but for what they say themselves. */
export const presetOf = (options: ServerOptions): ServerOptions => {
  const given: Readonly<Record<string, unknown>> = { ...options }
  const preset = Object.entries(presets[options.profile ?? 'oauth21'](options))
  return Object.fromEntries(preset.filter(([name]) => given[name] === undefined))
}
