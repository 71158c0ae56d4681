import { Command } from 'commander'
import { systemClock } from 'grantry'
import { generatePassword, hashPassword } from '../accounts/password.ts'
import { openData, type Data } from '../data.ts'
import { StartError } from '../errors.ts'
import { dataOption } from './options.ts'

/** A command that gives a user a generated password by `save`, which says whether it could. */
const passwordCommand = (
  name: string,
  description: string,
  save: (data: Data, username: string, password: string) => boolean,
): Command =>
  new Command(name)
    .description(description)
    .argument('<name>', 'user name')
    .addOption(dataOption())
    .action(async (username: string, options: { readonly data: string }) => {
      if (username.trim() === '' || username.length > 256)
        throw new StartError('A user name has 1 to 256 characters.', 2)
      const data = openData(options.data, { create: name === 'create' })
      try {
        const password = generatePassword()
        if (!save(data, username, await hashPassword(password))) {
          throw new StartError(
            `There is ${name === 'create' ? 'already a' : 'no'} user "${username}" in ${options.data}.`,
          )
        }
        process.stdout.write(`user      ${username}\npassword  ${password}\nThe password is shown once.\n`)
      } finally {
        data.close()
      }
    })

/** `grantry-server user …`: makes users. */
export const userCommand = (): Command =>
  new Command('user')
    .description('manage users')
    .addCommand(
      passwordCommand(
        'create',
        'make a user and show the password',
        ({ accounts }, username, password) => accounts.create(username, password, systemClock()) !== undefined,
      ),
    )
    .addCommand(
      passwordCommand(
        'reset-password',
        'give a user a new password and end the sessions',
        ({ accounts }, username, password) => accounts.setPassword(username, password),
      ),
    )
