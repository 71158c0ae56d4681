import { ignoreTrailingSlash, type ServedResources } from 'grantry'
import { adminResource } from './admin-scopes.ts'
import { isLoopback } from './development.ts'
import { localResources } from './profiles.ts'
import type { Settings } from './settings.ts'

const isLocal = (uri: string): boolean => URL.canParse(uri) && isLoopback(new URL(uri).hostname)

/** Which resources tokens may be asked for, and by which names tokens have them: the admin API at every node, whichever has the port for it. */
export const servedResources = ({
  resources,
  ignoreResourceSlash,
}: Pick<Settings, 'resources' | 'ignoreResourceSlash'>): ServedResources => {
  const named = [...resources.filter((resource) => resource !== localResources), adminResource]
  if (!ignoreResourceSlash && !resources.includes(localResources)) return named
  const nameOf = ignoreResourceSlash
    ? ignoreTrailingSlash(named)
    : (asked: string) => named.find((name) => name === asked)
  const isMeant = (asked: string): boolean => resources.includes(localResources) && isLocal(asked)
  return (asked) => nameOf(asked) ?? (isMeant(asked) ? asked : undefined)
}
