import { readOpenIdRequest, type AuthorizationRequest, type Client } from 'grantry'
import type { Consent } from '../accounts/consent-store.ts'

/** Claims that tell of the token and the login, and nothing of the user. */
const technical = new Set('iss sub aud exp iat auth_time nonce acr amr azp sid'.split(' '))

const requestedClaims = ({ parameters, scopes }: AuthorizationRequest): readonly string[] => {
  if (!scopes.includes('openid')) return []
  const { userinfo, idToken } = readOpenIdRequest(parameters).claims
  return [...new Set([...userinfo, ...idToken])].filter((name) => !technical.has(name)).sort()
}

/** Who gets the answer, as users are shown it: a host, or the scheme of an app. The port on a loopback address is another one each time. */
export const receiverOf = (redirectUri: string): string => {
  const { protocol, host, hostname } = new URL(redirectUri)
  return protocol === 'https:' ? host : protocol === 'http:' ? hostname : protocol
}

/** What a client that no operator made may change by itself, and users were shown of it: consent to the one says nothing about the other. */
const ownWords = ({ id, name = id, registration, metadataDocument: document }: Client): readonly string[] => [
  ...(registration === undefined && document === undefined ? [] : [`calls itself ${name}`]),
  ...(document === undefined ? [] : [`document ${document.digest}`]),
]

/** What an authorization request asks the user's consent for. */
export const termsOf = (request: AuthorizationRequest, client: Client): Consent => ({
  scopes: request.scopes,
  resources: [...request.resources].sort(),
  claims: requestedClaims(request),
  receivers: [receiverOf(request.redirectUri), ...ownWords(client)],
})

const isWithin = (asked: readonly string[], given: readonly string[]): boolean =>
  asked.every((each) => given.includes(each))

const isSame = (left: readonly string[], right: readonly string[]): boolean =>
  isWithin(left, right) && isWithin(right, left)

/** Whether it goes to the same place: else consent to the one says nothing about the other. */
const isSamePlace = (left: Consent, right: Consent): boolean =>
  isSame(left.resources, right.resources) && isSame(left.receivers, right.receivers)

/** Whether the user has consented to all that is asked. */
export const isCovered = (asked: Consent, given: Consent | undefined): boolean =>
  given !== undefined &&
  isSamePlace(asked, given) &&
  isWithin(asked.scopes, given.scopes) &&
  isWithin(asked.claims, given.claims)

/** Which of the scopes that are asked for the user gave before, for the same place. */
export const scopesGivenBefore = (asked: Consent, given: Consent | undefined): readonly string[] =>
  given !== undefined && isSamePlace(asked, given) ? asked.scopes.filter((scope) => given.scopes.includes(scope)) : []

/** What to remember after the user granted `scopes` of what was asked: what was refused now does not count any more. */
export const mergeConsent = (previous: Consent | undefined, asked: Consent, scopes: readonly string[]): Consent => {
  if (previous === undefined || !isSamePlace(previous, asked)) return { ...asked, scopes }
  const kept = previous.scopes.filter((scope) => !asked.scopes.includes(scope))
  return { ...asked, scopes: [...kept, ...scopes], claims: [...new Set([...previous.claims, ...asked.claims])] }
}
