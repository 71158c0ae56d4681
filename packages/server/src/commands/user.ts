import { Command } from 'commander'
import { systemClock } from 'grantry'
import { generatePassword, hashPassword } from '../accounts/password.ts'
import type { Data } from '../data.ts'
import { StartError } from '../errors.ts'
import { dataCommand, withData, type DataArguments } from './with-data.ts'

/** A command that gives a user a generated password by `save`, which says whether it could. */
const passwordCommand = (
  name: string,
  description: string,
  save: (data: Data, username: string, password: string) => Promise<boolean>,
): Command =>
  dataCommand(name)
    .description(description)
    .argument('<name>', 'user name')
    .action(async (username: string, options: DataArguments) => {
      if (username.trim() === '' || username.length > 256)
        throw new StartError('A user name has 1 to 256 characters.', 2)
      await withData(options, { create: name === 'create' }, async (data) => {
        const password = generatePassword()
        if (!(await save(data, username, await hashPassword(password))))
          throw new StartError(`There is ${name === 'create' ? 'already a' : 'no'} user "${username}" in ${data.name}.`)
        process.stdout.write(`user      ${username}\npassword  ${password}\nThe password is shown once.\n`)
      })
    })

/** `grantry-server user …`: makes users. */
export const userCommand = (): Command =>
  new Command('user')
    .description('manage users')
    .addCommand(
      passwordCommand(
        'create',
        'make a user and show the password',
        async ({ accounts }, username, password) =>
          (await accounts.create(username, password, systemClock())) !== undefined,
      ),
    )
    .addCommand(
      passwordCommand(
        'reset-password',
        'give a user a new password and end the sessions',
        ({ accounts }, username, password) => accounts.setPassword(username, password),
      ),
    )
