import { DatabaseSync } from 'node:sqlite'
import { migrateSqlite, storeMigrations } from 'grantry/storage/sqlite'
import { Kysely } from 'kysely'
import type { AnyTables } from '../packages/server/src/database/long-work.ts'
import { serverMigrations } from '../packages/server/src/database/server-migrations.ts'
import { dialectOver } from '../packages/server/src/database/sqlite-dialect.ts'
import { columnsOf, type Column } from '../packages/server/src/transfer/columns.ts'
import { defaultParts, leftOut, portableTables } from '../packages/server/src/transfer/portable-tables.ts'

const tablesOf = async (): Promise<ReadonlyMap<string, readonly Column[]>> => {
  const opened = new DatabaseSync(':memory:')
  for (const set of [storeMigrations, serverMigrations('sqlite')]) migrateSqlite(opened, set, ':memory:')
  const database = new Kysely<AnyTables>({ dialect: dialectOver(opened) })
  const columns = await columnsOf({ database, kind: 'sqlite', name: ':memory:', close: () => database.destroy() })
  await database.destroy()
  return columns
}

const memberText = ({ name, kind, isNullable }: Column): string =>
  `\`${name}\`${kind === 'text' ? '' : ` ${kind}`}${isNullable ? '?' : ''}`

/** The reference of the format of exports. */
export const exportPage = async (): Promise<string> => {
  const columns = await tablesOf()
  const rows = Object.entries(portableTables).map(([name, { part, about }]) => {
    const members = (columns.get(name) ?? []).map(memberText).join(', ')
    return `| \`${name}\` | ${part} | ${about} | ${members} |`
  })
  const left = Object.entries(leftOut).map(([name, why]) => `| \`${name}\` | it ${why} |`)
  return `# Format of exports

What \`grantry-server export\` writes and \`import\` reads, made by \`npm run config\` from the tables of the server.
[Move to another database](../guide/backup.md#move-to-another-database) says how they are used.

An export is UTF-8 text, one JSON object a line, no longer than 4 MiB:

1. The header: \`format\` is \`grantry-export\`, \`version\` 1, \`created_at\`, \`made_by\` (the version of the server), \`parts\`, \`schema\` (the newest
   step of each set of migrations) and \`sealed_by\` (ids of the key-encryption keys by which what is in it is sealed).
2. The rows: \`table\` and the members of the row, in any order of tables. A member that is null is left out.
3. The end: \`end\` is true, and \`rows\` says how many rows of each table there are.

\`version\` grows when an older version could not read it. An import takes exports of this version of the tables and of older ones whose members
still do, and refuses members that it does not know.

| table | part | what a line is | members |
| --- | --- | --- | --- |
${rows.join('\n')}

A member is text unless it says: \`integer\` (times in seconds since 1970), \`flag\` (true or false), \`bytes\` (base64url), \`json\` (any value); \`?\`: may be
missing. Parts that are exported where none is named: ${defaultParts.join(', ')}.

| not exported | because |
| --- | --- |
${left.join('\n')}
`
}
