import { spawn } from 'node:child_process'
import { delimiter, dirname, join } from 'node:path'

/** One command of a longer run. */
export interface Step {
  readonly name: string
  readonly command: readonly [program: string, ...args: string[]]
  /** The step that must have succeeded before. */
  readonly after?: string
}

const root = dirname(import.meta.dirname)
const binaries = join(root, 'node_modules', '.bin')
const env = { ...process.env, PATH: `${binaries}${delimiter}${process.env['PATH'] ?? ''}` }

/** Runs a command with the workspace's own programs first; gives what it printed, or why it could not be started. */
const run = ([program, ...args]: Step['command']): Promise<{ readonly ok: boolean; readonly output: string }> =>
  new Promise((resolve) => {
    const chunks: Buffer[] = []
    const child = spawn(program, args, {
      cwd: root,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
      shell: process.platform === 'win32',
    })
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
    child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk))
    child.on('error', (error) => resolve({ ok: false, output: `${error.message}\n` }))
    child.on('close', (code) => resolve({ ok: code === 0, output: Buffer.concat(chunks).toString() }))
  })

/**
 * Runs lanes side by side and the steps of a lane one after the other. Prints a line per step, and all that a failed one printed. Says
 * whether all went well.
 */
export const runSteps = async (lanes: readonly (readonly Step[])[]): Promise<boolean> => {
  const failed = new Set<string>()
  const runStep = async ({ name, command, after }: Step): Promise<void> => {
    if (after !== undefined && failed.has(after)) {
      failed.add(name)
      console.log(`✖ ${name}: not run, because "${after}" failed`)
      return
    }
    const start = performance.now()
    const { ok, output } = await run(command)
    console.log(`${ok ? '✔' : '✖'} ${name} (${((performance.now() - start) / 1000).toFixed(1)} s)`)
    if (ok) return
    failed.add(name)
    console.log(output.trimEnd())
  }
  const runLane = async (steps: readonly Step[]): Promise<void> => {
    for (const step of steps) await runStep(step)
  }
  await Promise.all(lanes.map(runLane))
  return failed.size === 0
}
