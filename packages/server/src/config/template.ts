import { stringify as stringifyToml } from 'smol-toml'
import { stringify as stringifyYaml } from 'yaml'
import { settings } from './settings-table.ts'
import { fallbackText, variableOf, type Setting } from './setting.ts'

const inToml = (values: Readonly<Record<string, unknown>>): readonly string[] =>
  Object.entries(values).map(([name, value]) => `${name} = ${JSON.stringify(value)}`)

const inYaml = (values: Readonly<Record<string, unknown>>): readonly string[] =>
  Object.entries(values).map(([name, value]) => `${name}: ${JSON.stringify(value)}`)

const exampleIn = (format: 'toml' | 'yaml', values: object): readonly string[] =>
  (format === 'toml' ? stringifyToml(values) : stringifyYaml(values)).trimEnd().split('\n')

const commented = (lines: readonly string[]): readonly string[] => lines.map((line) => `# ${line}`.trimEnd())

const linesOf = (name: string, setting: Setting, format: 'toml' | 'yaml'): readonly string[] => {
  const { description, fallback, kind, example } = setting
  const text = `${description.charAt(0).toUpperCase()}${description.slice(1)}.`
  if (example !== undefined) return [`# ${text}`, ...commented(exampleIn(format, { [name]: example })), '']
  const isValue = typeof fallback !== 'string' || setting.schema.safeParse(fallback).success
  const value = isValue ? (fallback ?? '') : ''
  const line = (format === 'toml' ? inToml : inYaml)({ [name]: kind === 'list' && !Array.isArray(value) ? [] : value })
  const otherwise = isValue ? '' : ` Default: ${fallbackText(setting)}.`
  return [`# ${text}${otherwise} In the environment: ${variableOf(name)}`, ...commented(line), '']
}

/** A configuration file in which every setting is named, commented out, with its default. */
export const templateOf = (format: 'toml' | 'yaml'): string =>
  [
    '# Grantry server. A flag of the command line goes before a variable of the environment, and that before this file.',
    '# A secret is better in a file of its own: GRANTRY_DATABASE_FILE=/run/secrets/database, for example.',
    '',
    ...settings.flatMap(([name, setting]) => linesOf(name, setting, format)),
  ].join('\n')
