import { Command } from 'commander'
import { keepAudit } from '../audit/keep-audit.ts'
import { readConfig, type ConfigSources } from '../config/read-config.ts'
import { openData, type Data, type DataOptions } from '../data.ts'
import { openLog, type Log, type LogRecord } from '../log.ts'
import { resolveSettings, type Settings } from '../settings.ts'
import { watchLog } from '../telemetry/watch-log.ts'
import { withSettings } from './options.ts'

/** Flags of settings as they were typed, with the path of a configuration file. */
export type SettingArguments = NonNullable<ConfigSources['flags']> & Pick<ConfigSources, 'config'>

/** What a command is told of where the data is. */
export type DataArguments = Pick<
  SettingArguments,
  'config' | 'data' | 'database' | 'databaseWait' | 'tokenFormat' | 'issuer'
>

/** A command with the options that say where the data is. */
export const dataCommand = (name: string): Command =>
  withSettings(new Command(name), ['data', 'database', 'databaseWait'])

/** The settings, by flags, environment and file. */
export const settingsOf = ({ config, data, database, databaseWait, tokenFormat, issuer }: DataArguments): Settings =>
  resolveSettings(
    readConfig({ flags: { data, database, databaseWait, tokenFormat, issuer }, config, env: process.env }).options,
  )

/** Where the data is. */
export const dataOptionsOf = (given: DataArguments): Omit<DataOptions, 'create'> => {
  const how = { databasePool: 1, allowUnsafeDurability: true, log: () => undefined } // whether it is durable is a matter of the server
  return { ...settingsOf(given), ...how }
}

/** Keeps what a command tells as audit events, and shows where that fails. */
const commandLog = (): Log => {
  const log = openLog('error')
  return (record) => record.type.startsWith('audit.') && log(record)
}

/**
 * Runs `use` on the open database, and closes it whatever comes of it. `create` is as in `DataOptions`; what `use` tells to `log` becomes audit
 * events.
 */
export const withData = async (
  given: DataArguments,
  { create }: Pick<DataOptions, 'create'>,
  use: (data: Data, log: Log) => Promise<void>,
): Promise<void> => {
  const { settings, watch } = watchLog({ ...settingsOf(given), log: commandLog() })
  const data = keepAudit(await openData({ ...dataOptionsOf(given), create }), settings, watch)
  try {
    await use(data, (record) => settings.log({ ...record, actor: { kind: 'command' } }))
  } finally {
    await data.close()
  }
}

/** Keeps what a command did as an audit event, where it did not work on the open database. */
export const tellAudit = (given: DataArguments, record: LogRecord): Promise<void> =>
  withData(given, { create: false }, async (_, log) => log(record))
