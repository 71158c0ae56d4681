import { sql } from 'kysely'
import type { LongWork } from '../database/long-work.ts'
import { StartError } from '../errors.ts'
import { columnsOf } from './columns.ts'
import { readFooter, readHeader, schemaOf, type Footer, type Header } from './header.ts'
import type { Line } from './read-lines.ts'
import { RowWriter, type Counts } from './row-writer.ts'

/** What an import did, or would do. */
export interface Imported {
  readonly header: Header
  /** What became of the rows, by table. */
  readonly rows: Readonly<Record<string, Counts>>
  /** The first of what is there already and differs, by name. */
  readonly conflicts: readonly string[]
  /** Whether it was kept: not where there are conflicts, and not where it was only tried. */
  readonly isDone: boolean
}

/** How an import goes. */
export interface ImportOptions {
  /** Whether it is undone at its end. */
  readonly isDryRun: boolean
  /** Called with the header before anything is written, to throw where what is sealed could not be opened. */
  readonly onHeader: (header: Header) => void
  /** Called for each line. */
  readonly onProgress: (lines: number) => void
}

const readFirst = async (work: LongWork, lines: AsyncGenerator<Line, undefined>): Promise<Header> => {
  const first = await lines.next()
  const header = readHeader(first.value?.value)
  const known = await schemaOf(work)
  const isNewer = Object.entries(header.schema).some(([set, step]) => step > (known[set] ?? 0))
  if (isNewer)
    throw new StartError(`The export was made by a newer version of Grantry (${header.made_by}). Update this one.`)
  return header
}

const requireWhole = (footer: Footer | undefined, counts: RowWriter['counts']): void => {
  if (footer === undefined) throw new StartError('The export was cut off: its last line is missing.')
  for (const [table, rows] of Object.entries(footer.rows)) {
    const { added, same, differing } = counts[table] ?? { added: 0, same: 0, differing: 0 }
    if (added + same + differing !== rows)
      throw new StartError(`The export is not whole: its last line names ${rows} rows of ${table}, and it has others.`)
  }
}

const writeAll = async (
  work: LongWork,
  lines: AsyncGenerator<Line, undefined>,
  options: ImportOptions,
): Promise<Imported> => {
  const header = await readFirst(work, lines)
  options.onHeader(header)
  const writer = new RowWriter(work, await columnsOf(work))
  let footer: Footer | undefined
  for await (const line of lines) {
    if (footer !== undefined) throw new StartError(`Line ${line.number} comes after the last one.`)
    footer = readFooter(line.value)
    if (footer === undefined) await writer.add(line)
    options.onProgress(line.number)
  }
  await writer.flush()
  requireWhole(footer, writer.counts)
  const { counts: rows, conflicts } = writer
  return { header, rows, conflicts, isDone: conflicts.length === 0 && !options.isDryRun }
}

const begin = { sqlite: sql`begin immediate`, postgres: sql`begin` }

/**
 * Reads an export into a database, in one transaction: all of it, or nothing. Rows that are there as they are in the file stay, so the same import
 * twice is one; with rows that differ nothing is imported. Throws a `StartError` for what is no export that this version reads.
 */
export const importLines = async (
  work: LongWork,
  lines: AsyncGenerator<Line, undefined>,
  options: ImportOptions,
): Promise<Imported> => {
  await begin[work.kind].execute(work.database)
  let isDone = false
  try {
    const imported = await writeAll(work, lines, options)
    if (imported.isDone) await sql`commit`.execute(work.database)
    isDone = imported.isDone
    return imported
  } finally {
    if (!isDone) await sql`rollback`.execute(work.database)
  }
}
