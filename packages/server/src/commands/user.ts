import { Command } from 'commander'
import { systemClock } from 'grantry'
import { generatePassword, hashPassword } from '../accounts/password.ts'
import { SessionLinks } from '../accounts/session-links.ts'
import type { Data } from '../data.ts'
import { StartError } from '../errors.ts'
import { toClaims, withClaimOptions, type ClaimArguments } from './claims.ts'
import { dataCommand, withData, type DataArguments } from './with-data.ts'

/** Running servers do it. */
const noDelivery = (): void => undefined

const requireName = (username: string): void => {
  if (username.trim() === '' || username.length > 256) throw new StartError('A user name has 1 to 256 characters.', 2)
}

/** Gives a user a generated password by `save`, which says whether it could, and shows it. */
const showPassword = async (
  username: string,
  save: (hash: string) => Promise<boolean>,
  problem: string,
): Promise<void> => {
  const password = generatePassword()
  if (!(await save(await hashPassword(password)))) throw new StartError(problem)
  process.stdout.write(`user      ${username}\npassword  ${password}\nThe password is shown once.\n`)
}

const isThere = ({ name }: Data, username: string): string => `There is already a user "${username}" in ${name}.`
const isMissing = ({ name }: Data, username: string): string => `There is no user "${username}" in ${name}.`

const create = withClaimOptions(dataCommand('create'))
  .description('make a user and show the password')
  .argument('<name>', 'user name')
  .action((username: string, options: DataArguments & ClaimArguments) => {
    requireName(username)
    return withData(options, { create: true }, (data) => {
      const save = async (hash: string): Promise<boolean> =>
        (await data.accounts.create(username, hash, systemClock(), toClaims(options))) !== undefined
      return showPassword(username, save, isThere(data, username))
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
  .action((username: string, options: DataArguments) => {
    requireName(username)
    return withData(options, { create: false }, async (data) => {
      await showPassword(username, (hash) => data.accounts.setPassword(username, hash), isMissing(data, username))
      await new SessionLinks(data, systemClock, noDelivery).endLinks(await data.accounts.sidsOf(username))
    })
  })

/** `grantry-server user …`: makes users, and says what clients may be told of them. */
export const userCommand = (): Command =>
  new Command('user').description('manage users').addCommand(create).addCommand(update).addCommand(resetPassword)
