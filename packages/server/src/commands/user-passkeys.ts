import type { Command } from 'commander'
import { describePasskey } from '../admin/describe.ts'
import { cellOf, printFor, printLine, printTable } from './print.ts'
import { withAdmin } from './with-admin.ts'
import { dataCommand, type DataArguments } from './with-data.ts'

interface PasskeyArguments extends DataArguments {
  readonly json?: true
  readonly remove?: string
}

/** `user passkeys`: shows the passkeys of a user, and removes one that is lost. */
export const userPasskeys = (): Command =>
  dataCommand('passkeys')
    .description('show the passkeys of a user, or take one away')
    .argument('<name>', 'user name, or id')
    .option('--remove <id>', 'take this one away, and log out everywhere')
    .option('--json', 'print JSON')
    .action((name: string, { remove: id, ...options }: PasskeyArguments) =>
      withAdmin(options, { create: false }, async ({ users }) => {
        if (id !== undefined) await users.removePasskey(name, id)
        const passkeys = (await users.passkeys(name)).map(describePasskey)
        printFor(options, passkeys, () => {
          if (id !== undefined) printLine(`removed  ${id}`)
          else
            printTable(
              ['id', 'name', 'made', 'last used'],
              passkeys.map((each) => [each.id, each.name, each.createdAt, cellOf(each.lastUsedAt)]),
            )
        })
      }),
    )
