import { InvalidArgumentError, Option, type Command } from 'commander'
import type { Admin } from '../admin/admin.ts'
import { describeConsent, describeSession, describeUser, describeUserDetails, isoTime } from '../admin/describe.ts'
import type { UserRecord } from '../accounts/user-directory.ts'
import { confirm, yesOption, type ConfirmArguments } from './confirm.ts'
import { cellOf, printFor, printLine, printRecord, printTable } from './print.ts'
import { withAdmin } from './with-admin.ts'
import { dataCommand, type DataArguments } from './with-data.ts'

interface UserArguments extends DataArguments, ConfirmArguments {
  readonly json?: true
}

/** How many rows a list has at most. */
export const limitOption = (): Option =>
  new Option('--limit <rows>', 'most rows, from 1 to 200')
    .argParser((text) => {
      if (/^[1-9]\d{0,2}$/.test(text) && Number(text) <= 200) return Number(text)
      throw new InvalidArgumentError('It must be a whole number from 1 to 200.')
    })
    .default(50)

/** Where a list goes on. */
export const cursorOption = (): Option => new Option('--cursor <text>', 'go on where a list before ended, as it said')

/** What a list was asked for. */
export interface ListArguments extends DataArguments {
  readonly limit: number
  readonly cursor?: string
  readonly json?: true
}

/** Says how a list goes on. */
export const printNext = (next: string | undefined): void => {
  if (next !== undefined) printLine(`There are more: --cursor '${next}'`)
}

const rowOf = ({ shownName, id, claims, isAdmin, disabledAt, createdAt }: UserRecord): readonly string[] => [
  ...[shownName, cellOf(claims['email']), disabledAt === undefined ? 'enabled' : 'disabled'],
  ...[isAdmin ? 'admin' : '-', isoTime(createdAt).slice(0, 10), id],
]

/** `user list`. */
export const listUsers = (): Command =>
  dataCommand('list')
    .description('list the users')
    .option('--search <text>', 'those whose name or e-mail address begins so')
    .addOption(limitOption())
    .addOption(cursorOption())
    .option('--json', 'print JSON')
    .action((options: ListArguments & { readonly search?: string }) =>
      withAdmin(options, { create: false }, async ({ users }) => {
        const { items, next } = await users.list(options)
        printFor(options, { items: items.map(describeUser), next }, () => {
          printTable(['name', 'e-mail', 'state', 'role', 'since', 'id'], items.map(rowOf))
          printNext(next)
        })
      }),
    )

const oneUser = (name: string, description: string): Command =>
  dataCommand(name).description(description).argument('<name>', 'user name, or id').option('--json', 'print JSON')

const detailsOf = async ({ users, sessions }: Admin, name: string) => {
  const user = await users.show(name)
  return {
    ...describeUserDetails(user),
    sessions: (await sessions.list(user.id)).map(describeSession),
    apps: (await users.consents(user.id)).map(describeConsent),
  }
}

const printDetails = ({ claims, sessions, apps, ...user }: Awaited<ReturnType<typeof detailsOf>>): void => {
  printRecord({ ...user, ...claims })
  const logins = sessions.map(({ startedAt, lastUsedAt }) => [startedAt, lastUsedAt])
  const allowed = apps.map(({ clientId, scopes, allowedAt }) => [clientId, cellOf(scopes), allowedAt])
  if (logins.length > 0) printTable(['logged in', 'last used'], logins)
  if (allowed.length > 0) printTable(['app', 'scopes', 'allowed'], allowed)
}

/** `user show`. */
export const showUser = (): Command =>
  oneUser('show', 'show a user, with logins and apps that were let in').action((name: string, options: UserArguments) =>
    withAdmin(options, { create: false }, async (admin) => {
      const details = await detailsOf(admin, name)
      printFor(options, details, () => printDetails(details))
    }),
  )

/** `user disable`. */
export const disableUser = (): Command =>
  oneUser('disable', 'keep a user out, and end all logins and all that was let in').action(
    (name: string, options: UserArguments) =>
      withAdmin(options, { create: false }, async ({ users }) => {
        const user = await users.disable(name)
        printFor(options, describeUser(user), () => printLine(`disabled  ${user.username}`))
      }),
  )

/** `user enable`. */
export const enableUser = (): Command =>
  oneUser('enable', 'let a user who is disabled log in again').action((name: string, options: UserArguments) =>
    withAdmin(options, { create: false }, async ({ users }) => {
      const user = await users.enable(name)
      printFor(options, describeUser(user), () => printLine(`enabled  ${user.username}`))
    }),
  )

/** `user delete`. */
export const deleteUser = (): Command =>
  oneUser('delete', 'delete a user, with all logins and all that was let in')
    .addOption(yesOption())
    .action((name: string, options: UserArguments) =>
      withAdmin(options, { create: false }, async ({ users }) => {
        const { username } = await users.show(name)
        await confirm(`To delete the user "${username}"`, options)
        const user = await users.delete(name)
        printFor(options, describeUser(user), () => printLine(`deleted  ${user.username}`))
      }),
    )
