import { CommanderError } from 'commander'
import { StartError } from '../errors.ts'
import { createProgram } from './program.ts'

const isExpected = async (thrown: unknown): Promise<boolean> => {
  if (thrown instanceof StartError) return true
  const [{ ConfigurationError }, { StoreError }] = await Promise.all([
    import('grantry'),
    import('grantry/storage/sqlite'),
  ])
  return thrown instanceof ConfigurationError || thrown instanceof StoreError
}

/** Shows what went wrong in one line, and gives the exit code. */
const explain = async (thrown: unknown): Promise<number> => {
  if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? 0 : 2
  const text = thrown instanceof Error ? thrown.message : String(thrown)
  process.stderr.write(`grantry-server: ${(await isExpected(thrown)) ? text : `unexpected: ${text}`}\n`)
  return thrown instanceof StartError ? thrown.exitCode : 1
}

/** Runs the command that the words name; how that ended is the exit code of the process. */
export const run = async (words: readonly string[]): Promise<void> => {
  try {
    await (await createProgram(words)).parseAsync(words, { from: 'user' })
  } catch (thrown) {
    process.exitCode = await explain(thrown)
  }
}
