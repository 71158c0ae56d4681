import { readFileSync } from 'node:fs'
import { extname } from 'node:path'
import { parse as parseToml } from 'smol-toml'
import { parse as parseYaml } from 'yaml'
import { StartError } from '../errors.ts'

const parsers: Readonly<Record<string, (text: string) => unknown>> = {
  '.json': (text) => JSON.parse(text) as unknown,
  '.toml': parseToml,
  '.yaml': (text) => parseYaml(text) as unknown,
  '.yml': (text) => parseYaml(text) as unknown,
}

const firstLine = (thrown: unknown): string =>
  (thrown instanceof Error ? thrown.message : String(thrown)).split('\n')[0] ?? ''

const read = (path: string): string => {
  try {
    return readFileSync(path, 'utf8')
  } catch (thrown) {
    throw new StartError(`The configuration file ${path} cannot be read: ${firstLine(thrown)}.`, 2, thrown)
  }
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** What a configuration file says. JSON, TOML or YAML, by the ending of its name. Throws a `StartError` for one that cannot be read. */
export const readConfigFile = (path: string): Readonly<Record<string, unknown>> => {
  const parse = parsers[extname(path).toLowerCase()]
  if (parse === undefined)
    throw new StartError(`The configuration file ${path} must end in .json, .toml, .yaml or .yml.`, 2)
  const text = read(path)
  let value: unknown
  try {
    value = parse(text)
  } catch (thrown) {
    throw new StartError(`The configuration file ${path} is not what its name says: ${firstLine(thrown)}`, 2, thrown)
  }
  if (isObject(value)) return value
  if (value === null || value === undefined) return {} // an empty file
  throw new StartError(`The configuration file ${path} must hold names with their values.`, 2)
}
