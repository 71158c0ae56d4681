import type { Command } from 'commander'
import { makeBackup } from '../backup/make-backup.ts'
import type { Manifest } from '../backup/manifest.ts'
import { StartError } from '../errors.ts'
import { many, printJson } from './print.ts'
import { dataCommand, settingsOf, type DataArguments } from './with-data.ts'

interface BackupArguments extends DataArguments {
  readonly withKeys?: true
  readonly json?: true
}

/** Throws a `StartError` for PostgreSQL, which has tools of its own. */
export const requireSqlite = (database: string | undefined, instead: string): void => {
  if (database === undefined) return
  throw new StartError(`PostgreSQL is backed up and restored by its own tools: ${instead}. See docs/guide/backup.md.`)
}

/** How many rows of what matters most are in a backup. */
export const rowsText = ({ rows }: Manifest): string => {
  const total = Object.values(rows).reduce((sum, count) => sum + count, 0)
  return `${many(rows['user'] ?? 0, 'user')}, ${many(rows['client'] ?? 0, 'client')}, ${many(total, 'row')} in all`
}

const keysText = ({ sealedBy, files }: Manifest): string => {
  if ('grantry.keys' in files) return 'grantry.keys is in it: whoever has this backup can sign as your server.'
  if (sealedBy.length === 0) return 'It has no sealed keys.'
  const why = 'without it the signing keys and second factors in the backup cannot be opened'
  return `Not in it: the key-encryption key ${sealedBy.join(', ')}. Keep grantry.keys elsewhere: ${why}.`
}

/** `grantry-server backup`. */
export const backupCommand = (): Command =>
  dataCommand('backup')
    .argument('<folder>', 'where to; it must not be there yet')
    .option('--with-keys', 'add grantry.keys, by which signing keys and second factors are sealed')
    .option('--json', 'print the manifest as JSON')
    .action(async (folder: string, options: BackupArguments) => {
      const { data, database } = settingsOf(options)
      requireSqlite(database, 'pg_dump --format=custom --schema=grantry')
      const manifest = await makeBackup(data, folder, { withKeys: options.withKeys === true })
      if (options.json === true) printJson(manifest)
      else process.stdout.write(`Backed up ${data} to ${folder}: ${rowsText(manifest)}.\n${keysText(manifest)}\n`)
    })
