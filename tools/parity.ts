/**
 * Writes `docs/reference/oauthlib-parity.md` from the tables in `tools/parity/`; with `--check` only compares. Refuses names of ours that do
 * not exist, tests that are not there, and names of oauthlib without a row.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { checkTables } from './parity/check.ts'
import { page } from './parity/page.ts'
import { root } from './parity/root.ts'

const target = join(root, 'docs/reference/oauthlib-parity.md')
const problems = [...checkTables()]
const text = page()
if (!process.argv.includes('--check')) writeFileSync(target, text)
else if (readFileSync(target, 'utf8') !== text)
  problems.push('docs/reference/oauthlib-parity.md is not what npm run parity writes.')

if (problems.length > 0) {
  console.error(problems.join('\n'))
  process.exitCode = 1
}
