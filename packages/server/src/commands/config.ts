import { Command, Option } from 'commander'
import { readConfig, type Config } from '../config/read-config.ts'
import { fileJsonSchema, settings, type SettingName } from '../config/settings-table.ts'
import { templateOf } from '../config/template.ts'
import { requireSafeSettings } from '../doctor/require-safe.ts'
import { presetOf } from '../profiles.ts'
import { resolveSettings } from '../settings.ts'
import { withSettings } from './options.ts'
import { printTable } from './print.ts'
import type { SettingArguments } from './with-data.ts'

const read = ({ config, ...flags }: SettingArguments): Config => {
  const found = readConfig({ flags, config, env: process.env })
  requireSafeSettings(resolveSettings(found.options))
  return found
}

const masked = '(hidden)'

/** Every setting with its value and where it comes from; secrets are hidden. */
const shownOf = ({ options, sources }: Config) => {
  const preset = presetOf(options)
  return settings.map(([name, { fallback, isSecret }]) => {
    const source = sources.get(name) ?? (name in preset ? `profile ${options.profile ?? ''}` : 'default')
    const value: unknown = options[name] ?? preset[name] ?? fallback ?? null
    return { name, value: isSecret === true && sources.has(name) ? masked : value, source }
  })
}

const withoutSecrets = (name: SettingName, value: unknown): unknown => {
  if (name !== 'clients' || !Array.isArray(value)) return value
  return value.map((client: object) => ('secret' in client ? { ...client, secret: masked } : client))
}

const print = withSettings(new Command('print'))
  .description('show every setting with its value and where it comes from; secrets are hidden')
  .option('--json', 'as JSON')
  .action(({ json, ...given }: SettingArguments & { readonly json?: true }) => {
    const shown = shownOf(read(given)).map(({ value, ...rest }) => ({
      ...rest,
      value: withoutSecrets(rest.name, value),
    }))
    if (json === true) process.stdout.write(`${JSON.stringify(shown, undefined, 2)}\n`)
    else
      printTable(
        ['setting', 'value', 'from'],
        shown.map(({ name, value, source }) => [name, textOf(value), source]),
      )
  })

const textOf = (value: unknown): string =>
  value === null ? '' : typeof value === 'string' ? value : JSON.stringify(value)

const validate = withSettings(new Command('validate'))
  .description('check the configuration without starting')
  .action((given: SettingArguments) => {
    const { sources } = read(given)
    process.stdout.write(`The configuration is fine: ${sources.size} of ${settings.length} settings are set.\n`)
  })

const template = new Command('template')
  .description('print a configuration file with every setting and its default')
  .addOption(new Option('--format <format>', 'of the file').choices(['toml', 'yaml']).default('toml'))
  .action(({ format }: { readonly format: 'toml' | 'yaml' }) => void process.stdout.write(templateOf(format)))

const schema = new Command('schema')
  .description('print the JSON schema of the configuration file, for editors')
  .action(() => void process.stdout.write(`${JSON.stringify(fileJsonSchema(), undefined, 2)}\n`))

/** `grantry-server config …`: looks at the configuration. */
export const configCommand = (): Command =>
  new Command('config').addCommand(validate).addCommand(print).addCommand(template).addCommand(schema)
