import { Command, InvalidArgumentError } from 'commander'
import { signedTokenGenerator, systemClock, type Client, type TokenContext } from 'grantry'
import { isDevelopment } from '../development.ts'
import { readConfig } from '../config/read-config.ts'
import { StartError } from '../errors.ts'
import { KeyEncryption, keysOfFolder } from '../key-encryption.ts'
import { resolveSettings, type Settings } from '../settings.ts'
import { keyRingOf } from '../signing-keys.ts'
import { listOption, withSettings } from './options.ts'
import { withData, type SettingArguments } from './with-data.ts'

interface MintArguments {
  readonly clientId: string
  readonly subject?: string
  readonly audience?: string
  readonly scope: readonly string[]
  readonly expiresIn: number
}

const longestSeconds = 600

const parseSeconds = (text: string): number => {
  if (/^\d{1,3}$/.test(text) && Number(text) >= 1 && Number(text) <= longestSeconds) return Number(text)
  throw new InvalidArgumentError(`It must be a whole number from 1 to ${longestSeconds}.`)
}

const contextOf = (client: Client, { subject, scope, expiresIn }: MintArguments, now: number): TokenContext => {
  const user = subject === undefined ? undefined : { id: subject }
  const authorization = { client, user, scopes: scope, grantType: 'debug' }
  return {
    ...authorization,
    authorization,
    ...{ resources: [], claims: { grantry_debug: true }, confirmation: undefined, state: {} },
    ...{ issuedAt: now, expiresIn, grantId: undefined },
    ...{ accessToken: undefined, refreshToken: undefined, extendedUntil: undefined },
    rotation: { graceSeconds: 0, maxReplays: 0, revokesOnReuse: false },
  }
}

const settingsFor = ({ config, ...flags }: SettingArguments): Settings => {
  const settings = resolveSettings(readConfig({ flags, config, env: process.env }).options)
  if (isDevelopment(settings)) return settings
  throw new StartError(
    'A token is made by hand for development only: where issuer and host are on localhost, or with --dev.',
  )
}

const run = async ({
  clientId,
  subject,
  audience,
  scope,
  expiresIn,
  ...flags
}: SettingArguments & MintArguments): Promise<void> => {
  const settings = settingsFor(flags)
  const issuer = settings.issuer?.url ?? `http://localhost:${settings.port}`
  const now = systemClock()
  await withData(flags, { create: false }, async (data) => {
    const client = await data.store.findClient(clientId)
    if (client === undefined) throw new StartError(`There is no client "${clientId}" in ${data.name}.`)
    const encryption = new KeyEncryption(settings.keyEncryptionKeys ?? keysOfFolder(settings.data, { create: false }))
    const keys = await keyRingOf(data, encryption, { now: systemClock, log: () => undefined })
    const generator = signedTokenGenerator(keys, { issuer, audience: audience ?? issuer, profile: 'at+jwt' })
    const token = await generator(contextOf(client, { clientId, subject, scope, expiresIn }, now))
    process.stderr.write(`For debugging: marked "grantry_debug", good for ${expiresIn} seconds. Nobody granted it.\n`)
    process.stdout.write(`${token}\n`)
  })
}

/** `token mint`. */
export const mintCommand = (): Command =>
  withSettings(new Command('mint'), ['issuer', 'port', 'host', 'dev', 'data', 'database', 'databaseWait'])
    .description('make an access token by hand, signed by the key of a server for development')
    .requiredOption('--client-id <id>', 'client that it is issued to')
    .option('--subject <id>', 'user that it is about, by the id in sub (default: the client)')
    .option('--audience <audience>', 'whom it is for (default: the issuer)')
    .addOption(listOption('--scope <scope>', 'scope that it has; may be repeated'))
    .option('--expires-in <seconds>', `how long it is good, at most ${longestSeconds}`, parseSeconds, 60)
    .action(run)
