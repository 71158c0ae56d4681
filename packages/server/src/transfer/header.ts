import { sql } from 'kysely'
import { z } from 'zod'
import { sealedColumns } from '../backup/sealed-columns.ts'
import type { LongWork } from '../database/long-work.ts'
import { StartError } from '../errors.ts'
import { version } from '../version.ts'
import { parts, portableTables, type Part } from './portable-tables.ts'

const count = z.int().min(0)

const headerSchema = z.object({
  format: z.literal('grantry-export'),
  /** Grows when an older version could not read it. */
  version: z.literal(1),
  created_at: z.iso.datetime(),
  made_by: z.string(),
  parts: z.array(z.enum(parts)),
  /** The newest step of each set of migrations. */
  schema: z.record(z.string(), count),
  /** The ids of the key-encryption keys by which what is in it is sealed. */
  sealed_by: z.array(z.string()),
})

/** The first line of an export. */
export type Header = z.infer<typeof headerSchema>

const footerSchema = z.object({ end: z.literal(true), rows: z.record(z.string(), count) })

/** The last line, with how many rows of each table came before: a file without it was cut off. */
export type Footer = z.infer<typeof footerSchema>

const migrationTables = ['grantry_migration', 'server_migration']

/** The newest step of each set of migrations in a database. */
export const schemaOf = async ({ database }: LongWork): Promise<Header['schema']> => {
  const found: [string, number][] = []
  for (const table of migrationTables) {
    const row = await database
      .selectFrom(table)
      .select(({ fn }) => fn.max('version').as('newest'))
      .executeTakeFirst()
    found.push([table, Number(row?.newest ?? 0)])
  }
  return Object.fromEntries(found)
}

const sealersOf = async ({ database }: LongWork, chosen: readonly Part[]): Promise<readonly string[]> => {
  const ids = new Set<string>()
  for (const { table, column } of sealedColumns) {
    const part = portableTables[table]?.part
    if (part === undefined || !chosen.includes(part)) continue
    const id = sql<string>`substr(${sql.ref(column)}, 10, 8)`
    const rows = await database
      .selectFrom(table)
      .select(id.as('id'))
      .distinct()
      .where(column, 'like', 'sealed:1:%')
      .execute()
    for (const row of rows) ids.add(row.id)
  }
  return [...ids].sort()
}

/** Makes the header of an export. */
export const makeHeader = async (work: LongWork, chosen: readonly Part[]): Promise<Header> => ({
  ...{ format: 'grantry-export', version: 1 },
  ...{ created_at: new Date().toISOString(), made_by: version, parts: [...chosen] },
  ...{ schema: await schemaOf(work), sealed_by: [...(await sealersOf(work, chosen))] },
})

/** Reads a first line. Throws a `StartError` for one that is not of an export which this version reads. */
export const readHeader = (line: unknown): Header => {
  const { data } = headerSchema.safeParse(line)
  if (data !== undefined) return data
  throw new StartError('The first line is not the header of an export that this version of Grantry reads.')
}

/** Reads a last line; undefined for any other. */
export const readFooter = (line: unknown): Footer | undefined => footerSchema.safeParse(line).data
