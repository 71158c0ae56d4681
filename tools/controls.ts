import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { format, resolveConfig } from 'prettier'
import { jmondiTarget } from '../test/bearer-core/controls/jmondi.ts'
import { nodeOAuth2ServerTarget } from '../test/bearer-core/controls/node-oauth2-server.ts'
import { oidcProviderTarget } from '../test/bearer-core/controls/oidc-provider.ts'
import { deferredRows, rows, type RowResult, runRows, unitRows } from '../test/bearer-core/run-rows.ts'
import type { Target } from '../test/bearer-core/target.ts'

/**
 * Runs the bearer core rows against three other providers and against Grantry, and writes `docs/comparison.md`.
 * The controls check the suite: a row that a careful peer fails, or that no peer can fail, deserves a second look.
 */

type StartTarget = () => Promise<Target>

interface Report {
  readonly name: string
  readonly version: string
  readonly setup: string
  readonly isControl: boolean
  readonly results: ReadonlyMap<number, RowResult>
}

const output = new URL('../docs/comparison.md', import.meta.url)
const grantryModule = new URL('../test/bearer-core/grantry.ts', import.meta.url)

const isGrantryModule = (module: unknown): module is { readonly grantryTarget: StartTarget } =>
  typeof module === 'object' &&
  module !== null &&
  'grantryTarget' in module &&
  typeof module.grantryTarget === 'function'

const run = async (start: StartTarget, isControl: boolean): Promise<Report> => {
  const target = await start()
  try {
    const results = new Map((await runRows(target)).map((result) => [result.row, result]))
    return { name: target.name, version: target.version, setup: target.setup, isControl, results }
  } finally {
    await target.close()
  }
}

const runAll = async (): Promise<readonly Report[]> => {
  const reports: Report[] = []
  if (existsSync(grantryModule)) {
    const module: unknown = await import(grantryModule.href)
    if (!isGrantryModule(module)) throw new Error('test/bearer-core/grantry.ts does not export grantryTarget')
    reports.push(await run(module.grantryTarget, false))
  }
  // One after the other: they share the clock of this process.
  for (const start of [nodeOAuth2ServerTarget, jmondiTarget, oidcProviderTarget]) reports.push(await run(start, true))
  return reports
}

const marks = { pass: 'pass', fail: '**fail**', 'n/a': '–' } as const

const mark = (report: Report, row: number): string => {
  const result = report.results.get(row)
  if (result === undefined) return '–'
  return marks[result.outcome] + (result.outcome === 'pass' && result.skipped.length > 0 ? ' (part)' : '')
}

const table = (reports: readonly Report[]): readonly string[] => [
  `| row | request → expected | rule | ${reports.map(({ name }) => name).join(' | ')} |`,
  `| --: | --- | --- | ${reports.map(() => '---').join(' | ')} |`,
  ...rows.map(
    ({ row, title, source }) =>
      `| ${row} | ${title} | ${source} | ${reports.map((report) => mark(report, row)).join(' | ')} |`,
  ),
]

const numbersOf = (report: Report, outcome: RowResult['outcome']): readonly number[] =>
  [...report.results.values()].filter((result) => result.outcome === outcome).map(({ row }) => row)

const list = (numbers: readonly number[]): string => (numbers.length === 0 ? 'none' : numbers.join(', '))

const counts = (report: Report): string =>
  `${numbersOf(report, 'pass').length} pass, ${numbersOf(report, 'fail').length} fail, ${numbersOf(report, 'n/a').length} do not apply`

const details = (report: Report): readonly string[] => {
  const all = [...report.results.values()]
  const partly = all.filter(({ outcome, skipped }) => outcome === 'pass' && skipped.length > 0)
  return [
    `### ${report.name} ${report.version}`,
    report.setup,
    `${counts(report)}. Rows that do not apply: ${list(numbersOf(report, 'n/a'))}.`,
    ...(partly.length === 0
      ? []
      : [`Passed in part, as some cases need what the target does not offer: ${list(partly.map(({ row }) => row))}.`]),
    all
      .filter(({ outcome }) => outcome === 'fail')
      .map(({ row, message }) => `- Row ${row}: ${message}`)
      .join('\n'),
  ]
}

const unfailed = (reports: readonly Report[]): readonly string[] => {
  const controls = reports.filter(({ isControl }) => isControl)
  const having = (row: number, outcome: RowResult['outcome']): number =>
    controls.filter(({ results }) => results.get(row)?.outcome === outcome).length
  const noFailure = rows.map(({ row }) => row).filter((row) => having(row, 'fail') === 0)
  const passed = noFailure.filter((row) => having(row, 'pass') > 0)
  return [
    `Run by at least one control and failed by none: ${list(passed)}.`,
    `Run by no control: ${list(noFailure.filter((row) => !passed.includes(row)))}.`,
  ]
}

const described = (entries: Readonly<Record<number, string>>): string =>
  Object.entries(entries)
    .map(([row, reason]) => `- Row ${row}: ${reason}`)
    .join('\n')

const page = (reports: readonly Report[]): string =>
  [
    '# Comparison',
    'The bearer core checklist (`test/bearer-core`) is a suite over HTTP that knows nothing of the implementation it talks to. To check ' +
      'the suite itself, it also runs against other providers for Node. This page is its output; nothing in it is written by hand.',
    'Reproduce it with `npm ci` and `npm run controls`. Versions are those of the installed packages:',
    reports.map((report) => `- ${report.name} ${report.version}: ${counts(report)}`).join('\n'),
    'How to read it. A row is one rule, often with several cases; it fails where one case fails. “–”: the implementation does not offer ' +
      'what the row is about, or leaves it to the application. “(part)”: some cases could not run. Numbers under “rule” are RFCs; ' +
      '“product” marks a choice of Grantry that no standard asks for, so failing it says nothing about conformance. Nor is every other row a MUST: much of RFC 6750 §3.1 (rows 20 to 25) and rows ' +
      '38 and 39 are recommendations. These projects have ' +
      'different aims: a library that leaves an endpoint to the application is not wrong to do so, and each of them does things that ' +
      'this list does not look at. Where a setup here does not do a project justice, a correction is welcome.',
    '## Rows',
    ...[table(reports).join('\n')],
    '## What fails, by implementation',
    ...reports.flatMap(details),
    '## Rows that no control fails',
    ...unfailed(reports),
    '## Rows that are not in the table',
    'They wait for later work:',
    described(deferredRows),
    'They cannot be seen over HTTP and are unit tests:',
    described(unitRows),
  ]
    .filter((paragraph) => paragraph !== '')
    .join('\n\n')

const reports = await runAll()
const text = await format(page(reports), { ...(await resolveConfig(fileURLToPath(output))), parser: 'markdown' })
mkdirSync(dirname(fileURLToPath(output)), { recursive: true })
writeFileSync(output, text)
for (const report of reports) console.log(`${report.name} ${report.version}: ${counts(report)}`)
console.log('wrote docs/comparison.md')
