import { Command, Option } from 'commander'
import { systemClock } from 'grantry'
import { generatePassword, hashPassword } from '../accounts/password.ts'
import { passwordProblem } from '../accounts/password-policy.ts'
import { SessionLinks } from '../accounts/session-links.ts'
import type { Data } from '../data.ts'
import { StartError } from '../errors.ts'
import { toClaims, withClaimOptions, type ClaimArguments } from './claims.ts'
import { readPassword } from './read-password.ts'
import { hasOwnUsers } from '../user-settings.ts'
import { dataCommand, settingsOf, withData, type DataArguments } from './with-data.ts'

/** Running servers do it. */
const noDelivery = (): void => undefined

const requireName = (username: string): void => {
  if (username.trim() === '' || username.length > 256) throw new StartError('A user name has 1 to 256 characters.', 2)
}

interface PasswordArguments {
  readonly passwordStdin?: true
}

/** Never as an argument, which every user of the machine could read. */
const passwordStdin = (): Option =>
  new Option('--password-stdin', 'read the password from standard input, or ask for it, instead of making one')

/** A password that was typed or piped in; undefined where one is to be made. Throws a `StartError` for one that is not taken. */
const chosenPassword = async (username: string, options: PasswordArguments): Promise<string | undefined> => {
  if (options.passwordStdin === undefined) return undefined
  const password = await readPassword()
  const problem = await passwordProblem(password, username)
  if (problem !== undefined) throw new StartError(problem)
  return password
}

interface NewPassword {
  readonly username: string
  /** Undefined to make one, which is shown. */
  readonly chosen: string | undefined
  /** Says whether it could. */
  readonly save: (hash: string) => Promise<boolean>
  readonly problem: string
}

/** Gives a user a password. */
const givePassword = async ({ username, chosen, save, problem }: NewPassword): Promise<void> => {
  const password = chosen ?? generatePassword()
  if (!(await save(await hashPassword(password)))) throw new StartError(problem)
  const shown = chosen === undefined ? `password  ${password}\nThe password is shown once.\n` : ''
  process.stdout.write(`user      ${username}\n${shown}`)
}

const isThere = ({ name }: Data, username: string): string => `There is already a user "${username}" in ${name}.`
const isMissing = ({ name }: Data, username: string): string => `There is no user "${username}" in ${name}.`

const requireOwnUsers = (options: DataArguments): void => {
  if (hasOwnUsers(settingsOf(options))) return
  throw new StartError('Users come from elsewhere (userView). Make and change them there.', 2)
}

const create = withClaimOptions(dataCommand('create'))
  .description('make a user and show the password')
  .argument('<name>', 'user name')
  .addOption(passwordStdin())
  .action(async (username: string, options: DataArguments & ClaimArguments & PasswordArguments) => {
    requireName(username)
    requireOwnUsers(options)
    const chosen = await chosenPassword(username, options)
    return withData(options, { create: true }, (data) => {
      const save = async (hash: string): Promise<boolean> =>
        (await data.accounts.create(username, hash, systemClock(), toClaims(options))) !== undefined
      return givePassword({ username, chosen, save, problem: isThere(data, username) })
    })
  })

const update = withClaimOptions(dataCommand('update'))
  .description('change what clients may be told of a user; an empty value forgets it')
  .argument('<name>', 'user name')
  .action((username: string, options: DataArguments & ClaimArguments) => {
    const change = toClaims(options)
    if (Object.keys(change).length === 0)
      throw new StartError('Name what to change, such as --email ann@example.com.', 2)
    return withData(options, { create: false }, async (data) => {
      if (!(await data.accounts.changeClaims(username, change, systemClock())))
        throw new StartError(isMissing(data, username))
      process.stdout.write(`user  ${username}\n`)
    })
  })

const resetPassword = dataCommand('reset-password')
  .description('give a user a new password, and log out everywhere')
  .argument('<name>', 'user name')
  .addOption(passwordStdin())
  .action(async (username: string, options: DataArguments & PasswordArguments) => {
    requireName(username)
    const chosen = await chosenPassword(username, options)
    return withData(options, { create: false }, async (data) => {
      const save = (hash: string): Promise<boolean> => data.accounts.setPassword(username, hash)
      await givePassword({ username, chosen, save, problem: isMissing(data, username) })
      await new SessionLinks(data, systemClock, noDelivery).endLinks(await data.sessions.sidsOf(username))
    })
  })

/** The id of a local user by name; one from elsewhere is known by the id only. */
const idOf = async ({ accounts, outside }: Data, name: string): Promise<string | undefined> => {
  const local = await accounts.find(name)
  return local?.id ?? ((await outside.find(name)) && name)
}

const removeTotp = dataCommand('remove-totp')
  .description('turn off the second factor of a user who has lost it')
  .argument('<name>', 'user name, or the id of a user from elsewhere: users:42')
  .action((username: string, options: DataArguments) => {
    requireName(username)
    return withData(options, { create: false }, async (data) => {
      const id = await idOf(data, username)
      if (id === undefined) throw new StartError(isMissing(data, username))
      if (!(await data.totp.remove(id))) throw new StartError(`The user "${username}" has no second factor.`)
      process.stdout.write(`user  ${username}\n`)
    })
  })

/** `grantry-server user …`: makes users, and says what clients may be told of them. */
export const userCommand = (): Command =>
  new Command('user')
    .description('manage users')
    .addCommand(create)
    .addCommand(update)
    .addCommand(resetPassword)
    .addCommand(removeTotp)
