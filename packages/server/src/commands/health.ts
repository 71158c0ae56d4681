import { Command } from 'commander'
import { readConfig } from '../config/read-config.ts'
import { StartError } from '../errors.ts'
import { resolveSettings } from '../settings.ts'
import { withSettings } from './options.ts'
import type { SettingArguments } from './with-data.ts'

const waitMs = 2000
/** What a server listens at that listens at every address. */
const everywhere = new Set(['0.0.0.0', '::'])

const hostOf = (host: string): string => (everywhere.has(host) ? 'localhost' : host.includes(':') ? `[${host}]` : host)

/** `grantry-server health`: asks the server of this machine whether it is ready, as containers and services do. */
export const healthCommand = (): Command =>
  withSettings(new Command('health'), ['port', 'host', 'issuer']).action(
    async ({ config, ...flags }: SettingArguments) => {
      const { port, host, issuer } = resolveSettings(readConfig({ flags, config, env: process.env }).options)
      const url = `http://${hostOf(host)}:${port}${issuer?.path ?? ''}/health/ready`
      const answer = await fetch(url, { signal: AbortSignal.timeout(waitMs) }).catch((thrown: unknown) => {
        throw new StartError(`No server answers at ${url}.`, 1, thrown)
      })
      if (answer.status !== 200) throw new StartError(`The server at ${url} is not ready (${answer.status}).`)
      process.stdout.write('ready\n')
    },
  )
