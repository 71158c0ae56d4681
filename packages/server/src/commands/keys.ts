import { Command, Option } from 'commander'
import type { KeyView } from '../admin/keys.ts'
import { signingAlgorithms, type SigningAlgorithm } from '../signing-keys.ts'
import { confirm, yesOption, type ConfirmArguments } from './confirm.ts'
import { printFor, printTable } from './print.ts'
import { withAdmin } from './with-admin.ts'
import { dataCommand, type DataArguments } from './with-data.ts'

interface KeyArguments extends DataArguments {
  readonly json?: true
}

const keysCommand = (name: string): Command => dataCommand(name).option('--json', 'print JSON')

const columns = {
  keyId: 'kid',
  algorithm: 'algorithm',
  state: 'state',
  createdAt: 'announced',
  signsFrom: 'signs from',
  publishedUntil: 'published until',
} satisfies Readonly<Record<keyof KeyView, string>>

const print = (keys: readonly KeyView[], options: KeyArguments, note = ''): void => {
  const names = Object.keys(columns) as (keyof typeof columns)[] // Object.keys widens the names
  const rows = keys.map((key) => names.map((name) => key[name]?.replace(/\.000Z$/, 'Z') ?? '-'))
  printFor(options, keys, () => {
    printTable(Object.values(columns), rows)
    process.stdout.write(note)
  })
}

const list = keysCommand('list')
  .description('list the signing keys, with when they sign and until when they are published')
  .action((options: KeyArguments) =>
    withAdmin(options, { create: false }, async ({ keys }) => print(await keys.list(), options)),
  )

interface RotateArguments extends KeyArguments {
  readonly algorithm?: SigningAlgorithm
}

const rotate = keysCommand('rotate')
  .description('announce new signing keys; running servers sign with them after an hour')
  .addOption(new Option('--algorithm <alg>', 'only of this one').choices(signingAlgorithms))
  .action((options: RotateArguments) =>
    withAdmin(options, { create: false }, async ({ keys }) => {
      const rotated = await keys.rotate(options.algorithm && [options.algorithm])
      const note = rotated.wasAnnounced ? 'A key that is announced already was left as it is.\n' : ''
      print(rotated.keys, options, `${note}Running servers publish the new keys within 10 seconds.\n`)
    }),
  )

const retire = keysCommand('retire')
  .description('withdraw a signing key at once, because it has leaked: what it signed is refused')
  .argument('<kid>', 'id of the key')
  .addOption(yesOption())
  .action((keyId: string, options: KeyArguments & ConfirmArguments) =>
    withAdmin(options, { create: false }, async ({ keys }) => {
      await keys.show(keyId)
      await confirm(`To withdraw the key "${keyId}"`, options)
      const note =
        'Running servers refuse what the key signed within 10 seconds, others when they read the keys anew: 5 minutes later at most.\n'
      print(await keys.retire(keyId), options, note)
    }),
  )

/** `grantry-server keys …`: shows and rotates signing keys, beside running servers. */
export const keysCommands = (): Command => new Command('keys').addCommand(list).addCommand(rotate).addCommand(retire)
