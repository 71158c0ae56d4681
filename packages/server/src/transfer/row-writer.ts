import { isDeepStrictEqual } from 'node:util'
import type { LongWork } from '../database/long-work.ts'
import { StartError } from '../errors.ts'
import { decodeRow, encodeRow, rowProblem, type Column, type Row } from './columns.ts'
import { portableTables, type PortableTable } from './portable-tables.ts'
import type { Line } from './read-lines.ts'

const rowsAtOnce = 200

/** The tables of the server have one realm. */
const realm = ''

/** What became of the rows of one table. */
export interface Counts {
  /** New ones. */
  readonly added: number
  /** Those that were there already, as they are in the file. */
  readonly same: number
  /** Those that are there and differ. */
  readonly differing: number
}

/** The most rows that are remembered by name because they differ. */
const mostNamed = 20

const isRow = (value: unknown): value is Row => typeof value === 'object' && value !== null && !Array.isArray(value)

const keyOf = ({ key }: PortableTable, row: Row): string => JSON.stringify(key.map((each) => row[each]))

const nameOf = (name: string, { key, knownBy }: PortableTable, row: Row): string => {
  const known = knownBy === undefined ? key : [knownBy]
  return `${name} ${known.map((each) => `"${String(row[each])}"`).join(' ')}`
}

/** Rows of one table that wait to be written. */
interface Batch {
  readonly name: string
  readonly table: PortableTable
  readonly columns: readonly Column[]
  readonly rows: Row[]
}

/** Writes rows as they come, some at a time, and tells what became of them. Rows that are there already are left as they are. */
export class RowWriter {
  readonly #work: LongWork
  readonly #columns: ReadonlyMap<string, readonly Column[]>
  readonly #counts = new Map<string, Counts>()
  readonly #conflicts: string[] = []
  #batch: Batch | undefined

  constructor(work: LongWork, columns: ReadonlyMap<string, readonly Column[]>) {
    this.#work = work
    this.#columns = columns
  }

  /** What became of the rows that were written, by table. */
  get counts(): Readonly<Record<string, Counts>> {
    return Object.fromEntries(this.#counts)
  }

  /** The first rows that are there already and differ, by name. */
  get conflicts(): readonly string[] {
    return this.#conflicts
  }

  /** Takes a row, which is written with those that follow. Throws a `StartError` for what is none. */
  async add({ number, value }: Line): Promise<void> {
    const { table: name, ...row }: Row = isRow(value) ? value : {}
    const table = typeof name === 'string' && Object.hasOwn(portableTables, name) ? portableTables[name] : undefined
    if (typeof name !== 'string' || table === undefined)
      throw new StartError(`Line ${number} names no table that can be imported.`)
    const columns = this.#columns.get(name) ?? []
    const problem = rowProblem(columns, row)
    if (problem !== undefined) throw new StartError(`Line ${number} (${name}): ${problem}.`)
    if (this.#batch?.name !== name || this.#batch.rows.length === rowsAtOnce) await this.flush()
    this.#batch ??= { name, table, columns, rows: [] }
    this.#batch.rows.push(row)
  }

  /** Writes what was taken. */
  async flush(): Promise<void> {
    const batch = this.#batch
    this.#batch = undefined
    if (batch === undefined) return
    const { name, table, rows } = batch
    const added = await this.#insert(batch)
    const kept = rows.filter((row) => !added.has(keyOf(table, row)))
    const found = await this.#find({ ...batch, rows: kept })
    const differing = kept.filter((row) => !isDeepStrictEqual(found.get(keyOf(table, row)), row))
    const before = this.#counts.get(name) ?? { added: 0, same: 0, differing: 0 }
    this.#counts.set(name, {
      added: before.added + added.size,
      same: before.same + kept.length - differing.length,
      differing: before.differing + differing.length,
    })
    const names = differing.map((row) => nameOf(name, table, row))
    this.#conflicts.push(...names.slice(0, mostNamed - this.#conflicts.length))
  }

  /** The keys of the rows that were new. */
  async #insert({ name, table, columns, rows }: Batch): Promise<ReadonlySet<string>> {
    const inserted: readonly Row[] = await this.#work.database
      .insertInto(name)
      .values(rows.map((row) => ({ realm, ...decodeRow(columns, row, this.#work.kind) })))
      .onConflict((conflict) => conflict.doNothing())
      .returning([...table.key])
      .execute()
    return new Set(inserted.map((row) => keyOf(table, encodeRow(columns, row))))
  }

  /** The rows with the same keys as they are there, by these. */
  async #find({ name, table, columns, rows }: Batch): Promise<ReadonlyMap<string, Row>> {
    if (rows.length === 0) return new Map()
    const decoded = rows.map((row) => decodeRow(columns, row, this.#work.kind))
    const found: readonly Row[] = await this.#work.database
      .selectFrom(name)
      .selectAll()
      .where('realm', '=', realm)
      .where((eb) => eb.or(decoded.map((row) => eb.and(table.key.map((each) => eb(each, '=', row[each]))))))
      .execute()
    return new Map(found.map((row) => encodeRow(columns, row)).map((row) => [keyOf(table, row), row]))
  }
}
