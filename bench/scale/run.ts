/**
 * Measures one and two nodes of `grantry-server` on one PostgreSQL, and writes docs/scale.md. About two minutes, on Linux.
 *
 *     npm run scale
 */
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { format, resolveConfig } from 'prettier'
import { whyNoPostgres } from '../../reliability/postgres-bench.ts'
import { measureScale } from './measure.ts'
import { page } from './report.ts'

const output = fileURLToPath(new URL('../../docs/scale.md', import.meta.url))

if (whyNoPostgres === undefined) {
  const figures = await measureScale(4)
  writeFileSync(output, await format(page(figures), { ...(await resolveConfig(output)), parser: 'markdown' }))
  console.log('wrote docs/scale.md')
} else {
  console.error(`Nothing was measured: ${whyNoPostgres}.`)
  process.exitCode = 1
}
