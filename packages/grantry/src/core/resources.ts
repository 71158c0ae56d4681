import { InvalidTargetError } from './errors.ts'

const isAbsoluteUri = (text: string): boolean => /^[a-z][a-z0-9+.-]*:[^\s#]+$/i.test(text) && URL.canParse(text)

/** Refuses recipients that are not among these. */
export const refuseOthers = (asked: readonly string[], allowed: readonly string[]): void => {
  const other = asked.find((resource) => !allowed.includes(resource))
  if (other === undefined) return
  throw new InvalidTargetError('resource_not_allowed', {
    description: 'No token can be issued for this resource.',
    detail: other,
  })
}

/** Resources that a request asks for, which may be several (RFC 8693 §2.1): absolute URIs without fragment, among those that the server issues tokens for. */
export const requestedTargets = (asked: readonly string[], served: readonly string[]): readonly string[] => {
  if (!asked.every(isAbsoluteUri)) {
    throw new InvalidTargetError('resource_malformed', {
      description: 'The resource must be an absolute URI without fragment.',
    })
  }
  refuseOthers(asked, served)
  return asked
}

/**
 * The resource that a request asks for (RFC 8707 §2): an absolute URI without fragment, among those that the server issues tokens for,
 * and one at a time (a token for two recipients lets one replay it at the other). Empty where none is asked for.
 */
export const requestedResources = (asked: readonly string[], served: readonly string[]): readonly string[] => {
  if (asked.length === 0) return asked
  requestedTargets(asked, served)
  if (new Set(asked).size > 1)
    throw new InvalidTargetError('resources_ambiguous', { description: 'Ask for one resource in each request.' })
  return asked.slice(0, 1)
}

/**
 * The resources that a grant may be for: one, or where `several` says so as many as are served, each with tokens of its own (RFC 8707 §2.1, RFC
 * 9068 §5).
 */
export const grantableResources = (
  asked: readonly string[],
  served: readonly string[],
  several: 'refuse' | 'split' | undefined,
): readonly string[] =>
  several === 'split' ? [...new Set(requestedTargets(asked, served))] : requestedResources(asked, served)

/** The resource of a token from a grant (RFC 8707 §2.2): what is asked for now, within what was granted; else the first that was granted. */
export const narrowedResources = (asked: readonly string[], granted: readonly string[]): readonly string[] =>
  asked.length === 0 ? granted.slice(0, 1) : withinGranted(asked, granted)

/** A grant for no resource in particular covers each one of the server. */
const withinGranted = (asked: readonly string[], granted: readonly string[]): readonly string[] => {
  if (granted.length > 0) refuseOthers(asked, granted)
  return asked
}
