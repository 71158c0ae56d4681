import type { Claims, JsonValue } from 'grantry'
import { sql, type RawBuilder } from 'kysely'
import type { UserDatabase } from './user-database.ts'
import type { UserView } from './user-view.ts'

/** A user as the table has it. */
export interface ViewRow {
  readonly id: string
  readonly username: string
  readonly password: string | null
  readonly version: string | null
  readonly active: unknown
  /** By the names of claims. */
  readonly claims: Claims
}

type Read = Readonly<Record<string, unknown>> & Pick<ViewRow, 'id' | 'username' | 'password' | 'version' | 'active'>

/** What databases write for it. */
export const isTrue = (value: unknown): boolean => value === true || ['1', 't', 'true'].includes(String(value))

/** A value of a column as a claim; undefined for what is none. */
const toClaim = (name: string, value: unknown): JsonValue | undefined => {
  if (value === null || value === undefined) return undefined
  if (name.endsWith('_verified')) return isTrue(value)
  if (value instanceof Date) return name === 'updated_at' ? Math.floor(value.getTime() / 1000) : value.toISOString()
  if (value instanceof Uint8Array) return undefined
  return value as JsonValue // text, numbers, booleans, and what drivers read of JSON
}

/** Reads users from a table or view. Names of it and of its columns are quoted, and values are parameters. */
export class ViewRows {
  readonly #database: UserDatabase
  readonly #view: UserView
  readonly #claims: readonly (readonly [claim: string, column: string])[]
  readonly #select: RawBuilder<unknown>

  constructor(database: UserDatabase, view: UserView) {
    this.#database = database
    this.#view = view
    this.#claims = Object.entries(view.claims ?? {})
    const { id, username, password, version = password, active } = view
    const columns = [
      ...[[id, 'id'] as const, [username, 'username'] as const, [password, 'password'] as const],
      [version, 'version'] as const,
    ].map(([column, name]) => sql`cast(${sql.id(column)} as text) as ${sql.id(name)}`)
    const others = [
      active === undefined ? sql`1 as active` : sql`${sql.id(active)} as active`,
      ...this.#claims.map(([, column], index) => sql`${sql.id(column)} as ${sql.id(`claim_${index}`)}`),
    ]
    const table = sql.id(...database.partsOf(view.table))
    this.#select = sql`select ${sql.join([...columns, ...others])} from ${table}`
  }

  /** At most two users with a name: where there are two, nobody knows who is meant. */
  byName(username: string | null): Promise<readonly ViewRow[]> {
    return this.#read(sql`where ${sql.id(this.#view.username)} = ${username} limit 2`)
  }

  byId(id: string | null): Promise<readonly ViewRow[]> {
    return this.#read(sql`where ${sql.id(this.#view.id)} = ${id} limit 2`)
  }

  /** Some of them. */
  some(): Promise<readonly ViewRow[]> {
    return this.#read(sql`limit 100`)
  }

  async #read(which: RawBuilder<unknown>): Promise<readonly ViewRow[]> {
    const { rows } = await sql<Read>`${this.#select} ${which}`.execute(this.#database.statements)
    return rows.map(({ id, username, password, version, active, ...others }) => ({
      ...{ id, username, password, version, active },
      claims: Object.fromEntries(this.#claims.map(([name], index) => [name, toClaim(name, others[`claim_${index}`])])),
    }))
  }
}
