/** The programs of `examples/`, as they are run by who reads them. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

/** Where they are. */
export const examples = join(import.meta.dirname, '../../examples')

/** The text of one. */
export const sourceOf = (file: string): string => readFileSync(join(examples, file), 'utf8')

/** Runs an example on a free port until `use` is done with the line that it prints once it listens. */
export const runExample = async (
  file: string,
  env: Readonly<Record<string, string>>,
  use: (line: string) => Promise<void>,
): Promise<void> => {
  const child = spawn(process.execPath, ['--conditions=grantry-source', join(examples, file)], {
    env: { ...process.env, PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = once(child, 'exit')
  try {
    for await (const line of createInterface({ input: child.stdout })) {
      await use(line)
      return
    }
    assert.fail('It ended without a line.')
  } finally {
    child.kill()
    await ended
  }
}
