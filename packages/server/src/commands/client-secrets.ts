import type { Command } from 'commander'
import { printFor } from './print.ts'
import { withAdmin } from './with-admin.ts'
import { dataCommand, type DataArguments } from './with-data.ts'

interface SecretArguments extends DataArguments {
  readonly keepOld?: true
  readonly json?: true
}

/** Shows a client with a secret that was just made. */
export const showSecret = (id: string, secret: string | undefined, live = 1): void => {
  process.stdout.write(`client id      ${id}\n`)
  if (secret !== undefined) process.stdout.write(`client secret  ${secret}\nThe secret is shown once.\n`)
  if (live > 1) process.stdout.write(`The old one works too, until: grantry-server client drop-old-secret ${id}\n`)
}

const secretCommand = (name: string): Command => dataCommand(name).option('--json', 'print JSON')

/** `client rotate-secret`. */
export const rotateSecret = (): Command =>
  secretCommand('rotate-secret')
    .description('give a client a new secret; the old one ends at once, unless it is kept')
    .argument('<id>', 'client id')
    .option('--keep-old', 'the newest of the old ones works too, until drop-old-secret')
    .action((id: string, options: SecretArguments) =>
      withAdmin(options, { create: false }, async ({ clients }) => {
        const { client, secret } = await clients.rotateSecret(id, { keepOld: options.keepOld === true })
        printFor(options, { clientId: id, clientSecret: secret, liveSecrets: client.secrets }, () =>
          showSecret(id, secret, client.secrets),
        )
      }),
    )

/** `client drop-old-secret`. */
export const dropOldSecret = (): Command =>
  secretCommand('drop-old-secret')
    .description('end the secrets of a client before its newest one')
    .argument('<id>', 'client id')
    .action((id: string, options: SecretArguments) =>
      withAdmin(options, { create: false }, async ({ clients }) => {
        const dropped = await clients.dropOldSecrets(id)
        printFor(options, { clientId: id, droppedSecrets: dropped, liveSecrets: 1 }, () =>
          process.stdout.write(dropped > 0 ? 'The newest secret is the only one.\n' : 'There was no old secret.\n'),
        )
      }),
    )
