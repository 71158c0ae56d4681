/** What the store asks of a driver. A `Pool` of `pg` is one. */
export interface PostgresPool {
  /** Runs one statement. A driver's error has the SQLSTATE as `code`. */
  query(config: { name?: string; text: string; values?: unknown[] }): Promise<{ rows: Record<string, unknown>[] }>
}

/** A name as SQL takes it, whatever is in it. */
export const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`

/** Columns of one of several tables. */
export const prefixed = (table: string, columns: string): string =>
  columns
    .split(/,\s*/)
    .map((column) => `${table}.${column}`)
    .join(', ')

/** The schema that is used where none is named. */
export const defaultSchema = 'grantry'

/** The tables of one schema, as statements name them. */
export type Tables = Readonly<
  Record<'client' | 'grant' | 'code' | 'access' | 'refresh' | 'key' | 'ticket' | 'seen' | 'attempt' | 'lease', string>
>

/** Rows that come as JSON in a parameter; none for null. */
export const given = (table: string, parameter: number): string =>
  `json_populate_recordset(NULL::${table}, $${parameter}::json) AS given`

/** Inserts the rows that come as JSON. */
export const insert = (table: string, columns: string, parameter: number, from = ''): string =>
  `INSERT INTO ${table} (realm, ${columns}) SELECT $1::text, ${columns} FROM ${given(table, parameter)}${from}`
