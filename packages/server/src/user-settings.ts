import { StartError } from './errors.ts'
import { issuerProblem } from './issuer.ts'
import type { UpstreamSettings } from './upstreams/upstream-settings.ts'
import type { UserSource } from './users/user-source.ts'
import type { UserView } from './users/user-view.ts'

/** Where users come from, if not from the database of the server. One of the sources at most. */
export interface UserSettings {
  /** Users of a program. Default: none. */
  readonly userSource?: UserSource | undefined
  /** Users of a table or view. Default: none. */
  readonly userView?: UserView | undefined
  /** The database that `userView` is in, as the URL of a PostgreSQL or the path of an SQLite file. Default: that of the server. */
  readonly userDatabase?: string | undefined
  /** Users of an endpoint: an https URL, or http on localhost. Default: none. */
  readonly userEndpoint?: string | undefined
  /** The bearer token that it is sent, 32 characters or more. */
  readonly userEndpointSecret?: string | undefined
  /** Providers of others that users log in at. Default: none. */
  readonly upstreams?: readonly UpstreamSettings[] | undefined
  /** Whether users log in here as well, by password or passkey. Default: `on`. */
  readonly localLogin?: 'on' | 'off' | undefined
  /** Where users from elsewhere change their passwords: an https URL. Default: the page of the account says that it is not here. */
  readonly passwordChangeUri?: string | undefined
}

/** The same; undefined for what is not there. */
export type ResolvedUserSettings = { readonly [Name in keyof Required<UserSettings>]: UserSettings[Name] }

const sources = ['userSource', 'userView', 'userEndpoint'] as const
const sourcesIn = (settings: UserSettings) => sources.filter((name) => settings[name] !== undefined)

const requireOneSource = (settings: UserSettings): void => {
  const [first, second] = sourcesIn(settings)
  if (second !== undefined) throw new StartError(`${first} and ${second} are both set. Users come from one of them.`, 2)
  if (settings.userDatabase !== undefined && first !== 'userView')
    throw new StartError('--user-database is set and userView is not, which names the table.', 2)
}

/** Why users cannot be asked for at a URL; undefined where they can. It is not shown: it may have a password in it. */
export const endpointProblem = (text: string): string | undefined => issuerProblem(text)?.replace(/, not .*$/s, '')

const requireEndpoint = ({ userEndpoint, userEndpointSecret }: UserSettings): void => {
  if (userEndpoint === undefined) return
  const problem = endpointProblem(userEndpoint)
  if (problem !== undefined) throw new StartError(`--user-endpoint ${problem}.`, 2)
  if ((userEndpointSecret ?? '').length < 32)
    throw new StartError('userEndpointSecret must have at least 32 characters where --user-endpoint is set.', 2)
}

const requireUpstreams = ({ upstreams = [], localLogin }: UserSettings): void => {
  const ids = upstreams.map(({ id }) => id)
  if (new Set(ids).size < ids.length) throw new StartError('upstreams: two of them have the same id.', 2)
  const issuers = upstreams.map(({ issuer }) => issuer)
  if (new Set(issuers).size < issuers.length)
    throw new StartError('upstreams: two of them have the same issuer, so their users could not be told apart.', 2)
  if (localLogin === 'off' && ids.length === 0)
    throw new StartError('--local-login is off and there are no upstreams, so nobody could log in.', 2)
}

/** Fills in the defaults. Throws a `StartError` for settings that contradict each other. */
export const resolveUsers = (options: UserSettings): ResolvedUserSettings => {
  requireOneSource(options)
  requireEndpoint(options)
  requireUpstreams(options)
  const { userSource, userView, userDatabase, userEndpoint, userEndpointSecret, ...others } = options
  const { passwordChangeUri, upstreams, localLogin } = others
  return {
    ...{ userSource, userView, userDatabase, userEndpoint, userEndpointSecret },
    ...{ passwordChangeUri, upstreams, localLogin },
  }
}

/** Whether users are those of the database of the server. */
export const hasOwnUsers = (settings: UserSettings): boolean => sourcesIn(settings).length === 0
