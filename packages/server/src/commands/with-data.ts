import { Command } from 'commander'
import { readConfig, type ConfigSources } from '../config/read-config.ts'
import { openData, type Data, type DataOptions } from '../data.ts'
import { resolveSettings, type Settings } from '../settings.ts'
import { withSettings } from './options.ts'

/** Flags of settings as they were typed, with the path of a configuration file. */
export type SettingArguments = NonNullable<ConfigSources['flags']> & Pick<ConfigSources, 'config'>

/** What a command is told of where the data is. */
export type DataArguments = Pick<SettingArguments, 'config' | 'data' | 'database' | 'databaseWait' | 'tokenFormat'>

/** A command with the options that say where the data is. */
export const dataCommand = (name: string): Command =>
  withSettings(new Command(name), ['data', 'database', 'databaseWait'])

/** The settings, by flags, environment and file. */
export const settingsOf = ({ config, data, database, databaseWait, tokenFormat }: DataArguments): Settings =>
  resolveSettings(
    readConfig({ flags: { data, database, databaseWait, tokenFormat }, config, env: process.env }).options,
  )

/** Where the data is. */
export const dataOptionsOf = (given: DataArguments): Omit<DataOptions, 'create'> => {
  const how = { databasePool: 1, allowUnsafeDurability: true, log: () => undefined } // whether it is durable is a matter of the server
  return { ...settingsOf(given), ...how }
}

/** Runs `use` on the open database, and closes it whatever comes of it. `create` is as in `DataOptions`. */
export const withData = async (
  given: DataArguments,
  { create }: Pick<DataOptions, 'create'>,
  use: (data: Data) => Promise<void>,
): Promise<void> => {
  const data = await openData({ ...dataOptionsOf(given), create })
  try {
    await use(data)
  } finally {
    await data.close()
  }
}
