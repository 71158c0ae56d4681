import type { Command } from 'commander'
import { StoreValidator, systemClock, type Client } from 'grantry'
import { clientPages } from '../client-pages.ts'
import type { Data } from '../data.ts'
import { StartError } from '../errors.ts'
import { printable } from './print.ts'
import { dataCommand, withData, type DataArguments } from './with-data.ts'

const dateOf = (seconds: number): string => new Date(seconds * 1000).toISOString().slice(0, 10)

/** How a client came to be here. */
const originOf = ({ registration }: Client): string => {
  if (registration === undefined) return 'made by an operator'
  const { registeredAt, lastUsedAt } = registration
  const use = lastUsedAt === undefined ? 'never used' : `last used about ${dateOf(lastUsedAt)}`
  return `registered itself ${dateOf(registeredAt)}, ${use}`
}

const lineOf = (client: Client): string =>
  printable(`${client.id}  ${originOf(client)}${client.name === undefined ? '' : `  ${client.name}`}`)

/** A record without its secrets: digests are for nobody to see. */
const shownRecord = ({ secrets, registration, ...client }: Client): object => ({
  ...client,
  ...(secrets !== undefined && { secrets: `${secrets.length}, of which digests are stored` }),
  ...(registration !== undefined && { registration: { ...registration, tokenDigest: undefined } }),
})

/** `client list`. */
export const listClients = (): Command =>
  dataCommand('list')
    .description('list the clients, and which of them registered themselves')
    .action((options: DataArguments) =>
      withData(options, { create: false }, async ({ store }) => {
        for await (const clients of clientPages(store))
          process.stdout.write(clients.map((client) => `${lineOf(client)}\n`).join(''))
      }),
    )

const requireClient = async ({ store, name }: Data, id: string): Promise<Client> => {
  const client = await store.findClient(id)
  if (client === undefined) throw new StartError(`There is no client "${id}" in ${name}.`)
  return client
}

/** `client show`. */
export const showClient = (): Command =>
  dataCommand('show')
    .description('show the record of a client, without its secrets')
    .argument('<id>', 'client id, after -- where it begins with a dash')
    .action((id: string, options: DataArguments) =>
      withData(options, { create: false }, async (data) => {
        const client = await requireClient(data, id)
        const record = JSON.stringify(shownRecord(client), undefined, 2).split('\n').map(printable).join('\n')
        process.stdout.write(`${lineOf(client)}\n${record}\n`)
      }),
    )

/** `client delete`. */
export const deleteClient = (): Command =>
  dataCommand('delete')
    .description('delete a client, and end all that users let it have')
    .argument('<id>', 'client id, after -- where it begins with a dash')
    .action((id: string, options: DataArguments) =>
      withData(options, { create: false }, async (data) => {
        const client = await requireClient(data, id)
        await new StoreValidator(data.store).deleteRegistration(client, systemClock())
        await data.consents.forgetClient(id)
        process.stdout.write(`deleted  ${lineOf(client)}\n`)
      }),
    )
