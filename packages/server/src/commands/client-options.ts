import { Option, type Command } from 'commander'
import { clientMembers, type ClientMember, type ClientSettings } from '../client-settings.ts'
import type { ClientChange } from '../admin/clients.ts'
import type { FlagNames } from './with-admin.ts'

/** The flag of each member of a client. Those of lists may be repeated. */
const flags = {
  name: '--name <name>',
  public: '--public',
  redirectUris: '--redirect-uri <uri>',
  grantTypes: '--grant-type <type>',
  scopes: '--scope <scope>',
  defaultScopes: '--default-scope <scope>',
  responseTypes: '--response-type <type>',
  authorizationDetailsTypes: '--authorization-details-type <type>',
  postLogoutRedirectUris: '--post-logout-redirect-uri <uri>',
  policyUri: '--policy-uri <uri>',
  tosUri: '--tos-uri <uri>',
  logoUri: '--logo-uri <uri>',
  backchannelLogoutUri: '--backchannel-logout-uri <uri>',
  frontchannelLogoutUri: '--frontchannel-logout-uri <uri>',
  corsOrigins: '--cors-origin <origin>',
  subjectType: '--subject-type <type>',
  sectorIdentifier: '--sector-identifier <host>',
  idTokenAlg: '--id-token-alg <alg>',
  certificateName: '--certificate-name <type:name>',
  jwksUri: '--jwks-uri <uri>',
  requirePushedAuthorizationRequests: '--require-pushed-authorization-requests',
  requireSignedRequestObject: '--require-signed-request-object',
  authorizationSigningAlgorithm: '--authorization-signing-algorithm <alg>',
  certificateBoundAccessTokens: '--certificate-bound-access-tokens',
  dpopBoundAccessTokens: '--dpop-bound-access-tokens',
  firstParty: '--first-party',
  administration: '--admin <read|write>',
} as const satisfies Readonly<Record<ClientMember, string>>

const members = Object.keys(flags) as readonly ClientMember[] // Object.keys widens the names

/** The flags by the names of members. */
export const clientFlags: FlagNames = {
  id: '--id',
  ...Object.fromEntries(Object.entries(flags).map(([member, flag]) => [member, flag.replace(/ .*/, '')])),
}

const isList = (member: ClientMember): boolean => flags[member].includes('<') && /s$/.test(member)

const optionOf = (member: ClientMember): Option => {
  const description = clientMembers[member].description ?? ''
  const option = new Option(flags[member], isList(member) ? `${description}; may be repeated` : description)
  option.attributeName = () => member
  return isList(member)
    ? option.argParser((text, given: readonly string[] | undefined) => [...(given ?? []), text])
    : option
}

/** What was typed, by the names of members. */
export type ClientArguments = { readonly [Member in ClientMember]?: string | readonly string[] | boolean }

/** Gives a command the flags of a client. */
export const withClientOptions = (command: Command): Command => {
  for (const member of members) command.addOption(optionOf(member))
  return command
}

const given = (options: ClientArguments): readonly (readonly [ClientMember, string | readonly string[] | boolean])[] =>
  members.flatMap((member) => {
    const value = options[member]
    return value === undefined ? [] : [[member, value] as const]
  })

/** A client that is to be made. What was typed is judged with the rest of it. */
export const toSettings = (options: ClientArguments): ClientSettings => Object.fromEntries(given(options)) // checked where it is used

/** A change of a client: an empty value forgets what there is. */
export const toChange = (options: ClientArguments): ClientChange => {
  const isEmpty = (value: string | readonly string[] | boolean): boolean =>
    value === '' || value === false || (typeof value === 'object' && value.every((each) => each === ''))
  return Object.fromEntries(given(options).map(([member, value]) => [member, isEmpty(value) ? null : value])) // the same
}
