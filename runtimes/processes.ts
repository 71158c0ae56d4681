/** Runtimes with a test runner of their own: each file in a process, which reports as JUnit does. */
import { execFile, execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { endWithUs } from './children.ts'
import { readJunit, type TestResult } from './results.ts'
import type { Runtime } from './runtime.ts'

const root = dirname(import.meta.dirname)
const atOnce = 2
const limitMs = 300_000

/** A program with the arguments that make it run one file of tests. */
interface Program {
  readonly path: string
  readonly args: (file: string, report: string) => readonly string[]
}

/** Its caches are with what is installed; nothing is asked of the network. */
const env = {
  ...process.env,
  NO_COLOR: '1',
  DENO_DIR: join(import.meta.dirname, 'node_modules/.cache/deno'),
  DENO_NO_UPDATE_CHECK: '1',
}

const runFile = ({ path, args }: Program, file: string, report: string): Promise<readonly TestResult[]> =>
  new Promise((resolve) => {
    const options = { cwd: root, env, timeout: limitMs, killSignal: 'SIGKILL', maxBuffer: 1e9 } as const
    const child = execFile(path, args(file, report), options, (error, stdout, stderr) => {
      const results = existsSync(report) ? readJunit(readFileSync(report, 'utf8')) : []
      const isTold = error === null || results.some(({ outcome }) => outcome === 'failed')
      const unexplained: TestResult = { name: '(the file)', outcome: 'failed', message: stdout + stderr }
      resolve(isTold && results.length > 0 ? results : [...results, unexplained])
    })
    endWithUs(child)
  })

const runFiles =
  (program: Program): Runtime['run'] =>
  async (files, done) => {
    const folder = mkdtempSync(join(tmpdir(), 'grantry-runtimes-'))
    const waiting = files.map((file, index) => ({ file, report: join(folder, `${index}.xml`) }))
    const work = async (): Promise<void> => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift())
        done(next.file, await runFile(program, next.file, next.report))
    }
    try {
      await Promise.all(Array.from({ length: atOnce }, work))
    } finally {
      rmSync(folder, { recursive: true })
    }
  }

const installed = (path: string): string => join(import.meta.dirname, 'node_modules', path)
const versionOf = (path: string) => (): string =>
  /\d+\.\d+\.\d+/.exec(execFileSync(path, ['--version'], { encoding: 'utf8' }))?.[0] ?? ''

const processRuntime = (name: string, title: string, program: Program): Runtime => ({
  name,
  title,
  platform: 'node',
  version: versionOf(program.path),
  run: runFiles(program),
})

const nodeRuntime = (major: number): Runtime =>
  processRuntime(`node-${major}`, `Node ${major}`, {
    path: installed(`node-${major}/bin/node`),
    args: (file, report) => [
      '--disable-warning=ExperimentalWarning',
      '--test-reporter=junit',
      `--test-reporter-destination=${report}`,
      file,
    ],
  })

/** Node in the versions that are supported, Bun and Deno. */
export const processRuntimes: readonly Runtime[] = [
  ...[22, 24, 26].map(nodeRuntime),
  processRuntime('bun', 'Bun', {
    path: installed('@oven/bun-linux-x64/bin/bun'),
    args: (file, report) => [
      'test',
      '--timeout=60000',
      '--reporter=junit',
      `--reporter-outfile=${report}`,
      `./${file}`,
    ],
  }),
  processRuntime('deno', 'Deno', {
    path: installed('@deno/linux-x64-glibc/deno'),
    args: (file, report) => [
      ...['test', '--allow-all', '--no-check', '--no-lock', '--node-modules-dir=manual'],
      ...[`--junit-path=${report}`, file],
    ],
  }),
]
