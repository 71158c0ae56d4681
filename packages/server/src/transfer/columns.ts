import type { LongWork } from '../database/long-work.ts'
import { schema } from '../database/postgres-schema.ts'

/** How a column is written in a file. */
export type ColumnKind = 'text' | 'integer' | 'flag' | 'bytes' | 'json'

/** A column of a table. */
export interface Column {
  readonly name: string
  readonly kind: ColumnKind
  readonly isNullable: boolean
}

/** A row as databases give it. */
export type Row = Readonly<Record<string, unknown>>

/** Text columns that hold JSON. */
const jsonColumns = new Set(['record', 'claims', 'scopes', 'resources', 'audience', 'openid', 'receivers', 'event'])
/** Whole numbers of SQLite that are booleans. */
const flagColumns = new Set(['issued', 'successor_used'])

const kindOf = (name: string, dataType: string): ColumnKind => {
  if (dataType === 'bytea' || dataType === 'blob') return 'bytes'
  if (dataType === 'text') return jsonColumns.has(name) ? 'json' : 'text'
  return flagColumns.has(name) ? 'flag' : 'integer'
}

/** The columns of every table, without the realm. */
export const columnsOf = async ({ database, kind }: LongWork): Promise<ReadonlyMap<string, readonly Column[]>> => {
  const tables = await database.introspection.getTables()
  const ours = tables.filter((table) => kind === 'sqlite' || table.schema === schema)
  return new Map(
    ours.map(({ name, columns }) => [
      name,
      columns
        .filter((column) => column.name !== 'realm')
        .map((column) => ({
          name: column.name,
          kind: kindOf(column.name, column.dataType.toLowerCase()),
          isNullable: column.isNullable,
        })),
    ]),
  )
}

const encodeValue = (kind: ColumnKind, value: unknown): unknown => {
  if (kind === 'integer') return Number(value) // PostgreSQL gives text
  if (kind === 'flag') return Boolean(value)
  if (kind === 'bytes') return Buffer.from(value as Uint8Array).toString('base64url') // what drivers give for this kind
  return kind === 'json' ? (JSON.parse(String(value)) as unknown) : value
}

/** A row as it is written. What is null is left out. */
export const encodeRow = (columns: readonly Column[], row: Row): Row =>
  Object.fromEntries(
    columns
      .filter(({ name }) => row[name] !== null && row[name] !== undefined)
      .map(({ name, kind }) => [name, encodeValue(kind, row[name])]),
  )

const rules: Readonly<Record<ColumnKind, readonly [rule: string, isValid: (value: unknown) => boolean]>> = {
  text: ['text', (value) => typeof value === 'string' && !value.includes('\0')],
  integer: ['a whole number', (value) => Number.isSafeInteger(value)],
  flag: ['true or false', (value) => typeof value === 'boolean'],
  bytes: ['base64url', (value) => typeof value === 'string' && /^[\w-]*$/.test(value)],
  json: ['there', (value) => value !== undefined],
}

/** What is wrong with a row that was read; undefined where nothing is. */
export const rowProblem = (columns: readonly Column[], row: Row): string | undefined => {
  const unknown = Object.keys(row).find((name) => !columns.some((column) => column.name === name))
  if (unknown !== undefined) return `there is no member "${unknown}"`
  for (const { name, kind, isNullable } of columns) {
    const isMissing = !Object.hasOwn(row, name)
    const [rule, isValid] = rules[kind]
    if (isMissing ? !isNullable : !isValid(row[name])) return `"${name}" must be ${rule}`
  }
  return undefined
}

const decodeValue = (kind: ColumnKind, value: unknown, database: LongWork['kind']): unknown => {
  if (kind === 'json') return JSON.stringify(value)
  if (kind === 'bytes') return Buffer.from(String(value), 'base64url')
  return kind === 'flag' && database === 'sqlite' ? Number(value) : value
}

/** A row that has no problem, as a database takes it. */
export const decodeRow = (columns: readonly Column[], row: Row, database: LongWork['kind']): Row =>
  Object.fromEntries(
    columns.map(({ name, kind }) => [name, Object.hasOwn(row, name) ? decodeValue(kind, row[name], database) : null]),
  )
