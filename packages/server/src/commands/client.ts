import { Command, Option } from 'commander'
import { registerClient, type ClientRegistration } from 'grantry'
import { StartError } from '../errors.ts'
import type { ServerClient } from '../client-record.ts'
import { dropOldSecret, rotateSecret, showSecret } from './client-secrets.ts'
import { deleteClient, listClients, showClient } from './client-inspect.ts'
import { listOption, originListOption, pageOption, webAddressOption } from './options.ts'
import { dataCommand, withData, type DataArguments } from './with-data.ts'

interface CreateOptions extends DataArguments {
  readonly id?: string
  readonly name?: string
  readonly public?: true
  readonly redirectUri: readonly string[]
  readonly grantType: readonly string[]
  readonly scope: readonly string[]
  readonly defaultScope: readonly string[]
  readonly responseType: readonly string[]
  readonly postLogoutRedirectUri: readonly string[]
  readonly policyUri?: string
  readonly tosUri?: string
  readonly logoUri?: string
  readonly backchannelLogoutUri?: string
  readonly frontchannelLogoutUri?: string
  readonly corsOrigin: readonly string[]
  readonly subjectType?: 'public' | 'pairwise'
  readonly sectorIdentifier?: string
  readonly idTokenAlg?: 'RS256' | 'ES256'
  readonly firstParty?: true
}

/** What is left out keeps its default. */
const listOf = (given: readonly string[]): readonly string[] | undefined => (given.length > 0 ? given : undefined)

/** `code id_token` and `id_token code` are the same response type. */
const sortWords = (text: string): string => text.split(' ').sort().join(' ')

type ServerRegistration = ClientRegistration & Pick<ServerClient, 'firstParty' | 'allowedCorsOrigins'>

const toRegistration = (options: CreateOptions): ServerRegistration => ({
  id: options.id,
  name: options.name,
  authMethods: options.public && ['none'],
  redirectUris: options.redirectUri,
  grantTypes: options.grantType.length > 0 ? options.grantType : ['authorization_code', 'refresh_token'],
  scopes: [...new Set([...options.scope, ...options.defaultScope])],
  defaultScopes: options.defaultScope,
  responseTypes: listOf(options.responseType.map(sortWords)),
  postLogoutRedirectUris: listOf(options.postLogoutRedirectUri),
  policyUri: options.policyUri,
  tosUri: options.tosUri,
  logoUri: options.logoUri,
  backchannelLogoutUri: options.backchannelLogoutUri,
  frontchannelLogoutUri: options.frontchannelLogoutUri,
  allowedCorsOrigins: listOf(options.corsOrigin),
  subjectType: options.subjectType,
  sectorIdentifier: options.sectorIdentifier,
  idTokenSigningAlgorithm: options.idTokenAlg,
  firstParty: options.firstParty,
})

/** Refuses what would only be noticed when a user logs in. */
const requireSector = ({ subjectType, sectorIdentifier, redirectUri }: CreateOptions): void => {
  const hosts = new Set(redirectUri.map((uri) => (URL.canParse(uri) ? new URL(uri).host : uri)))
  if (subjectType !== 'pairwise' || sectorIdentifier !== undefined || hosts.size === 1) return
  throw new StartError('--subject-type pairwise needs redirect URIs of one host, or --sector-identifier HOST.', 2)
}

/** A page of another site in a frame could be anything (OpenID Connect Front-Channel Logout §2). */
const requireOwnFrame = ({ frontchannelLogoutUri: frame, redirectUri }: CreateOptions): void => {
  const originOf = (uri: string): string => (URL.canParse(uri) ? new URL(uri).origin : uri)
  if (frame === undefined || redirectUri.some((uri) => originOf(uri) === originOf(frame))) return
  throw new StartError('--frontchannel-logout-uri must be on the origin of one of the redirect URIs.', 2)
}

const subjectTypes = ['public', 'pairwise']

const create = dataCommand('create')
  .description('register a client and show its secret')
  .option('--id <id>', 'client id (default: random)')
  .option('--name <name>', 'name that users are shown')
  .option('--public', 'a client that cannot keep a secret, such as an app in a browser or on a phone')
  .addOption(listOption('--redirect-uri <uri>', 'where codes may be sent; may be repeated'))
  .addOption(
    listOption(
      '--grant-type <type>',
      'grant that it may use; may be repeated (default: authorization_code, refresh_token)',
    ),
  )
  .addOption(listOption('--scope <scope>', 'scope that it may be granted; may be repeated'))
  .addOption(listOption('--default-scope <scope>', 'scope that it gets when it asks for none; may be repeated'))
  .addOption(listOption('--response-type <type>', 'response type it may use; may be repeated (default: code)'))
  .addOption(listOption('--post-logout-redirect-uri <uri>', 'where browsers may go after a logout; may be repeated'))
  .addOption(pageOption('--policy-uri <uri>', 'its privacy policy, which login and consent page link to'))
  .addOption(pageOption('--tos-uri <uri>', 'its terms of service, which they link to as well'))
  .addOption(pageOption('--logo-uri <uri>', 'an image of it, which they show with the profile openid only'))
  .addOption(webAddressOption('--backchannel-logout-uri <uri>', 'where the server tells it of logouts'))
  .addOption(webAddressOption('--frontchannel-logout-uri <uri>', 'what browsers load to tell it of logouts'))
  .addOption(originListOption('--cors-origin <origin>', 'origin whose pages may call the server; may be repeated'))
  .addOption(new Option('--subject-type <type>', 'pairwise: it sees users under ids of its own').choices(subjectTypes))
  .option('--sector-identifier <host>', 'host that pairwise ids are made for')
  .addOption(new Option('--id-token-alg <alg>', 'how its ID tokens are signed').choices(['RS256', 'ES256']))
  .option('--first-party', 'it is run by whoever runs the server: consent is asked for once, though it has no secret')
  .action((options: CreateOptions) => {
    requireSector(options)
    requireOwnFrame(options)
    return withData(options, { create: true }, async ({ store }) => {
      const { client, secret } = await registerClient(store, toRegistration(options))
      showSecret(client.id, secret)
    })
  })

/** `grantry-server client …`: registers clients, and shows and deletes them. */
export const clientCommand = (): Command =>
  [create, listClients(), showClient(), deleteClient(), rotateSecret(), dropOldSecret()].reduce(
    (all, command) => all.addCommand(command),
    new Command('client').description('manage clients'),
  )
