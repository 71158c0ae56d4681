import type { Command } from 'commander'
import { generateClientSecret, type Client } from 'grantry'
import { isOfFile } from '../client-record.ts'
import type { Data } from '../data.ts'
import { StartError } from '../errors.ts'
import { printJson } from './print.ts'
import { dataCommand, withData, type DataArguments } from './with-data.ts'

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

type WithSecrets = Client & { readonly secrets: readonly string[] }

const hasSecrets = (client: Client | undefined): client is WithSecrets => client?.secrets !== undefined

const requireSecrets = async ({ store, name }: Data, id: string): Promise<WithSecrets> => {
  const client = await store.findClient(id)
  if (!hasSecrets(client)) throw new StartError(`There is no client "${id}" with a secret in ${name}.`)
  if (!isOfFile(client)) return client
  throw new StartError(`The client "${id}" is of the configuration file: change its secret there.`)
}

const save = async ({ store }: Data, client: Client, secrets: readonly string[]): Promise<void> => {
  if (await store.replaceClient(client, { ...client, secrets })) return
  throw new StartError(`The client "${client.id}" was changed at the same time. Its secrets are as before: try again.`)
}

const secretCommand = (name: string): Command => dataCommand(name).option('--json', 'print JSON')

/** `client rotate-secret`. */
export const rotateSecret = (): Command =>
  secretCommand('rotate-secret')
    .description('give a client a new secret; the old one ends at once, unless it is kept')
    .argument('<id>', 'client id')
    .option('--keep-old', 'the newest of the old ones works too, until drop-old-secret')
    .action((id: string, options: SecretArguments) =>
      withData(options, { create: false }, async (data) => {
        const client = await requireSecrets(data, id)
        const { secret, stored } = generateClientSecret()
        const secrets = [stored, ...(options.keepOld === true ? client.secrets.slice(0, 1) : [])]
        await save(data, client, secrets)
        if (options.json === true) printJson({ clientId: id, clientSecret: secret, liveSecrets: secrets.length })
        else showSecret(id, secret, secrets.length)
      }),
    )

/** `client drop-old-secret`. */
export const dropOldSecret = (): Command =>
  secretCommand('drop-old-secret')
    .description('end the secrets of a client before its newest one')
    .argument('<id>', 'client id')
    .action((id: string, options: SecretArguments) =>
      withData(options, { create: false }, async (data) => {
        const client = await requireSecrets(data, id)
        const dropped = client.secrets.length - 1
        if (dropped > 0) await save(data, client, client.secrets.slice(0, 1))
        if (options.json === true) printJson({ clientId: id, droppedSecrets: dropped, liveSecrets: 1 })
        else process.stdout.write(dropped > 0 ? 'The newest secret is the only one.\n' : 'There was no old secret.\n')
      }),
    )
