import { Command, Option } from 'commander'
import { describeUser, describeUserDetails } from '../admin/describe.ts'
import type { UserWithPassword } from '../admin/users.ts'
import { StartError } from '../errors.ts'
import { toClaims, withClaimOptions, type ClaimArguments } from './claims.ts'
import { printFor, printRecord } from './print.ts'
import { readPassword } from './read-password.ts'
import { inviteUser, printLink, withLinkOptions, type LinkArguments } from './user-links.ts'
import { userPasskeys } from './user-passkeys.ts'
import { deleteUser, disableUser, enableUser, listUsers, showUser } from './user-inspect.ts'
import { withAdmin } from './with-admin.ts'
import { dataCommand, type DataArguments } from './with-data.ts'

interface UserArguments extends DataArguments {
  readonly json?: true
}

interface PasswordArguments extends UserArguments {
  readonly passwordStdin?: true
}

/** Never as an argument, which every user of the machine could read. */
const passwordStdin = (): Option =>
  new Option('--password-stdin', 'read the password from standard input, or ask for it, instead of making one')

/** A password that was typed or piped in; undefined where one is to be made. */
const chosenPassword = ({ passwordStdin: isAsked }: PasswordArguments): Promise<string> | undefined =>
  isAsked === true ? readPassword() : undefined

const oneUser = (name: string, description: string): Command =>
  dataCommand(name).description(description).argument('<name>', 'user name, or id').option('--json', 'print JSON')

const show = ({ user, password }: UserWithPassword, options: UserArguments): void => {
  const shown = password === undefined ? '' : `password  ${password}\nThe password is shown once.\n`
  const text = `user      ${user.username}\n${shown}`
  printFor(options, { ...describeUser(user), password }, () => void process.stdout.write(text))
}

const flags = { claims: '--claim' }

interface CreateArguments extends PasswordArguments, ClaimArguments {
  readonly admin?: true
}

const create = withClaimOptions(oneUser('create', 'make a user and show the password'))
  .addOption(passwordStdin())
  .option('--admin', 'an administrator, who may use the console')
  .action(async (username: string, options: CreateArguments) => {
    const password = await chosenPassword(options)
    return withAdmin(options, { create: true, flags }, async ({ users }) => {
      const claims = toClaims(options)
      show(await users.create({ username, password, claims, isAdmin: options.admin === true }), options)
    })
  })

const update = withClaimOptions(
  oneUser('update', 'change what clients may be told of a user; an empty value forgets it'),
).action((name: string, options: UserArguments & ClaimArguments) => {
  const change = toClaims(options)
  if (Object.keys(change).length === 0) throw new StartError('Name what to change, such as --email ann@example.com.', 2)
  return withAdmin(options, { create: false, flags }, async ({ users }) => {
    const user = await users.changeClaims(name, change)
    printFor(options, describeUser(user), () => printRecord({ user: user.username, ...user.claims }))
  })
})

const resetPassword = withLinkOptions(
  oneUser('reset-password', 'make a link by which a user sets a new password, which ends all logins'),
)
  .addOption(
    new Option('--password-stdin', 'set the password now, from standard input or asked for, instead of a link'),
  )
  .action(async (name: string, options: PasswordArguments & LinkArguments) => {
    const password = await chosenPassword(options)
    return withAdmin(options, { create: false, flags }, async ({ users }) => {
      if (password !== undefined) show(await users.setPassword(name, password), options)
      else printLink(options, 'password_reset', await users.makeResetTicket(name, options.expiresIn))
    })
  })

const removeTotp = oneUser('remove-totp', 'turn off the second factor of a user who has lost it').action(
  (name: string, options: UserArguments) =>
    withAdmin(options, { create: false }, async ({ users }) => {
      await users.removeSecondFactor(name)
      const user = await users.show(name)
      printFor(options, describeUserDetails(user), () => process.stdout.write(`user  ${user.username}\n`))
    }),
)

const roleCommand = (name: string, description: string, isAdmin: boolean): Command =>
  oneUser(name, description).action((user: string, options: UserArguments) =>
    withAdmin(options, { create: false }, async ({ users }) => {
      const changed = await users.setAdmin(user, isAdmin)
      printFor(options, describeUser(changed), () =>
        printRecord({ user: changed.username, administrator: changed.isAdmin ? 'yes' : 'no' }),
      )
    }),
  )

const grantAdmin = roleCommand('grant-admin', 'make a user an administrator, who may use the console', true)
const revokeAdmin = roleCommand('revoke-admin', 'make an administrator an ordinary user', false)

/** `grantry-server user …`: makes users, says what clients may be told of them, and ends them. */
export const userCommand = (): Command =>
  [
    ...[create, inviteUser(), listUsers(), showUser(), update, resetPassword, removeTotp, userPasskeys()],
    ...[grantAdmin, revokeAdmin, disableUser(), enableUser(), deleteUser()],
  ].reduce((all, command) => all.addCommand(command), new Command('user'))
