import { InvalidTargetError } from './errors.ts'

const isAbsoluteUri = (text: string): boolean => /^[a-z][a-z0-9+.-]*:[^\s#]+$/i.test(text) && URL.canParse(text)

/**
 * Resources that a server issues tokens for: by their names, or a function that gives the name that tokens have a resource by, undefined for one
 * that there is not.
 */
export type ServedResources = readonly string[] | ((asked: string) => string | undefined)

const withoutSlash = (uri: string): string => uri.replace(/\/$/, '')

/**
 * For the option `resources`: takes these with a slash at the end or without, since many clients add one to what has no path. Tokens have the
 * name that is written here.
 */
export const ignoreTrailingSlash =
  (resources: readonly string[]): Exclude<ServedResources, readonly string[]> =>
  (asked) =>
    resources.find((name) => name === asked) ?? resources.find((name) => withoutSlash(name) === withoutSlash(asked))

/** The name that tokens have a resource by; undefined for one that is not served. */
export const servedName = (asked: string, served: ServedResources): string | undefined =>
  typeof served === 'function' ? served(asked) : served.find((name) => name === asked)

const requireName = (asked: string, served: ServedResources): string => {
  const name = servedName(asked, served)
  if (name === undefined) throw notAllowed(asked)
  return name
}

const notAllowed = (detail: string): InvalidTargetError =>
  new InvalidTargetError('resource_not_allowed', { description: 'No token can be issued for this resource.', detail })

/** Refuses recipients that are not among these. */
export const refuseOthers = (asked: readonly string[], allowed: readonly string[]): void => {
  const other = asked.find((resource) => !allowed.includes(resource))
  if (other !== undefined) throw notAllowed(other)
}

/** Resources that a request asks for, which may be several (RFC 8693 §2.1): absolute URIs without fragment, among those that the server issues tokens for. */
export const requestedTargets = (asked: readonly string[], served: ServedResources): readonly string[] => {
  if (!asked.every(isAbsoluteUri)) {
    throw new InvalidTargetError('resource_malformed', {
      description: 'The resource must be an absolute URI without fragment.',
    })
  }
  return [...new Set(asked.map((each) => requireName(each, served)))]
}

/**
 * The resource that a request asks for (RFC 8707 §2): an absolute URI without fragment, among those that the server issues tokens for,
 * and one at a time (a token for two recipients lets one replay it at the other). Empty where none is asked for.
 */
export const requestedResources = (asked: readonly string[], served: ServedResources): readonly string[] => {
  if (asked.length === 0) return asked
  const names = requestedTargets(asked, served)
  if (names.length > 1)
    throw new InvalidTargetError('resources_ambiguous', { description: 'Ask for one resource in each request.' })
  return names
}

/**
 * The resources that a grant may be for: one, or where `several` says so as many as are served, each with tokens of its own (RFC 8707 §2.1, RFC
 * 9068 §5).
 */
export const grantableResources = (
  asked: readonly string[],
  served: ServedResources,
  several: 'refuse' | 'split' | undefined,
): readonly string[] => (several === 'split' ? requestedTargets(asked, served) : requestedResources(asked, served))

/** The resource of a token from a grant (RFC 8707 §2.2): what is asked for now, within what was granted; else the first that was granted. */
export const narrowedResources = (asked: readonly string[], granted: readonly string[]): readonly string[] =>
  asked.length === 0 ? granted.slice(0, 1) : withinGranted(asked, granted)

/** A grant for no resource in particular covers each one of the server. */
const withinGranted = (asked: readonly string[], granted: readonly string[]): readonly string[] => {
  if (granted.length > 0) refuseOthers(asked, granted)
  return asked
}
