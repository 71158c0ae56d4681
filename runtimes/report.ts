import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { format, resolveConfig } from 'prettier'
import { differences } from './differences.ts'
import type { Summary } from './run-on.ts'
import type { ColdUse } from './workerd/cold-use.ts'

const output = fileURLToPath(new URL('../docs/runtimes.md', import.meta.url))

const count = (value: number): string => value.toLocaleString('en')

/** One line of the screen. */
export const lineOf = ({ runtime, version, files, passed, failures, known, skipped }: Summary): string =>
  `${failures.length === 0 ? '✔' : '✖'} ${runtime.title} ${version} (platform/${runtime.platform}.ts): ${files} files, ` +
  `${passed} passed, ${failures.length} failed, ${known} known differences, ${skipped} skipped`

const rowOf = ({ runtime, version, files, passed, failures, known, skipped }: Summary): string =>
  `| ${runtime.title} | ${version} | \`${runtime.platform}.ts\` | ${[files, passed, failures.length, known, skipped].map(count).join(' | ')} |`

const titlesOf = (on: readonly string[] | undefined, summaries: readonly Summary[]): string =>
  on === undefined
    ? 'all'
    : summaries.flatMap(({ runtime }) => (on.includes(runtime.name) ? runtime.title : [])).join(', ')

const differenceRows = (summaries: readonly Summary[], areLeftOut: boolean): string =>
  differences
    .filter(({ tests }) => (tests === undefined) === areLeftOut)
    .map(({ on, files, tests, reason }) => {
      const names = tests === undefined ? '' : `, those with \`${tests.source.replaceAll('|', '\\|')}\``
      return `| ${titlesOf(on, summaries)} | ${files.map((file) => `\`${file}\``).join(', ')}${names} | ${reason} |`
    })
    .join('\n')

/** Writes `docs/runtimes.md`. */
export const writeReport = async (summaries: readonly Summary[], { bytes, ms }: ColdUse): Promise<void> => {
  const text = `# Runtimes

The tests of the toolkit, run on every runtime that it is for. This page is written by \`npm run test:runtimes\`; nothing in it is written by hand.

What is tested is the package as it is built and published, taken by the export conditions of each runtime. Node, Bun and Deno run the test files
as they are, with their own test runners; for workerd, which has none, a Worker is bundled that runs them. The binaries are
packages of the registry, pinned in \`runtimes/package.json\`.

| runtime | version | \`#platform\` | files | passed | failed | known differences | skipped by themselves |
| --- | --- | --- | ---: | ---: | ---: | ---: | ---: |
${summaries.map(rowOf).join('\n')}

Cold use: \`examples/worker.ts\` with all portable entries loaded beside it, in workerd without modules of Node: ${count(Math.round(bytes / 1000))} kB
of script, unminified; ${count(ms)} ms from the start of the process to the first token.

## Known differences

These tests run and fail there, as expected; where one does not fail any more, the run does.

| on | tests | why |
| --- | --- | --- |
${differenceRows(summaries, false)}

## Left out

| on | files | why |
| --- | --- | --- |
${differenceRows(summaries, true)}
`
  writeFileSync(output, await format(text, { ...(await resolveConfig(output)), parser: 'markdown' }))
  console.log('wrote docs/runtimes.md')
}
