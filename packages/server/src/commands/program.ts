import { Command } from 'commander'
import { version } from '../version.ts'
import { completionCommand } from './completion.ts'

/** A command below `grantry-server`. */
interface CommandEntry {
  /** What it does, for the list of all. */
  readonly about: string
  readonly load: () => Promise<Command>
}

/** What is loaded where it is named only: the whole program takes longer to load than most commands take to run. */
const entries: Readonly<Record<string, CommandEntry>> = {
  start: { about: 'run the server', load: async () => (await import('./start.ts')).startCommand() },
  health: {
    about: 'ask the server of this machine whether it is ready',
    load: async () => (await import('./health.ts')).healthCommand(),
  },
  client: { about: 'manage clients', load: async () => (await import('./client.ts')).clientCommand() },
  user: { about: 'manage users', load: async () => (await import('./user.ts')).userCommand() },
  'registration-token': {
    about: 'let others register clients',
    load: async () => (await import('./registration-token.ts')).registrationTokenCommand(),
  },
  grant: {
    about: 'manage what users let clients have',
    load: async () => (await import('./grant.ts')).grantCommands(),
  },
  token: { about: 'look at tokens, and end them', load: async () => (await import('./token.ts')).tokenCommand() },
  perform: {
    about: 'try an issuer, this one or another, as a client would',
    load: async () => (await import('./perform.ts')).performCommand(),
  },
  config: { about: 'look at the configuration', load: async () => (await import('./config.ts')).configCommand() },
  keys: { about: 'manage signing keys', load: async () => (await import('./keys.ts')).keysCommands() },
  migrate: { about: 'make and update the tables', load: async () => (await import('./migrate.ts')).migrateCommand() },
  doctor: {
    about: 'look at settings, deployment and clients as a server would have them, and say what to change',
    load: async () => (await import('./doctor.ts')).doctorCommand(),
  },
  backup: {
    about: 'back up the SQLite database into a new folder, while servers run',
    load: async () => (await import('./backup.ts')).backupCommand(),
  },
  restore: {
    about: 'put a backup in the place of the SQLite database of a stopped server, and end all grants and logins',
    load: async () => (await import('./restore.ts')).restoreCommand(),
  },
  'revoke-all': {
    about: 'end all grants and logins of everybody: after a restore, or when somebody broke in',
    load: async () => (await import('./revoke-all.ts')).revokeAllCommand(),
  },
  export: {
    about: 'write clients, users, consents and sealed keys as JSON lines, for another database',
    load: async () => (await import('./export.ts')).exportCommand(),
  },
  import: {
    about: 'read what "export" wrote into this database: all of it, or nothing',
    load: async () => (await import('./import.ts')).importCommand(),
  },
}

/** Lets usage errors be thrown, so that they end with 2; commander has shown them in one line then, with the nearest name. */
const throwUsageErrors = (command: Command): void => {
  const outputError = (text: string, write: (text: string) => void): void =>
    write(`${text.trimEnd().replaceAll('\n', ' ')}\n`)
  command.exitOverride().showSuggestionAfterError(true).configureOutput({ outputError })
  command.commands.forEach(throwUsageErrors)
}

const completion = 'completion'

/** The tree of the commands. Of those that `words` do not name it has names and descriptions alone; all of it where none are given. */
export const createProgram = async (words: readonly string[] = [completion]): Promise<Command> => {
  const program = new Command('grantry-server')
    .description('An OAuth 2 authorization server with login and consent pages.')
    .version(version, '-V, --version', 'print the version')
  for (const [name, { about, load }] of Object.entries(entries)) {
    const isNamed = words.includes(name) || words.includes(completion)
    program.addCommand((isNamed ? await load() : new Command(name)).description(about))
  }
  program.addCommand(completionCommand(program))
  throwUsageErrors(program)
  return program
}
