/** The tables of the SQL stores, defined once and compiled for each dialect by `npm run schema`. */
import {
  DummyDriver,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  sql,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
  type ColumnDefinitionBuilder,
  type Dialect,
  type RawBuilder,
} from 'kysely'

/** How a dialect writes what the tables need. */
interface Flavour {
  readonly dialect: Dialect
  /** Text that is compared: by byte, so that an update of a system's collations cannot break an index. */
  readonly key: RawBuilder<unknown>
  readonly digest: RawBuilder<unknown>
  /** Whole seconds, and other whole numbers. */
  readonly integer: RawBuilder<unknown>
  readonly flag: RawBuilder<unknown>
  readonly no: RawBuilder<unknown>
  readonly tableEnd: RawBuilder<unknown> | undefined
}

/** The dialects that there are stores for. */
export const flavours = {
  sqlite: {
    dialect: {
      createAdapter: () => new SqliteAdapter(),
      createDriver: () => new DummyDriver(),
      createIntrospector: (database) => new SqliteIntrospector(database),
      createQueryCompiler: () => new SqliteQueryCompiler(),
    },
    key: sql`text`,
    digest: sql`blob`,
    integer: sql`integer`,
    flag: sql`integer`,
    no: sql`0`,
    tableEnd: sql`strict`,
  },
  postgres: {
    dialect: {
      createAdapter: () => new PostgresAdapter(),
      createDriver: () => new DummyDriver(),
      createIntrospector: (database) => new PostgresIntrospector(database),
      createQueryCompiler: () => new PostgresQueryCompiler(),
    },
    key: sql`text collate "C"`,
    digest: sql`bytea`,
    integer: sql`bigint`,
    flag: sql`boolean`,
    no: sql`false`,
    tableEnd: undefined,
  },
} satisfies Readonly<Record<string, Flavour>>

type ColumnType = 'key' | 'digest' | 'integer' | 'flag' | 'text'

/** A column: its type, with `?` where it may be null. */
type Column = ColumnType | `${ColumnType}?`

interface Table {
  readonly columns: Readonly<Record<string, Column>>
  readonly primaryKey: readonly string[]
  readonly indices?: Readonly<Record<string, Index>>
}

/** Columns, and `partial` for those that leave out rows whose last column is null. */
interface Index {
  readonly on: readonly string[]
  readonly kind?: 'partial' | 'unique partial'
}

const expiry = (name: string): NonNullable<Table['indices']> => ({
  [`${name}_expiry`]: { on: ['realm', 'expires_at'] },
})

// Lists and claims are JSON as text: a column of a JSON type of PostgreSQL refuses the escape of U+0000, which claims may hold.
/** The tables of version 1. A change is a step of `steps`, never an edit: databases have this one. */
const tables: Readonly<Record<string, Table>> = {
  client: { columns: { realm: 'key', id: 'key', record: 'text' }, primaryKey: ['realm', 'id'] },
  grant: {
    columns: {
      ...{ realm: 'key', id: 'key', client_id: 'key', user_id: 'key?', created_at: 'integer' },
      ...{ revoked_at: 'integer?', issued: 'flag', purge_at: 'integer' },
    },
    primaryKey: ['realm', 'id'],
    indices: {
      grant_purge: { on: ['realm', 'purge_at'] },
      grant_user: { on: ['realm', 'user_id', 'client_id'] },
      grant_client: { on: ['realm', 'client_id'] },
    },
  },
  code: {
    columns: {
      ...{ realm: 'key', digest: 'digest', client_id: 'key', user_id: 'key', grant_id: 'key', scopes: 'text?' },
      ...{ redirect_uri: 'text?', code_challenge: 'text?', code_challenge_method: 'text?' },
      ...{ resources: 'text?', claims: 'text?', openid: 'text?', expires_at: 'integer', consumed_at: 'integer?' },
    },
    primaryKey: ['realm', 'digest'],
    indices: expiry('code'),
  },
  // Client and user of an access token are null where they are those of its grant: a table of millions is a third smaller so.
  access_token: {
    columns: {
      ...{ realm: 'key', digest: 'digest', client_id: 'key?', user_id: 'key?', grant_id: 'key?', scopes: 'text?' },
      ...{ audience: 'text?', claims: 'text?', openid: 'text?', issued_at: 'integer', expires_at: 'integer' },
    },
    primaryKey: ['realm', 'digest'],
    indices: expiry('access_token'),
  },
  refresh_token: {
    columns: {
      ...{ realm: 'key', digest: 'digest', client_id: 'key', user_id: 'key?', grant_id: 'key', scopes: 'text?' },
      ...{ resources: 'text?', claims: 'text?', openid: 'text?', issued_at: 'integer', expires_at: 'integer' },
      ...{ family_expires_at: 'integer', superseded_at: 'integer?', predecessor: 'digest?' },
      ...{ successor_used: 'flag', sealed: 'text?', replays: 'integer' },
    },
    primaryKey: ['realm', 'digest'],
    indices: expiry('refresh_token'),
  },
  ticket: {
    columns: {
      ...{ realm: 'key', kind: 'key', digest: 'digest', alt_digest: 'digest?', client_id: 'key', grant_id: 'key?' },
      ...{ state: 'key', payload: 'text', poll_interval: 'integer', expires_at: 'integer' },
      ...{ polled_at: 'integer?', consumed_at: 'integer?' },
    },
    primaryKey: ['realm', 'kind', 'digest'],
    indices: { ...expiry('ticket'), ticket_alt: { on: ['realm', 'kind', 'alt_digest'], kind: 'unique partial' } },
  },
  seen: {
    columns: { realm: 'key', space: 'key', digest: 'digest', expires_at: 'integer' },
    primaryKey: ['realm', 'space', 'digest'],
    indices: expiry('seen'),
  },
  attempt: {
    columns: { realm: 'key', space: 'key', digest: 'digest', attempts: 'integer', expires_at: 'integer' },
    primaryKey: ['realm', 'space', 'digest'],
    indices: expiry('attempt'),
  },
  lease: { columns: { realm: 'key', name: 'key', owner: 'key', expires_at: 'integer' }, primaryKey: ['realm', 'name'] },
  signing_key: {
    columns: { realm: 'key', key_id: 'key', algorithm: 'text', private_key: 'text', created_at: 'integer' },
    primaryKey: ['realm', 'key_id'],
  },
}

/** What a later version adds to a table. */
type Addition = Pick<Table, 'columns' | 'indices'> & {
  /** Indices that are not needed any more. */
  readonly dropped?: readonly string[]
}

/** The versions of the schema after the first one. */
const later: readonly { readonly name: string; readonly additions: Readonly<Record<string, Addition>> }[] = [
  {
    name: 'sessions',
    additions: {
      grant: {
        columns: { session_id: 'key?' },
        indices: { grant_session: { on: ['realm', 'session_id'], kind: 'partial' } },
      },
    },
  },
  {
    // The grants of a client in the order in which they are shown; the index before it found them in none.
    name: 'grants_by_time',
    additions: {
      grant: {
        columns: {},
        indices: { grant_client_time: { on: ['realm', 'client_id', 'created_at', 'id'] } },
        dropped: ['grant_client'],
      },
    },
  },
]

/** Columns that have a value before anything says so. */
const defaults: Readonly<Record<string, (flavour: Flavour) => RawBuilder<unknown>>> = {
  issued: ({ no }) => no,
  successor_used: ({ no }) => no,
  replays: () => sql`0`,
}

const typeOf = (flavour: Flavour, column: Column): RawBuilder<unknown> => {
  const type = column.replace('?', '') as ColumnType // the only other character of the type
  return type === 'text' ? sql`text` : flavour[type]
}

const define =
  (flavour: Flavour, name: string, column: Column) =>
  (builder: ColumnDefinitionBuilder): ColumnDefinitionBuilder => {
    const filled = defaults[name]
    const typed = column.endsWith('?') ? builder : builder.notNull()
    return filled === undefined ? typed : typed.defaultTo(filled(flavour))
  }

type Schema = Kysely<unknown>['schema']

const compileIndices = (schema: Schema, table: string, { indices = {} }: Addition): readonly string[] =>
  Object.entries(indices).map(([index, { on, kind }]) => {
    const created = schema
      .createIndex(index)
      .on(table)
      .columns(on.map((column) => sql.ref(column)))
    if (kind === undefined) return created.compile().sql
    const isThere = sql<boolean>`${sql.ref(on.at(-1) ?? '')} is not null`
    return (kind === 'partial' ? created : created.unique()).where(isThere).compile().sql
  })

const compileTable = (schema: Schema, flavour: Flavour, name: string, definition: Table): readonly string[] => {
  let table = schema.createTable(name)
  for (const [column, type] of Object.entries(definition.columns))
    table = table.addColumn(column, typeOf(flavour, type), define(flavour, column, type))
  table = table.addPrimaryKeyConstraint(`${name}_key`, [...definition.primaryKey] as never[]) // the builder knows no column of a table without a type
  if (flavour.tableEnd !== undefined) table = table.modifyEnd(flavour.tableEnd)
  return [table.compile().sql, ...compileIndices(schema, name, definition)]
}

const compileAddition = (schema: Schema, flavour: Flavour, name: string, addition: Addition): readonly string[] => {
  const columns = Object.entries(addition.columns).map(
    ([column, type]) =>
      schema
        .alterTable(name)
        .addColumn(column, typeOf(flavour, type), define(flavour, column, type))
        .compile().sql,
  )
  const dropped = (addition.dropped ?? []).map((index) => schema.dropIndex(index).compile().sql)
  return [...columns, ...compileIndices(schema, name, addition), ...dropped]
}

/** The statements of each version of the schema, for one dialect. */
export const compileSchema = (
  flavour: Flavour,
): readonly { readonly name: string; readonly statements: readonly string[] }[] => {
  const { schema } = new Kysely<unknown>({ dialect: flavour.dialect })
  const first = Object.entries(tables).flatMap(([name, table]) => compileTable(schema, flavour, name, table))
  const others = later.map(({ name, additions }) => ({
    name,
    statements: Object.entries(additions).flatMap(([table, added]) => compileAddition(schema, flavour, table, added)),
  }))
  return [{ name: 'tables', statements: first }, ...others]
}
