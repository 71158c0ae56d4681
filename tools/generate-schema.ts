/**
 * Writes the tables of the SQL stores as the SQL of each dialect. `--check` only says whether the files are up to date.
 *
 *     npm run schema
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { compileSchema, flavours } from './schema.ts'

const folder = join(import.meta.dirname, '../packages/grantry/src/storage')

const stepOf = ({ name, statements }: ReturnType<typeof compileSchema>[number], index: number): string => `  {
    version: ${index + 1},
    name: '${name}',
    sql: \`${statements.map((statement) => `${statement};\n`).join('')}\`,
  },
`

const fileOf = (dialect: keyof typeof flavours): string => `import type { Migration } from './migration.ts'

// Made by \`npm run schema\` from tools/schema.ts.
/** Every step of the schema, the first one first. One that was released is never changed: databases have it. */
export const ${dialect}Migrations: readonly Migration[] = [
${compileSchema(flavours[dialect]).map(stepOf).join('')}]
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
