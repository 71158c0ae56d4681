import { once } from 'node:events'
import type { Command } from 'commander'
import { developmentClientId } from '../bootstrap.ts'
import type { ServerOptions } from '../settings.ts'
import { startServer, type RunningServer } from '../start-server.ts'
import {
  allowsUnsafeDurability,
  databasePoolOption,
  hostOption,
  issuerOption,
  keyEncryptionKeys,
  keyRotationOption,
  listOption,
  portOption,
  profileOption,
  tokenFormatOption,
  unsafeDurabilityOption,
} from './options.ts'
import { dataCommand } from './with-data.ts'

/** A word of a POSIX shell. */
const quote = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`

const curlLine = (issuer: string, clientId: string, secret: string): string =>
  `curl -s -u ${quote(`${clientId}:${secret}`)} -d grant_type=client_credentials ${quote(`${issuer.replace(/\/$/, '')}/token`)}`

const firstStartLines = ({ issuer, firstStart }: RunningServer): readonly string[] => {
  if (firstStart === undefined) return []
  const { clientId, clientSecret, username, password } = firstStart
  const credentials = [
    ...(clientSecret === undefined ? [] : [`  client id      ${clientId}`, `  client secret  ${clientSecret}`]),
    ...(password === undefined ? [] : [`  user           ${username}`, `  password       ${password}`]),
  ]
  const curl = clientSecret === undefined ? [] : ['', 'Get a token:', `  ${curlLine(issuer, clientId, clientSecret)}`]
  return ['', 'Made for development. These are shown once:', ...credentials, ...curl]
}

const laterStartLines = ({ isLocal, data, database }: RunningServer): readonly string[] => {
  const folder = database === undefined ? `--data ${quote(data)}` : '--database "$GRANTRY_DATABASE"'
  if (isLocal) {
    const mend = `For a new one: grantry-server client rotate-secret ${developmentClientId} ${folder}`
    return [`The secret of ${developmentClientId} was shown at the first start. ${mend}`]
  }
  const mend = `Make them: grantry-server client create ${folder}, grantry-server user create NAME ${folder}`
  return [`The issuer is not on localhost, so no client and no user were made for development. ${mend}`]
}

const report = (server: RunningServer): string =>
  [
    `Grantry is running at ${server.url}. Stop it with Ctrl-C.`,
    `Issuer: ${server.issuer}`,
    server.database === undefined ? `Data: ${server.data}` : `Database: ${server.database}`,
    ...(server.firstStart === undefined ? laterStartLines(server) : firstStartLines(server)),
    '',
  ].join('\n')

const stopSignal = (): Promise<unknown> => Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')])

/** `grantry-server start`: runs the server until it is told to stop. */
export const startCommand = (): Command =>
  dataCommand('start')
    .description('run the server')
    .addOption(portOption())
    .addOption(hostOption())
    .addOption(databasePoolOption())
    .addOption(unsafeDurabilityOption())
    .addOption(issuerOption())
    .addOption(tokenFormatOption())
    .addOption(profileOption())
    .addOption(keyRotationOption())
    .addOption(listOption('--resource <uri>', 'protected resource that tokens may be asked for; may be repeated'))
    .action(async ({ resource, ...options }: ServerOptions & { readonly resource: readonly string[] }) => {
      const stop = stopSignal()
      const server = await startServer({
        ...options,
        allowUnsafeDurability: options.allowUnsafeDurability ?? allowsUnsafeDurability(process.env),
        resources: resource,
        keyEncryptionKeys: keyEncryptionKeys(process.env),
      })
      process.stdout.write(report(server))
      await stop
      await server.close()
    })
