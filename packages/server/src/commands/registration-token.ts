import { Command } from 'commander'
import { createInitialAccessToken, systemClock } from 'grantry'
import { expiresInOption } from './options.ts'
import { dataCommand, withData, type DataArguments } from './with-data.ts'

interface TokenArguments extends DataArguments {
  readonly reusable?: true
  readonly expiresIn: number
}

const create = dataCommand('create')
  .description('make a token with which a client may register itself, and show it')
  .option('--reusable', 'good for any number of clients until it expires (default: for one)')
  .addOption(expiresInOption())
  .action((options: TokenArguments) =>
    withData(options, { create: true }, async ({ store }, log) => {
      const { expiresIn, reusable: isReusable = false } = options
      const token = await createInitialAccessToken(store, { now: systemClock(), expiresIn, isReusable })
      log({ type: 'registration_token.created', isReusable, expiresIn })
      const use = `for ${isReusable ? 'any number of clients' : 'one client'} within ${expiresIn} seconds`
      process.stdout.write(`registration token  ${token}\nIt is shown once, and good ${use}.\n`)
    }),
  )

/** `grantry-server registration-token …`: lets others register clients (RFC 7591 §1.2). */
export const registrationTokenCommand = (): Command => new Command('registration-token').addCommand(create)
