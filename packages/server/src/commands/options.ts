import { InvalidArgumentError, Option, type Command } from 'commander'
import { settings, settingsTable, type SettingName } from '../config/settings-table.ts'
import { fallbackText, variableOf, type Setting } from '../config/setting.ts'

/** The flag of a setting. Its value is judged with the rest of the configuration; that it stays undefined says that it was not given. */
const settingOption = (name: SettingName, setting: Setting): readonly Option[] => {
  if (setting.flag === undefined) return []
  const fallback = fallbackText(setting)
  const origin = [...(fallback === '' ? [] : [`default: ${fallback}`]), `env: ${variableOf(name)}`].join(', ')
  const description = `${setting.description} (${origin})`
  const option = new Option(setting.flag, description)
  option.attributeName = () => name
  if (setting.kind !== 'list') return [option]
  return [option.argParser((text, given: readonly string[] | undefined) => [...(given ?? []), text])]
}

/** Where a configuration file is, or `GRANTRY_CONFIG`. */
const configOption = (): Option =>
  new Option('--config <file>', 'configuration file: .json, .toml or .yaml (env: GRANTRY_CONFIG)')

/** Gives a command the flags of some settings more. */
export const addSettings = (command: Command, names: readonly SettingName[]): Command =>
  names
    .flatMap((name) => settingOption(name, settingsTable[name]))
    .reduce((all, option) => all.addOption(option), command)

/** Gives a command the flags of settings, of all where none are named, and says where they may be in a file. */
export const withSettings = (command: Command, names?: readonly SettingName[]): Command => {
  const chosen = settings.map(([name]) => name).filter((name) => names?.includes(name) ?? true)
  return addSettings(command, chosen).addOption(configOption())
}

const parseSeconds = (text: string): number => {
  if (/^\d{1,8}$/.test(text) && Number(text) >= 1 && Number(text) <= 31_536_000) return Number(text)
  throw new InvalidArgumentError('It must be a whole number from 1 to 31536000.')
}

/** `--expires-in` of a token, in seconds. */
export const expiresInOption = (): Option =>
  new Option('--expires-in <seconds>', 'how long it is good').argParser(parseSeconds).default(86_400)

const parseText = (text: string): string => {
  if (text.trim() !== '') return text
  throw new InvalidArgumentError('It must not be empty.')
}

/** An option that may be given more than once. */
export const listOption = (flags: string, description: string): Option =>
  new Option(flags, description)
    .argParser((text, given: readonly string[]) => [...given, parseText(text)])
    .default([], 'none')
