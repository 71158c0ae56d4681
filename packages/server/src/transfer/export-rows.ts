import { sql, type Kysely } from 'kysely'
import type { AnyTables, LongWork } from '../database/long-work.ts'
import { columnsOf, encodeRow, type Column, type Row } from './columns.ts'
import { makeHeader } from './header.ts'
import { portableTables, type Part, type PortableTable } from './portable-tables.ts'

const rowsAtOnce = 500

/** The tables of the server have one realm. */
const realm = ''

type Table = PortableTable & { readonly name: string; readonly columns: readonly Column[] }

/** All rows of a table, a page of them at a time, in the order of their keys. */
async function* pagesOf(database: Kysely<AnyTables>, { name, key }: Table): AsyncGenerator<readonly Row[]> {
  const columns = sql.join(key.map((each) => sql.ref(each)))
  for (let after: readonly unknown[] | undefined = []; after !== undefined;) {
    const last = after
    const rows: readonly Row[] = await database
      .selectFrom(name)
      .selectAll()
      .where('realm', '=', realm)
      .$if(last.length > 0, (query) => query.where(sql<boolean>`(${columns}) > (${sql.join([...last])})`))
      .$call((query) => key.reduce((ordered, each) => ordered.orderBy(each), query))
      .limit(rowsAtOnce)
      .execute()
    yield rows
    const end = rows.length < rowsAtOnce ? undefined : rows.at(-1)
    after = end && key.map((each) => end[each])
  }
}

const tablesOf = async (work: LongWork, chosen: readonly Part[]): Promise<readonly Table[]> => {
  const columns = await columnsOf(work)
  return Object.entries(portableTables)
    .filter(([, { part }]) => chosen.includes(part))
    .map(([name, table]) => ({ ...table, name, columns: columns.get(name) ?? [] }))
}

/** Called now and then with how many rows are done, of how many. */
export type OnProgress = (done: number, total: number) => void

const countRows = async (database: Kysely<AnyTables>, tables: readonly Table[]): Promise<number> => {
  let total = 0
  for (const { name } of tables) {
    const count = database.selectFrom(name).where('realm', '=', realm)
    total += Number((await count.select(({ fn }) => fn.countAll().as('rows')).executeTakeFirstOrThrow()).rows)
  }
  return total
}

async function* linesOf(work: LongWork, chosen: readonly Part[], onProgress: OnProgress): AsyncGenerator<string> {
  const tables = await tablesOf(work, chosen)
  const total = await countRows(work.database, tables)
  yield `${JSON.stringify(await makeHeader(work, chosen))}\n`
  const counts: Record<string, number> = {}
  let done = 0
  for (const table of tables) {
    for await (const rows of pagesOf(work.database, table)) {
      const lines = rows.map((row) => JSON.stringify({ table: table.name, ...encodeRow(table.columns, row) }))
      if (lines.length > 0) yield `${lines.join('\n')}\n`
      counts[table.name] = (counts[table.name] ?? 0) + rows.length
      onProgress((done += rows.length), total)
    }
  }
  yield `${JSON.stringify({ end: true, rows: counts })}\n`
}

const begin = { sqlite: sql`begin`, postgres: sql`begin isolation level repeatable read read only` }

/** The lines of an export, some at a time: one state of the database, while others write. */
export async function* exportLines(
  work: LongWork,
  chosen: readonly Part[],
  onProgress: OnProgress,
): AsyncGenerator<string> {
  await begin[work.kind].execute(work.database)
  try {
    yield* linesOf(work, chosen, onProgress)
  } finally {
    await sql`rollback`.execute(work.database)
  }
}
