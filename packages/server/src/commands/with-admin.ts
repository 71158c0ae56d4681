import { systemClock } from 'grantry'
import { hashPassword } from '../accounts/password.ts'
import { SessionLinks } from '../accounts/session-links.ts'
import { adminFor, type Admin } from '../admin/admin.ts'
import type { AdminParts } from '../admin/parts.ts'
import { AdminRefusal } from '../admin/refusal.ts'
import { clientPages } from '../client-pages.ts'
import { closestName } from '../closest-name.ts'
import type { Data, DataOptions } from '../data.ts'
import { StartError } from '../errors.ts'
import { KeyEncryption, keysOfFolder } from '../key-encryption.ts'
import type { Log } from '../log.ts'
import { keyRingOf, keyRotation } from '../signing-keys.ts'
import type { Settings } from '../settings.ts'
import { hasOwnUsers } from '../user-settings.ts'
import { settingsOf, withData, type DataArguments } from './with-data.ts'

/** Running servers tell clients of logouts. */
const noDelivery = (): void => undefined
const silent = (): void => undefined

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

const partsOf = (data: Data, log: Log, given: DataArguments): AdminParts => {
  const settings = settingsOf(given)
  const now = systemClock
  return {
    ...{ data, now, hashPassword, log },
    hasOwnUsers: hasOwnUsers(settings),
    hasTokenRows: settings.tokenFormat !== 'jwt',
    links: new SessionLinks(data, now, noDelivery),
    rotation: async () => keyRotation(data, await encryptionOf(data, settings), { now, days: 0 }),
    keys: async () => keyRingOf(data, await encryptionOf(data, settings), { now, log: silent }),
  }
}

/** So many names are looked at to find the nearest one. */
const mostNames = 2000

const namesLike = async (data: Data, what: 'client' | 'user', id: string): Promise<readonly string[]> => {
  if (what === 'user')
    return (await data.users.list({ after: '', limit: mostNames, search: id.slice(0, 1) })).map(
      ({ username }) => username,
    )
  const names: string[] = []
  for await (const clients of clientPages(data.store)) {
    names.push(...clients.map((client) => client.id))
    if (names.length >= mostNames) break
  }
  return names
}

/** The name that may have been meant. */
const suggestion = async (data: Data, { missing }: AdminRefusal): Promise<string> => {
  if (missing?.what !== 'client' && missing?.what !== 'user') return ''
  const names = await namesLike(data, missing.what, missing.id)
  const near = closestName(missing.id, names)
  return near === undefined ? '' : ` Did you mean "${near}"?`
}

/** What is wrong with flags, in a line for each; undefined where it is something else. */
const flagProblems = ({ problems }: AdminRefusal, flags: FlagNames): string | undefined => {
  const lines = problems.map(({ member, problem }) => [flags[member.replace(/\..*/s, '')], `${problem}.`] as const)
  return lines.every(([flag]) => flag !== undefined) ? lines.map((line) => line.join(' ')).join('\n') : undefined
}

const explain = async (data: Data, refusal: AdminRefusal, flags: FlagNames): Promise<StartError> => {
  const wrongFlags = refusal.problems.length > 0 ? flagProblems(refusal, flags) : undefined
  if (wrongFlags !== undefined) return new StartError(wrongFlags, 2, refusal)
  if (refusal.missing === undefined) return new StartError(refusal.message, 1, refusal)
  const where = refusal.message.replace(/\.$/, ` in ${data.name}.`)
  return new StartError(`${where}${await suggestion(data, refusal)}`, 1, refusal)
}

/** The flags that set members, for messages. */
export type FlagNames = Readonly<Record<string, string>>

/** How an operation is run from the command line. */
export interface AdminRun extends Pick<DataOptions, 'create'> {
  readonly flags?: FlagNames
}

/** Runs `use` with the operations of administration. What they refuse becomes a `StartError` that names flags, and the nearest name. */
export const withAdmin = (
  given: DataArguments,
  { create, flags = {} }: AdminRun,
  use: (admin: Admin, data: Data) => Promise<void>,
): Promise<void> =>
  withData(given, { create }, async (data, log) => {
    try {
      await use(adminFor(partsOf(data, log, given), { kind: 'command' }), data)
    } catch (thrown) {
      throw thrown instanceof AdminRefusal ? await explain(data, thrown, flags) : thrown
    }
  })
