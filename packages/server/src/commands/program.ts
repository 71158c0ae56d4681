import { Command } from 'commander'
import { version } from '../version.ts'
import { backupCommand } from './backup.ts'
import { clientCommand } from './client.ts'
import { completionCommand } from './completion.ts'
import { configCommand } from './config.ts'
import { doctorCommand } from './doctor.ts'
import { exportCommand } from './export.ts'
import { grantCommands } from './grant.ts'
import { healthCommand } from './health.ts'
import { importCommand } from './import.ts'
import { keysCommands } from './keys.ts'
import { migrateCommand } from './migrate.ts'
import { performCommand } from './perform.ts'
import { registrationTokenCommand } from './registration-token.ts'
import { restoreCommand } from './restore.ts'
import { revokeAllCommand } from './revoke-all.ts'
import { startCommand } from './start.ts'
import { tokenCommand } from './token.ts'
import { userCommand } from './user.ts'

/** Lets usage errors be thrown, so that they end with 2; commander has shown them in one line then, with the nearest name. */
const throwUsageErrors = (command: Command): void => {
  const outputError = (text: string, write: (text: string) => void): void =>
    write(`${text.trimEnd().replaceAll('\n', ' ')}\n`)
  command.exitOverride().showSuggestionAfterError(true).configureOutput({ outputError })
  command.commands.forEach(throwUsageErrors)
}

/** The tree of all commands. */
export const createProgram = (): Command => {
  const program = new Command('grantry-server')
    .description('An OAuth 2 authorization server with login and consent pages.')
    .version(version, '-V, --version', 'print the version')
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
  program.addCommand(completionCommand(program))
  throwUsageErrors(program)
  return program
}
