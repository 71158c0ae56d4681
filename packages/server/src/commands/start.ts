import cluster from 'node:cluster'
import { Command } from 'commander'
import { developmentClientId } from '../bootstrap.ts'
import { readConfig } from '../config/read-config.ts'
import type { ServerInfo } from '../cluster/messages.ts'
import { workersOf } from '../cluster/workers-of.ts'
import { resolveSettings, type ServerOptions, type Settings } from '../settings.ts'
import { toldToStop } from '../told-to-stop.ts'
import { withSettings } from './options.ts'
import type { SettingArguments } from './with-data.ts'

/** A word of a POSIX shell. */
const quote = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`

const trim = (issuer: string): string => issuer.replace(/\/$/, '')

const curlLine = (issuer: string, clientId: string, secret: string): string =>
  `curl -s -u ${quote(`${clientId}:${secret}`)} -d grant_type=client_credentials ${quote(`${trim(issuer)}/token`)}`

const dataOf = ({ data, database }: ServerInfo): string =>
  database === undefined ? `--data ${quote(data)}` : '--database "$GRANTRY_DATABASE"'

const registrationLines = (server: ServerInfo): readonly string[] => {
  const { registration } = server
  if (registration === 'off') return []
  const how = `with a token of: grantry-server registration-token create ${dataOf(server)}`
  return [`Registration: ${registration === 'open' ? 'open to everyone who can reach this server' : how}`]
}

const firstStartLines = ({ issuer, firstStart }: ServerInfo): readonly string[] => {
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

const laterStartLines = (server: ServerInfo): readonly string[] => {
  const folder = dataOf(server)
  if (server.isDevelopment) {
    const mend = `For a new one: grantry-server client rotate-secret ${developmentClientId} ${folder}`
    return [`The secret of ${developmentClientId} was shown at the first start. ${mend}`]
  }
  const mend = `Make them: grantry-server client create ${folder}, grantry-server user create NAME ${folder}`
  return [`This is no server for development, so no client and no user were made for development. ${mend}`]
}

const report = (server: ServerInfo): string =>
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

/** Runs the server in this process. */
const runAlone = async ({ log }: Settings, options: ServerOptions): Promise<void> => {
  const detail = 'One process cannot be replaced by the next without a gap. Restart it, or start it with --workers 2.'
  const stop = toldToStop(() => log({ type: 'reload.ignored', detail }))
  const { startServer } = await import('../start-server.ts')
  const server = await startServer({ ...options, log })
  process.stdout.write(report(server))
  await stop
  await server.close()
}

/** `grantry-server start`: runs the server until it is told to stop. */
export const startCommand = (): Command =>
  withSettings(new Command('start')).action(async ({ config, ...flags }: SettingArguments) => {
    const read = (): ServerOptions => readConfig({ flags, config, env: process.env }).options
    const options = read()
    if (cluster.isWorker) return (await import('../cluster/worker.ts')).runWorker(options)
    const settings = resolveSettings(options)
    if (workersOf(settings) === 1) return runAlone(settings, options)
    const { runPrimary } = await import('../cluster/primary.ts') // which needs little of a server
    const onReady = (info: ServerInfo): void => void process.stdout.write(report(info))
    process.exitCode = await runPrimary(settings, { read: () => resolveSettings(read()), onReady })
  })
