import {
  DummyDriver,
  Kysely,
  PostgresAdapter,
  PostgresQueryCompiler,
  sql,
  SqliteAdapter,
  SqliteQueryCompiler,
  type CreateTableBuilder,
  type Dialect,
  type RawBuilder,
} from 'kysely'

/** What the dialects write differently. */
export interface Flavour {
  readonly dialect: Pick<Dialect, 'createAdapter' | 'createQueryCompiler'>
  /** Text that is compared: by byte, so that an update of the system's collations cannot break an index. */
  readonly key: RawBuilder<unknown>
  readonly bytes: RawBuilder<unknown>
  /** Whole seconds, and other whole numbers. */
  readonly integer: RawBuilder<unknown>
  readonly tableEnd?: RawBuilder<unknown>
  /** The e-mail address in the column `claims`; null for what is none. */
  readonly email: string
}

/** Both of them. */
export const flavours = {
  sqlite: {
    dialect: { createAdapter: () => new SqliteAdapter(), createQueryCompiler: () => new SqliteQueryCompiler() },
    ...{ key: sql`text`, bytes: sql`blob`, integer: sql`integer`, tableEnd: sql`strict` },
    email: `case when json_type(claims, '$.email') = 'text' then lower(json_extract(claims, '$.email')) end`,
  },
  postgres: {
    dialect: { createAdapter: () => new PostgresAdapter(), createQueryCompiler: () => new PostgresQueryCompiler() },
    ...{ key: sql`text collate "C"`, bytes: sql`bytea`, integer: sql`bigint` },
    // Text of PostgreSQL cannot hold U+0000, so what may have it is not looked into.
    email: `case when position('\\u0000' in claims) = 0 and json_typeof(claims::json -> 'email') = 'string'
      then lower(claims::json ->> 'email') end`,
  },
} satisfies Readonly<Record<string, Flavour>>

type Schema = Kysely<unknown>['schema']

/** What a step says of a statement. */
interface Statement {
  compile(): { readonly sql: string }
}

/** Makes statements that change the tables. */
export type Step = (schema: Schema, flavour: Flavour) => readonly Statement[]

/** One that no builder makes. */
export const statement = (text: string): Statement => ({ compile: () => ({ sql: text }) })

/** A new table, whose first column is the realm. */
export const newTable = (
  schema: Schema,
  { key, tableEnd }: Flavour,
  name: string,
): CreateTableBuilder<string, 'realm'> => {
  const made = schema.createTable(name).addColumn('realm', key, (column) => column.notNull())
  return tableEnd === undefined ? made : made.modifyEnd(tableEnd)
}

/** The SQL of a step for a database. */
export const compile = (step: Step, flavour: Flavour): string => {
  const dialect: Dialect = {
    ...flavour.dialect,
    createDriver: () => new DummyDriver(),
    createIntrospector: () => {
      throw new Error('There is no database to look at.')
    },
  }
  const { schema } = new Kysely<unknown>({ dialect })
  return step(schema, flavour)
    .map((statement) => `${statement.compile().sql};\n`)
    .join('')
}
