import { z } from 'zod'
import { accountSettingsTable } from './account-settings-table.ts'
import { mostPerMinute } from '../limit-settings.ts'
import { issuerProblem } from '../issuer.ts'
import { colorProblem, nameProblem } from '../theme-settings.ts'
import { checkedText, flag, list, oneOf, text, wholeNumber, type Setting } from './setting.ts'
import { detailTypesSetting } from './detail-types.ts'
import { profileNames } from '../profiles.ts'
import { scopeDescriptionsSchema } from './scope-descriptions.ts'
import { watchSettingsTable } from './watch-settings-table.ts'
import { resourcePoliciesSchema } from '../resource-settings.ts'
import { exampleClient, staticClientSchema } from './static-client.ts'
import { clientSettingsTable } from './client-settings-table.ts'
import { adminSettingsTable } from './admin-settings-table.ts'
import { userFileSettings, userSettingsTable } from './user-settings-table.ts'

const workersRule = 'must be a whole number from 1 to 256, or auto'

/** Every setting of the server by its name in the file. Flags and variables of the environment are made from it, and so is the reference. */
export const settingsTable = {
  port: {
    ...{ flag: '--port <port>', kind: 'number', schema: wholeNumber(0, 65_535), fallback: 9000 },
    description: 'port to listen at, 0 for a free one',
  },
  host: {
    ...{ flag: '--host <host>', kind: 'text', schema: text, fallback: 'localhost' },
    description: 'name or address to listen at',
  },
  trustedProxies: {
    ...{ flag: '--trusted-proxy <address>', kind: 'list', schema: list, fallback: [] },
    description: 'addresses or ranges of proxies that say whom a request is from',
  },
  allowHosts: {
    ...{ flag: '--allow-host <name>', kind: 'list', schema: list, fallback: [] },
    description: 'names by which a server on localhost may be asked, beside localhost and addresses',
  },
  issuer: {
    ...{
      flag: '--issuer <url>',
      kind: 'text',
      schema: checkedText(issuerProblem),
      fallback: 'http://localhost:<port>',
    },
    description: 'URL that clients know the server by',
  },
  dev: {
    ...{ flag: '--dev', kind: 'flag', schema: flag, fallback: 'true where issuer and host are on localhost' },
    description: 'for development: make a client and a user, and start with settings that are refused otherwise',
  },
  data: {
    ...{ flag: '--data <folder>', kind: 'text', schema: text, fallback: './grantry-data' },
    description: 'folder of the SQLite database, and of grantry.keys',
  },
  database: {
    ...{ flag: '--database <url>', kind: 'text', schema: text, fallback: undefined, isSecret: true },
    description: 'PostgreSQL database to use instead: postgres://user@host:5432/name',
  },
  databaseWait: {
    ...{ flag: '--database-wait <seconds>', kind: 'number', schema: wholeNumber(0, 3600), fallback: 15 },
    description: 'how long to wait for a PostgreSQL that does not answer',
  },
  databasePool: {
    ...{ flag: '--database-pool <connections>', kind: 'number', schema: wholeNumber(1, 1000), fallback: 10 },
    description: 'most connections to PostgreSQL',
  },
  allowUnsafeDurability: {
    ...{ flag: '--allow-unsafe-durability', kind: 'flag', schema: flag, fallback: false },
    description: 'run on a PostgreSQL that may lose what it has acknowledged',
  },
  keyEncryptionKeys: {
    ...{
      flag: undefined,
      kind: 'list',
      schema: list,
      fallback: 'those of grantry.keys in the folder of data',
      isSecret: true,
    },
    description:
      'keys that seal the signing keys at rest, 43 characters of base64url or more each: the first seals, all open',
  },
  keyRotation: {
    ...{ flag: '--key-rotation <days>', kind: 'number', schema: wholeNumber(0, 3650), fallback: 90 },
    description: 'age in days at which signing keys get successors, 0 for never',
  },
  workers: {
    ...{
      flag: '--workers <processes>',
      kind: 'number',
      schema: z.union([wholeNumber(1, 256), z.literal('auto')], { error: workersRule }),
      fallback: 1,
    },
    description: 'processes that answer requests, auto for as many as processors; SIGHUP replaces them one by one',
  },
  stopDelay: {
    ...{ flag: '--stop-delay <seconds>', kind: 'number', schema: wholeNumber(0, 300), fallback: 0 },
    description: 'how long it is told that the server is not ready before it stops',
  },
  passwordThreads: {
    ...{
      flag: '--password-threads <threads>',
      kind: 'number',
      schema: wholeNumber(1, 64),
      fallback: 'one less than processors, from 1 to 4; 1 with several workers',
    },
    description: 'threads that check passwords, each with 19 MiB',
  },
  ...adminSettingsTable,
  ...userSettingsTable,
  ...accountSettingsTable,
  tokenFormat: {
    ...{ flag: '--token-format <format>', kind: 'text', schema: oneOf('jwt', 'jwt-stored', 'opaque'), fallback: 'jwt' },
    description: 'access tokens: signed without a row (jwt) or with one (jwt-stored), or random (opaque)',
  },
  profile: {
    ...{ flag: '--profile <profile>', kind: 'text', schema: oneOf(...profileNames), fallback: 'oauth21' },
    description: 'a set of settings: mcp for clients of MCP servers, openid for certification, fapi2 for FAPI 2.0',
  },
  dpop: {
    ...{ flag: '--dpop <mode>', kind: 'text', schema: oneOf('off', 'on', 'nonce'), fallback: 'on' },
    description: 'bind tokens to the keys of clients that send DPoP proofs, or ask for nonces in these as well',
  },
  clientCertificateHeader: {
    ...{ flag: '--client-certificate-header <name>', kind: 'text', schema: text, fallback: undefined },
    description: 'header in which trusted proxies tell the certificate of the client',
  },
  clientCertificateVerification: {
    ...{ flag: '--client-certificate-verification <how>', kind: 'text', schema: text, fallback: undefined },
    description: 'always where they check its chain, or the header in which they say SUCCESS',
  },
  mtlsOrigin: {
    ...{ flag: '--mtls-origin <url>', kind: 'text', schema: text, fallback: undefined },
    description: 'where they ask for certificates, if it is not the origin of the issuer',
  },
  rateLimitAddress: {
    ...{
      flag: '--rate-limit-address <requests>',
      kind: 'number',
      schema: wholeNumber(0, mostPerMinute),
      fallback: 6000,
    },
    description: 'most requests in a minute from one address, 0 for any number',
  },
  rateLimitClient: {
    ...{
      flag: '--rate-limit-client <requests>',
      kind: 'number',
      schema: wholeNumber(0, mostPerMinute),
      fallback: 60_000,
    },
    description: 'most requests in a minute of one client, 0 for any number',
  },
  ...clientSettingsTable,
  requestObjects: {
    ...{ flag: '--request-objects', kind: 'flag', schema: flag, fallback: false },
    description: 'take requests that clients signed, also from URIs that they registered',
  },
  revokeAtLogout: {
    ...{
      flag: '--revoke-at-logout <grants>',
      kind: 'text',
      schema: oneOf('online', 'all', 'none'),
      fallback: 'online',
    },
    description: 'grants that end when users log out; online: those of OpenID Connect without offline_access',
  },
  allowPrivateHosts: {
    ...{ flag: '--allow-private-host <host>', kind: 'list', schema: list, fallback: [] },
    description: 'hosts at private addresses that the server may send requests to',
  },
  ...watchSettingsTable,
  themeName: {
    ...{ flag: '--theme-name <name>', kind: 'text', schema: checkedText(nameProblem), fallback: 'Grantry' },
    description: 'name on top of every page',
  },
  themeLogo: {
    ...{ flag: '--theme-logo <file>', kind: 'text', schema: text, fallback: undefined },
    description: 'svg or png file that pages show in place of the name',
  },
  themeColor: {
    ...{ flag: '--theme-color <color>', kind: 'text', schema: checkedText(colorProblem), fallback: '#1f5fbf' },
    description: 'colour of links and buttons as #rrggbb, adapted to light and dark',
  },
  themeStyleSheet: {
    ...{ flag: '--theme-style-sheet <file>', kind: 'text', schema: text, fallback: undefined },
    description: 'CSS file that pages load after their own',
  },
  themeTemplate: {
    ...{ flag: '--theme-template <file>', kind: 'text', schema: text, fallback: undefined },
    description: 'HTML file with what stands around every page, which goes where it has {{content}}',
  },
  ...userFileSettings,
  scopeDescriptions: {
    ...{ flag: undefined, kind: 'file only', schema: scopeDescriptionsSchema, fallback: undefined },
    description: 'scopes in words for the consent page: a text, or one for each language',
    example: { read: { en: 'Read your files', de: 'Ihre Dateien lesen' }, write: 'Change your files' },
  },
  resourcePolicies: {
    ...{ flag: undefined, kind: 'file only', schema: resourcePoliciesSchema, fallback: undefined },
    description: 'what is different for the tokens of single resources: scopes, format, algorithm, lifetime',
    example: { 'https://pay.example': { scopes: ['transfer'], tokenFormat: 'opaque', tokenExpiresIn: 60 } },
  },
  authorizationDetails: detailTypesSetting,
  clients: {
    ...{ flag: undefined, kind: 'file only', schema: z.array(staticClientSchema), fallback: [] },
    description: 'clients that are there from the start; the file is where they are changed',
    example: [exampleClient],
    members: { of: 'a client', names: Object.keys(staticClientSchema.shape) },
  },
} satisfies Readonly<Record<string, Setting>>

/** The names of settings. */
export type SettingName = keyof typeof settingsTable

/** The settings with their names, in the order of the table. */
export const settings = Object.entries(settingsTable) as readonly (readonly [SettingName, Setting])[] // entries widens the names

/** What a configuration file may hold. */
export const fileSchema = z.strictObject(
  Object.fromEntries(
    settings.map(([name, { schema, description }]) => [name, schema.optional().describe(description)]),
  ),
)

/** The JSON schema of configuration files, which editors use and the package publishes. */
export const fileJsonSchema = (): object => {
  const { properties, ...schema } = z.toJSONSchema(fileSchema, { io: 'input' })
  return {
    title: 'Configuration of grantry-server',
    ...schema,
    properties: { $schema: { type: 'string' }, ...properties },
  }
}
