/**
 * Runs the tests with node's own runner, each file in a process of its own.
 *
 *     npm run test:run                                        all of test/
 *     npm run test:run -- rfc7636 layers                      the files whose path contains one of these
 *     npm run test:run -- pkce --test-name-pattern=verifier   what begins with a dash goes to node
 */
import { execFileSync, spawn } from 'node:child_process'
import { globSync } from 'node:fs'
import { dirname, join } from 'node:path'

const root = dirname(import.meta.dirname)
const given = process.argv.slice(2)
const options = given.filter((argument) => argument.startsWith('-'))
const filters = given.filter((argument) => !argument.startsWith('-'))

const wanted = (file: string): boolean => filters.length === 0 || filters.some((filter) => file.includes(filter))
const files = globSync('test/**/*.test.ts', { cwd: root })
  .filter((file) => wanted(file.replaceAll('\\', '/')))
  .sort()
if (files.length === 0) {
  console.error(`No test file${filters.length > 0 ? ` matches ${filters.join(', ')}` : ''}.`)
  process.exit(1)
}

/** A test that hangs fails; a file that does not end although its tests have ends the run, instead of blocking whoever waits for it. */
const limits = { testMs: 300_000, runMs: 1_800_000 }

const runner = [
  '--conditions=grantry-source',
  '--disable-warning=ExperimentalWarning',
  '--test',
  '--test-concurrency=2',
  `--test-timeout=${limits.testMs}`,
  '--test-reporter=./tools/test-reporter.ts',
  '--test-reporter-destination=stdout',
]
/** Hundreds of processes load the same sources: what one has compiled, the others take. */
const env = { ...process.env, NODE_COMPILE_CACHE: join(root, 'node_modules/.cache/grantry-compiled') }
// Tests start the command as it is published.
execFileSync(process.execPath, [join(root, 'tools/bundle-program.ts')], { stdio: 'inherit' })
const child = spawn(process.execPath, [...runner, ...options, ...files], { cwd: root, env, stdio: 'inherit' })
const giveUp = setTimeout(() => {
  console.error('The run was ended: a file holds its process open, though its tests are done.')
  child.kill('SIGINT')
}, limits.runMs)
child.on('exit', (code, signal) => {
  clearTimeout(giveUp)
  if (signal !== null) console.error(`The test run was ended by ${signal}.`)
  process.exitCode = code ?? 1
})
