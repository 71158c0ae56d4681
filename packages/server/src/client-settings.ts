import { redirectUriProblem } from 'grantry'
import { z } from 'zod'
import { checkedText, flag, list, oneOf, text, webPage } from './config/setting.ts'
import { isAdminScope } from './admin-scopes.ts'

/** A URL in its parts, of http or https, without credentials and fragment. */
const webUrl = (value: string): URL | undefined => {
  const url = /^https?:\/\//.test(value) && !value.includes('#') && URL.canParse(value) ? new URL(value) : undefined
  return url?.username === '' && url.password === '' ? url : undefined
}

const webAddress = checkedText((value) =>
  webUrl(value) === undefined
    ? `must be an https or http URL without fragment and credentials, not "${value}"`
    : undefined,
)

const origin = checkedText((value) =>
  webUrl(value)?.origin === value
    ? undefined
    : `must be scheme, host and port as browsers write them (https://app.example), not "${value}"`,
)

const redirectUri = checkedText((value) => {
  const problem = redirectUriProblem(value)
  return problem && `"${value}" ${problem}`
})

const scope = checkedText((value) => {
  if (!/^[\x21\x23-\x5b\x5d-\x7e]+$/.test(value)) return `must be one scope each, not "${value}"` // RFC 6749 §3.3
  return isAdminScope(value) ? `must not have "${value}": it is given by administration` : undefined
})

const certificateName = checkedText((value) =>
  /^(?:subject_dn|san_(?:dns|uri|ip|email)):./.test(value)
    ? undefined
    : `must be subject_dn:, san_dns:, san_uri:, san_ip: or san_email: and a name, not "${value}"`,
)

/** What an operator says of a client, wherever that is: in the configuration file, on the command line, in the admin API and on its pages. */
export const clientMembers = {
  name: text.optional().describe('name that users are shown'),
  policyUri: webPage.optional().describe('its privacy policy, which login and consent page link to'),
  tosUri: webPage.optional().describe('its terms of service, which they link to as well'),
  logoUri: webPage.optional().describe('an image of it, which they show with the profile openid only'),
  public: flag.optional().describe('it cannot keep a secret, such as an app in a browser or on a phone'),
  redirectUris: z.array(redirectUri).optional().describe('where codes may be sent'),
  grantTypes: list.optional().describe('grants that it may use; authorization_code and refresh_token by default'),
  responseTypes: list.optional().describe('response types that it may use; code by default'),
  scopes: z.array(scope).optional().describe('scopes that it may be granted'),
  defaultScopes: z.array(scope).optional().describe('scopes that it gets when it asks for none'),
  authorizationDetailsTypes: list.optional().describe('types of authorization details that it may ask for'),
  postLogoutRedirectUris: list.optional().describe('where browsers may go after a logout'),
  backchannelLogoutUri: webAddress.optional().describe('where the server tells it of logouts'),
  frontchannelLogoutUri: webAddress.optional().describe('what browsers load to tell it of logouts'),
  corsOrigins: z.array(origin).optional().describe('origins whose pages may call the server'),
  subjectType: oneOf('public', 'pairwise').optional().describe('pairwise: it sees users under ids of its own'),
  sectorIdentifier: text.optional().describe('host that pairwise ids are made for'),
  idTokenAlg: oneOf('RS256', 'ES256').optional().describe('how its ID tokens are signed'),
  certificateName: certificateName
    .optional()
    .describe('name in its certificate, by which it authenticates: san_dns:app.example'),
  jwksUri: webAddress.optional().describe('where its public keys are, by which it authenticates: private_key_jwt'),
  requirePushedAuthorizationRequests: flag
    .optional()
    .describe('its authorization requests are taken only where it pushed them'),
  requireSignedRequestObject: flag
    .optional()
    .describe('its authorization requests are taken only as signed request objects'),
  authorizationSigningAlgorithm: oneOf('RS256', 'ES256')
    .optional()
    .describe('how its signed authorization responses are signed'),
  certificateBoundAccessTokens: flag.optional().describe('it gets no token that is not bound to its certificate'),
  dpopBoundAccessTokens: flag.optional().describe('it gets no token that is not bound to a key by a DPoP proof'),
  firstParty: flag.optional().describe('it is run by whoever runs the server: consent is asked for once'),
  administration: oneOf('read', 'write')
    .optional()
    .describe('it may use the admin API: to look at everything, or to change it as well'),
} as const

const settingsObject = z.strictObject(clientMembers)

/** What an operator says of a client. */
export type ClientSettings = z.infer<typeof settingsObject>

/** Whether a client authenticates by nothing, a certificate, a key or a secret, which is for good: a text that is the same for the same. */
export const kindOf = ({ public: isPublic = false, certificateName, jwksUri }: ClientSettings): string => {
  if (isPublic) return 'public'
  return certificateName !== undefined ? 'certificate' : jwksUri !== undefined ? 'key' : 'secret'
}

/** A member of it. */
export type ClientMember = keyof typeof clientMembers

/** Something that is wrong with a client, by the member that would have to change. */
export interface ClientProblem {
  readonly member: ClientMember
  /** Begins with `must` or `needs`. */
  readonly problem: string
}

const partOf = (uri: string, part: 'host' | 'origin'): string => (URL.canParse(uri) ? new URL(uri)[part] : uri)

/** Would only be noticed when a user logs in. */
const sectorProblem = ({ subjectType, sectorIdentifier, redirectUris = [] }: ClientSettings): ClientProblem[] => {
  const hosts = new Set(redirectUris.map((uri) => partOf(uri, 'host')))
  if (subjectType !== 'pairwise' || sectorIdentifier !== undefined || hosts.size === 1) return []
  return [{ member: 'subjectType', problem: 'needs redirect URIs of one host, or a sector identifier, to be pairwise' }]
}

/** A page of another site in a frame could be anything (OpenID Connect Front-Channel Logout §2). */
const frameProblem = ({ frontchannelLogoutUri: frame, redirectUris = [] }: ClientSettings): ClientProblem[] => {
  if (frame === undefined || redirectUris.some((uri) => partOf(uri, 'origin') === partOf(frame, 'origin'))) return []
  return [{ member: 'frontchannelLogoutUri', problem: 'must be on the origin of one of the redirect URIs' }]
}

/** Whoever administers has a secret and no user behind it. */
const administrationProblem = (client: ClientSettings): ClientProblem[] => {
  const { administration, public: isPublic = false, grantTypes = [], responseTypes = [], redirectUris = [] } = client
  if (administration === undefined) return []
  const isMachine = grantTypes.every((grant) => grant === 'client_credentials') && responseTypes.length === 0
  if (!isPublic && isMachine && redirectUris.length === 0) return []
  const problem = 'needs a client with a secret, whose only grant is client_credentials, without redirect URIs'
  return [{ member: 'administration', problem }]
}

/** A public client authenticates by nothing. */
const keyProblem = ({ certificateName, jwksUri, public: isPublic }: ClientSettings): ClientProblem[] => {
  const given = (['certificateName', 'jwksUri'] as const).filter(
    (member) => ({ certificateName, jwksUri })[member] !== undefined,
  )
  if (given.length > 1) return [{ member: 'jwksUri', problem: 'needs a client without certificateName' }]
  return isPublic === true ? given.map((member) => ({ member, problem: 'needs a client that is not public' })) : []
}

/** What is wrong with the members of a client together. */
export const clientProblems = (client: ClientSettings): readonly ClientProblem[] => [
  ...sectorProblem(client),
  ...frameProblem(client),
  ...administrationProblem(client),
  ...keyProblem(client),
]

/** Reads what an operator says of a client. */
export const clientSettingsSchema = settingsObject.superRefine((client, context) => {
  for (const { member, problem } of clientProblems(client))
    context.addIssue({ code: 'custom', path: [member], message: problem })
})
