/**
 * Writes the tables of the SQL stores as the SQL of each dialect. `--check` only says whether the files are up to date.
 *
 *     npm run schema
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { compileTables, flavours } from './schema.ts'

const folder = join(import.meta.dirname, '../packages/grantry/src/storage')

const fileOf = (dialect: keyof typeof flavours): string => `import type { Migration } from './migration.ts'

// Made by \`npm run schema\` from tools/schema.ts.
/** Every step of the schema, the first one first. One that was released is never changed: databases have it. */
export const ${dialect}Migrations: readonly Migration[] = [
  {
    version: 1,
    name: 'tables',
    sql: \`${compileTables(flavours[dialect])
      .map((statement) => `${statement};\n`)
      .join('')}\`,
  },
]
`

let isCurrent = true
for (const dialect of ['sqlite', 'postgres'] as const) {
  const path = join(folder, `${dialect}-tables.ts`)
  const text = fileOf(dialect)
  if (!process.argv.includes('--check')) writeFileSync(path, text)
  else if (readFileSync(path, 'utf8') !== text) {
    isCurrent = false
    console.error(`${dialect}-tables.ts is not what tools/schema.ts says. Run: npm run schema`)
  }
}
if (!isCurrent) process.exitCode = 1
