import { once } from 'node:events'
import { Command } from 'commander'
import { developmentClientId } from '../bootstrap.ts'
import { readConfig } from '../config/read-config.ts'
import { startServer, type RunningServer } from '../start-server.ts'
import { withSettings } from './options.ts'
import type { SettingArguments } from './with-data.ts'

/** A word of a POSIX shell. */
const quote = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`

const trim = (issuer: string): string => issuer.replace(/\/$/, '')

const curlLine = (issuer: string, clientId: string, secret: string): string =>
  `curl -s -u ${quote(`${clientId}:${secret}`)} -d grant_type=client_credentials ${quote(`${trim(issuer)}/token`)}`

const dataOf = ({ data, database }: RunningServer): string =>
  database === undefined ? `--data ${quote(data)}` : '--database "$GRANTRY_DATABASE"'

const registrationLines = (server: RunningServer): readonly string[] => {
  const { registration } = server
  if (registration === 'off') return []
  const how = `with a token of: grantry-server registration-token create ${dataOf(server)}`
  return [`Registration: ${registration === 'open' ? 'open to everyone who can reach this server' : how}`]
}

const firstStartLines = ({ issuer, firstStart }: RunningServer): readonly string[] => {
  if (firstStart === undefined) return []
  const { clientId, clientSecret, username, password } = firstStart
  const credentials = [
    ...(clientSecret === undefined ? [] : [`  client id      ${clientId}`, `  client secret  ${clientSecret}`]),
    ...(password === undefined ? [] : [`  user           ${username}`, `  password       ${password}`]),
  ]
  const curl = clientSecret === undefined ? [] : ['', 'Get a token:', `  ${curlLine(issuer, clientId, clientSecret)}`]
  const account = password === undefined ? [] : ['', 'See what users see:', `  ${trim(issuer)}/account`]
  return ['', 'Made for development. These are shown once:', ...credentials, ...curl, ...account]
}

const laterStartLines = (server: RunningServer): readonly string[] => {
  const folder = dataOf(server)
  if (server.isDevelopment) {
    const mend = `For a new one: grantry-server client rotate-secret ${developmentClientId} ${folder}`
    return [`The secret of ${developmentClientId} was shown at the first start. ${mend}`]
  }
  const mend = `Make them: grantry-server client create ${folder}, grantry-server user create NAME ${folder}`
  return [`This is no server for development, so no client and no user were made for development. ${mend}`]
}

const report = (server: RunningServer): string =>
  [
    `Grantry is running at ${server.url}. Stop it with Ctrl-C.`,
    `Issuer: ${server.issuer}`,
    server.database === undefined ? `Data: ${server.data}` : `Database: ${server.database}`,
    ...(server.adminUrl === undefined ? [] : [`Administration: ${server.adminUrl}`]),
    ...(server.metricsUrl === undefined ? [] : [`Metrics: ${server.metricsUrl}/metrics`]),
    ...registrationLines(server),
    ...(server.firstStart === undefined ? laterStartLines(server) : firstStartLines(server)),
    '',
  ].join('\n')

const stopSignal = (): Promise<unknown> => Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')])

/** `grantry-server start`: runs the server until it is told to stop. */
export const startCommand = (): Command =>
  withSettings(new Command('start')).action(async ({ config, ...flags }: SettingArguments) => {
    const stop = stopSignal()
    const server = await startServer(readConfig({ flags, config, env: process.env }).options)
    process.stdout.write(report(server))
    await stop
    await server.close()
  })
