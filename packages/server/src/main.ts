#!/usr/bin/env node
import { CommanderError } from 'commander'
import { ConfigurationError } from 'grantry'
import { StoreError } from 'grantry/storage/sqlite'
import { createProgram } from './commands/program.ts'
import { StartError } from './errors.ts'

/** Shows what went wrong in one line, and gives the exit code. */
const explain = (thrown: unknown): number => {
  if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? 0 : 2
  const isExpected =
    thrown instanceof StartError || thrown instanceof StoreError || thrown instanceof ConfigurationError
  const text = thrown instanceof Error ? thrown.message : String(thrown)
  process.stderr.write(`grantry-server: ${isExpected ? text : `unexpected: ${text}`}\n`)
  return thrown instanceof StartError ? thrown.exitCode : 1
}

try {
  await createProgram().parseAsync()
} catch (thrown) {
  process.exitCode = explain(thrown)
}
