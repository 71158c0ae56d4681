import { readFileSync } from 'node:fs'
import type { z } from 'zod'
import { closestName } from '../closest-name.ts'
import { StartError } from '../errors.ts'
import type { ServerOptions } from '../settings.ts'
import { readConfigFile } from './config-file.ts'
import { readText, variableOf, type Setting } from './setting.ts'
import { fileSchema, settings, settingsTable, type SettingName } from './settings-table.ts'

/** A value with where it comes from, in words for people. */
interface Given {
  readonly value: unknown
  readonly source: string
}

/** Where settings are looked for. */
export interface ConfigSources {
  /** Flags as they were typed, by the names of settings. */
  readonly flags?: Readonly<Partial<Record<SettingName, string | readonly string[] | boolean>>> | undefined
  /** The path of a configuration file; that of `GRANTRY_CONFIG` otherwise. */
  readonly config?: string | undefined
  readonly env: Readonly<Record<string, string | undefined>>
}

/** The configuration as it is put together: a flag before a variable, a variable before the file. */
export interface Config {
  readonly options: ServerOptions
  /** Where each setting that is set comes from. */
  readonly sources: ReadonlyMap<SettingName, string>
}

const isName = (name: string): name is SettingName => Object.hasOwn(settingsTable, name)

const suggestion = (name: string, known: readonly string[]): string => {
  const near = closestName(name, known)
  return near === undefined ? '' : ` Did you mean "${near}"?`
}

const fromFile = (path: string): ReadonlyMap<SettingName, Given> => {
  const found = new Map<SettingName, Given>()
  for (const [name, value] of Object.entries(readConfigFile(path))) {
    if (name === '$schema') continue // tells editors where the schema is
    if (!isName(name))
      throw new StartError(
        `${path}: there is no setting "${name}".${suggestion(
          name,
          settings.map(([each]) => each),
        )}`,
        2,
      )
    if (value !== null) found.set(name, { value, source: `${path}: ${name}` })
  }
  return found
}

const readSecretFile = (variable: string, path: string): string => {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch (thrown) {
    throw new StartError(`${variable}: the file "${path}" cannot be read.`, 2, thrown)
  }
}

/** `GRANTRY_PORT`, or the content of the file that `GRANTRY_PORT_FILE` names. */
const fromEnvironment = (name: SettingName, { kind }: Setting, env: ConfigSources['env']): Given | undefined => {
  const variable = variableOf(name)
  const [direct, path] = [env[variable], env[`${variable}_FILE`]]
  if (kind === 'file only' || (direct === undefined && path === undefined)) return undefined
  if (direct !== undefined && path !== undefined)
    throw new StartError(`${variable} and ${variable}_FILE are both set. Leave one of them out.`, 2)
  const source = direct === undefined ? `${variable}_FILE` : variable
  return { value: readText(kind, direct ?? readSecretFile(source, path ?? '')), source }
}

const fromFlag = (name: SettingName, { kind, flag }: Setting, flags: ConfigSources['flags']): Given | undefined => {
  const typed = flags?.[name]
  if (typed === undefined) return undefined
  return { value: typeof typed === 'string' ? readText(kind, typed) : typed, source: flag?.split(' ')[0] ?? name }
}

/** Kubernetes sets such variables for a service of this name. */
const kubernetesHint = (value: unknown): string =>
  typeof value === 'string' && value.startsWith('tcp://') ? ' (set by Kubernetes: enableServiceLinks: false)' : ''

const placeOf = ({ path }: z.core.$ZodIssue, { source }: Given): string =>
  source +
  path
    .slice(1)
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`))
    .join('')

const problemOf = (issue: z.core.$ZodIssue, given: Given, { isSecret, members }: Setting): string => {
  const place = placeOf(issue, given)
  if (issue.code === 'unrecognized_keys' && members !== undefined) {
    const [key = ''] = issue.keys
    return `${place}: there is no "${key}" in ${members.of}.${suggestion(key, members.names)}`
  }
  const message = isSecret === true ? issue.message.replace(/, not .*$/s, '') : issue.message
  return `${place} ${message}${kubernetesHint(given.value)}.`
}

/** Every problem of a configuration, each in a line of its own. */
const problemsOf = (given: ReadonlyMap<SettingName, Given>): readonly string[] => {
  const values = Object.fromEntries([...given].map(([name, { value }]) => [name, value]))
  const { error } = fileSchema.safeParse(values)
  return (error?.issues ?? []).map((issue) => {
    const name = issue.path[0] as SettingName // the object itself is as it should be
    const at = given.get(name) ?? { value: undefined, source: name }
    return problemOf(issue, at, settingsTable[name])
  })
}

/**
 * Puts the configuration together. Throws a `StartError` whose lines name what is wrong, where it is written and what it must be; no secret is
 * in them.
 */
export const readConfig = ({ flags, config, env }: ConfigSources): Config => {
  const path = config ?? env['GRANTRY_CONFIG']
  const given = new Map(path === undefined ? [] : fromFile(path))
  for (const [name, setting] of settings) {
    const found = fromFlag(name, setting, flags) ?? fromEnvironment(name, setting, env)
    if (found !== undefined) given.set(name, found)
  }
  const problems = problemsOf(given)
  if (problems.length > 0) throw new StartError(problems.join('\n'), 2)
  return {
    options: Object.fromEntries([...given].map(([name, { value }]) => [name, value])),
    sources: new Map([...given].map(([name, { source }]) => [name, source])),
  }
}
