/**
 * Ends, breaks and races the provider, and compares what clients were told with what is there. About a quarter of an hour.
 *
 *     npm run reliability                             all of it; writes docs/reliability.md
 *     npm run reliability -- kill two-nodes           the experiments of these names, on the screen only
 *     npm run reliability -- kill two-nodes --page    the same, and their sections of the page
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { format, resolveConfig } from 'prettier'
import { environment } from '../bench/report.ts'
import { experiments } from './experiments.ts'
import { whyNoPostgres } from './postgres-bench.ts'
import type { Report, Row } from './report.ts'

const output = fileURLToPath(new URL('../docs/reliability.md', import.meta.url))

const cell = ({ value }: Row): string => (typeof value === 'number' ? value.toLocaleString('en') : value)

const table = (rows: readonly Row[]): string =>
  [
    '| figure | value | target |',
    '| --- | ---: | ---: |',
    ...rows.map((row) => `| ${row.figure} | ${cell(row)} | ${row.target}${row.isMet ? '' : ' (not met)'} |`),
  ].join('\n')

const section = ({ title, method, rows, control, controlRows }: Report): string =>
  [`## ${title}`, method, table(rows), `Negative control, which must fail: ${control}`, table(controlRows)].join('\n\n')

const { machine, versions } = environment()
const where = [
  `Measured on ${machine['processor'] ?? ''}, ${machine['system'] ?? ''},`,
  `Node ${machine['node'] ?? ''}, SQLite ${process.versions['sqlite'] ?? ''}, Grantry ${versions['grantry'] ?? ''}.`,
].join(' ')

/** The page with the sections of these reports in place of its own, or behind them. */
const revised = (text: string, reports: readonly Report[]): string => {
  const [head = '', ...sections] = text.split(/^(?=## )/m)
  const written = new Map(sections.map((each) => [each.split('\n')[0] ?? '', each]))
  for (const report of reports) written.set(`## ${report.title}`, `${section(report)}\n\n`)
  return head + [...written.values()].join('')
}

const page = (reports: readonly Report[]): string =>
  [
    '# Reliability',
    'What the provider keeps when processes are killed, storage fails and requests race. Each experiment also runs on a variant that is wrong on ' +
      'purpose: where that is not caught, the experiment sees nothing. This page is the output of the experiments; nothing in it is written by hand.',
    'Reproduce it with `npm ci` and `npm run reliability`. A short form of each experiment runs with the tests (`test/reliability`).',
    where,
    ...reports.map(section),
  ].join('\n\n')

const write = async (text: string): Promise<void> => {
  writeFileSync(output, await format(text, { ...(await resolveConfig(output)), parser: 'markdown' }))
  console.log('wrote docs/reliability.md')
}

const given = process.argv.slice(2)
const names = given.filter((each) => each !== '--page')
const chosen = experiments.filter(({ name }) => names.length === 0 || names.includes(name))
const runnable = chosen.filter(({ needsPostgres }) => !needsPostgres || whyNoPostgres === undefined)
const skipped = chosen.filter((experiment) => !runnable.includes(experiment)).map(({ name }) => name)
if (whyNoPostgres !== undefined)
  console.log(`Nothing runs on PostgreSQL: ${whyNoPostgres}. Left out: ${skipped.join(', ')}.`)

process.setMaxListeners(0) // each database listens for the end of this process
const reports: Report[] = []
for (const { run } of runnable) {
  const start = performance.now()
  const report = await run()
  reports.push(report)
  console.log(`${report.title} (${Math.round((performance.now() - start) / 1000)} s)`)
  for (const row of [...report.rows, ...report.controlRows])
    console.log(`  ${row.isMet ? ' ' : '!'} ${row.figure}: ${cell(row)}`)
}
if (runnable.length === experiments.length) await write(page(reports))
else if (given.includes('--page')) await write(revised(readFileSync(output, 'utf8'), reports))
else console.log('docs/reliability.md stays as it is.')
if (reports.some((report) => [...report.rows, ...report.controlRows].some(({ isMet }) => !isMet))) process.exitCode = 1
