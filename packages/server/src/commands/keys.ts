import { Command, Option } from 'commander'
import { KeyRotation, systemClock, type ScheduledKey } from 'grantry'
import type { Data } from '../data.ts'
import { StartError } from '../errors.ts'
import { exclusively } from '../exclusively.ts'
import { KeyEncryption, keysOfFolder } from '../key-encryption.ts'
import { describeKey, keyRotation, keySchedule, signingAlgorithms, type SigningAlgorithm } from '../signing-keys.ts'
import type { Settings } from '../settings.ts'
import { printTable } from './print.ts'
import { dataCommand, settingsOf, withData, type DataArguments } from './with-data.ts'

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
} satisfies Readonly<Record<keyof ReturnType<typeof describeKey>, string>>

const printKeys = (keys: readonly ScheduledKey[]): void => {
  const names = Object.keys(columns) as (keyof typeof columns)[] // Object.keys widens the names
  const rows = keys.map(describeKey).map((key) => names.map((name) => key[name]?.replace(/\.000Z$/, 'Z') ?? '-'))
  printTable(Object.values(columns), rows)
}

const print = (keys: readonly ScheduledKey[], { json }: KeyArguments, note = ''): void => {
  if (json === true) process.stdout.write(`${JSON.stringify(keys.map(describeKey), null, 2)}\n`)
  else {
    printKeys(keys)
    process.stdout.write(note)
  }
}

/**
 * What seals the keys of the servers: that which has sealed the newest key, or they could not open the next one. In a folder without
 * key-encryption keys one is made only where there are no signing keys yet.
 */
const encryptionOf = async ({ store }: Data, settings: Settings): Promise<KeyEncryption> => {
  const newest = (await store.findSigningKeys()).at(-1)
  const given = settings.keyEncryptionKeys ?? keysOfFolder(settings.data, { create: newest === undefined })
  const encryption = new KeyEncryption(given)
  if (newest === undefined) return encryption
  await encryption.open(newest.privateKey, 'signing key')
  if (encryption.isCurrent(newest.privateKey)) return encryption
  throw new StartError(
    'The servers seal by another key-encryption key: give theirs first, in the order they have them.',
  )
}

const openRotation = async (data: Data, options: DataArguments) =>
  keyRotation(data, await encryptionOf(data, settingsOf(options)), { now: systemClock, days: 0 })

const list = keysCommand('list')
  .description('list the signing keys, with when they sign and until when they are published')
  .action((options: KeyArguments) =>
    withData(options, { create: false }, async (data) => {
      print(await new KeyRotation(data.store, keySchedule).keys(), options)
    }),
  )

interface RotateArguments extends KeyArguments {
  readonly algorithm?: SigningAlgorithm
}

const rotate = keysCommand('rotate')
  .description('announce new signing keys; running servers sign with them after an hour')
  .addOption(new Option('--algorithm <alg>', 'only of this one').choices(signingAlgorithms))
  .action((options: RotateArguments) =>
    withData(options, { create: false }, async (data) => {
      const rotation = await openRotation(data, options)
      const algorithms = options.algorithm === undefined ? signingAlgorithms : [options.algorithm]
      const made = await exclusively(data.store, systemClock, async () => {
        const keys = []
        for (const algorithm of algorithms) keys.push(await rotation.rotate(algorithm))
        return keys
      })
      const note = made.includes(undefined) ? 'A key that is announced already was left as it is.\n' : ''
      const keys = (await rotation.keys()).filter(({ key }) => algorithms.some((each) => each === key.algorithm))
      print(keys, options, `${note}Running servers publish the new keys within 10 seconds.\n`)
    }),
  )

const retire = keysCommand('retire')
  .description('withdraw a signing key at once, because it has leaked: what it signed is refused')
  .argument('<kid>', 'id of the key')
  .action((keyId: string, options: KeyArguments) =>
    withData(options, { create: false }, async (data) => {
      const rotation = await openRotation(data, options)
      const done = await exclusively(data.store, systemClock, () => rotation.withdraw(keyId))
      if (done === undefined) throw new StartError(`There is no signing key "${keyId}" in ${data.name}.`)
      const { algorithm } = done.withdrawn
      const keys = (await rotation.keys()).filter(({ key }) => key.algorithm === algorithm)
      const note =
        'Running servers refuse what the key signed within 10 seconds, others when they read the keys anew: 5 minutes later at most.\n'
      print(keys, options, note)
    }),
  )

/** `grantry-server keys …`: shows and rotates signing keys, beside running servers. */
export const keysCommands = (): Command =>
  new Command('keys').description('manage signing keys').addCommand(list).addCommand(rotate).addCommand(retire)
