import { Command } from 'commander'
import { openMigrations, type MigrationState, type Migrations } from '../database/migrations.ts'
import { dataCommand, dataOptionsOf, type DataArguments } from './with-data.ts'

const lineOf = ({ set, applied, pending }: MigrationState): string =>
  [...applied.map((step) => ['applied', step] as const), ...pending.map((step) => ['pending', step] as const)]
    .map(([state, { version, name }]) => `${state}  ${set.table} ${version} ${name}\n`)
    .join('')

const show = async (migrations: Migrations): Promise<void> => {
  const states = await migrations.states()
  process.stdout.write(states.map(lineOf).join(''))
}

const plan = async (migrations: Migrations): Promise<void> => {
  const script = await migrations.script()
  process.stdout.write(script === '' ? '-- Nothing is pending.\n' : script)
}

const up = async (migrations: Migrations): Promise<void> => {
  await migrations.apply()
  await show(migrations)
}

const migrationCommand = (name: string, description: string, run: (migrations: Migrations) => Promise<void>): Command =>
  dataCommand(name)
    .description(description)
    .action(async (options: DataArguments) => {
      const migrations = await openMigrations(dataOptionsOf(options))
      try {
        await run(migrations)
      } finally {
        await migrations.close()
      }
    })

/** `grantry-server migrate …`: makes and updates the tables. SQLite is also brought up to date whenever it is opened. */
export const migrateCommand = (): Command =>
  new Command('migrate')
    .addCommand(migrationCommand('up', 'apply what is pending', up))
    .addCommand(migrationCommand('status', 'list the steps that are applied and pending', show))
    .addCommand(migrationCommand('plan', 'print the SQL that "up" runs', plan))
