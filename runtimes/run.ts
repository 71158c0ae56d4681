/**
 * Runs the tests of the toolkit, as it is published, on every runtime that it is for.
 *
 *     npm run test:runtimes                     all, and writes docs/runtimes.md
 *     npm run test:runtimes -- bun deno pkce    these runtimes, and the files whose path contains one of the other words
 */
import { execFileSync } from 'node:child_process'
import { globSync } from 'node:fs'
import { dirname } from 'node:path'
import { installRuntimes } from './install.ts'
import { processRuntimes } from './processes.ts'
import { lineOf, writeReport } from './report.ts'
import { runOn, type Summary } from './run-on.ts'
import { coldUse } from './workerd/cold-use.ts'
import { workerdRuntime } from './workerd/workerd.ts'

const root = dirname(import.meta.dirname)
const runtimes = [...processRuntimes, workerdRuntime]

const given = process.argv.slice(2)
const named = runtimes.filter(({ name }) => given.includes(name))
const chosen = named.length === 0 ? runtimes : named
const filters = given.filter((word) => named.every(({ name }) => name !== word))
const files = globSync('test/**/*.test.ts', { cwd: root })
  .filter((file) => filters.length === 0 || filters.some((filter) => file.includes(filter)))
  .sort()

if (process.platform !== 'linux' || process.arch !== 'x64') {
  console.error('The runtimes are installed for Linux x64 alone.')
  process.exit(1)
}
installRuntimes()
execFileSync('npm', ['run', '--silent', 'build'], { cwd: root, stdio: 'inherit' })

const summaries: Summary[] = []
for (const runtime of chosen) {
  const summary = await runOn(runtime, files, filters.length === 0)
  console.log(lineOf(summary))
  summaries.push(summary)
}
const cold = chosen.includes(workerdRuntime) ? await coldUse() : undefined
if (cold !== undefined) console.log(`✔ examples/worker.ts: ${cold.bytes} bytes, first token after ${cold.ms} ms`)
const failures = summaries.flatMap(({ runtime, failures }) => failures.map((failure) => `${runtime.title}, ${failure}`))
for (const failure of failures) console.error(`✖ ${failure}`)
if (failures.length > 0) process.exitCode = 1
if (given.length === 0 && cold !== undefined) await writeReport(summaries, cold)
