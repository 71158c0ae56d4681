import type { Command } from 'commander'
import { systemClock } from 'grantry'
import { restoreBackup, type Restored } from '../backup/restore-backup.ts'
import { requireSqlite, rowsText } from './backup.ts'
import { printJson } from './print.ts'
import { endedText } from './revoke-all.ts'
import { dataCommand, settingsOf, tellAudit, type DataArguments } from './with-data.ts'

interface RestoreArguments extends DataArguments {
  readonly keepGrants?: true
  readonly json?: true
}

const report = ({ manifest, ended, kept }: Restored, data: string): string => {
  const since = `since ${manifest.createdAt}`
  const lines = [
    `Restored ${data} as it was at ${manifest.createdAt}: ${rowsText(manifest)}.`,
    kept === undefined ? 'There was no database before.' : `The database that was there before is now ${kept}.`,
    ended === undefined ? `Grants and logins were kept: what was revoked ${since} is good again.` : endedText(ended),
    `What else was changed ${since} is as it was before: passwords, second factors, users, clients, secrets, keys.`,
  ]
  return `${lines.join('\n')}\n`
}

/** `grantry-server restore`. */
export const restoreCommand = (): Command =>
  dataCommand('restore')
    .argument('<folder>', 'what "backup" made')
    .option('--keep-grants', 'keep grants and logins, also those that were ended since the backup')
    .option('--json', 'print JSON')
    .action(async (folder: string, options: RestoreArguments) => {
      const { data, database, keyEncryptionKeys } = settingsOf(options)
      requireSqlite(database, 'pg_restore, and then "grantry-server revoke-all"')
      const how = { data, keyEncryptionKeys, keepGrants: options.keepGrants === true, now: systemClock }
      const restored = await restoreBackup(folder, how)
      const { createdAt } = restored.manifest
      await tellAudit(options, { type: 'backup.restored', createdAt, keepsGrants: how.keepGrants })
      if (options.json === true) printJson(restored)
      else process.stdout.write(report(restored, data))
    })
