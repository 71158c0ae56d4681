#!/usr/bin/env node
import { Command, CommanderError } from 'commander'
import { ConfigurationError } from 'grantry'
import { StoreError } from 'grantry/storage/sqlite'
import { backupCommand } from './commands/backup.ts'
import { clientCommand } from './commands/client.ts'
import { configCommand } from './commands/config.ts'
import { doctorCommand } from './commands/doctor.ts'
import { exportCommand } from './commands/export.ts'
import { grantCommands } from './commands/grant.ts'
import { healthCommand } from './commands/health.ts'
import { importCommand } from './commands/import.ts'
import { keysCommands } from './commands/keys.ts'
import { migrateCommand } from './commands/migrate.ts'
import { performCommand } from './commands/perform.ts'
import { registrationTokenCommand } from './commands/registration-token.ts'
import { restoreCommand } from './commands/restore.ts'
import { revokeAllCommand } from './commands/revoke-all.ts'
import { startCommand } from './commands/start.ts'
import { tokenCommand } from './commands/token.ts'
import { userCommand } from './commands/user.ts'
import { StartError } from './errors.ts'

/** Lets usage errors be thrown, so that they end with 2; commander has shown them in one line then. */
const throwUsageErrors = (command: Command): void => {
  command.exitOverride().showSuggestionAfterError(false)
  command.commands.forEach(throwUsageErrors)
}

/** Shows what went wrong in one line, and gives the exit code. */
const explain = (thrown: unknown): number => {
  if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? 0 : 2
  const isExpected =
    thrown instanceof StartError || thrown instanceof StoreError || thrown instanceof ConfigurationError
  const text = thrown instanceof Error ? thrown.message : String(thrown)
  process.stderr.write(`grantry-server: ${isExpected ? text : `unexpected: ${text}`}\n`)
  return thrown instanceof StartError ? thrown.exitCode : 1
}

const program = new Command('grantry-server')
  .description('An OAuth 2 authorization server with login and consent pages.')
  .addCommand(startCommand())
  .addCommand(healthCommand())
  .addCommand(clientCommand())
  .addCommand(userCommand())
  .addCommand(registrationTokenCommand())
  .addCommand(grantCommands())
  .addCommand(tokenCommand())
  .addCommand(performCommand())
  .addCommand(configCommand())
  .addCommand(keysCommands())
  .addCommand(migrateCommand())
  .addCommand(doctorCommand())
  .addCommand(backupCommand())
  .addCommand(restoreCommand())
  .addCommand(revokeAllCommand())
  .addCommand(exportCommand())
  .addCommand(importCommand())
throwUsageErrors(program)

try {
  await program.parseAsync()
} catch (thrown) {
  process.exitCode = explain(thrown)
}
