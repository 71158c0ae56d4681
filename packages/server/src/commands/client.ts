import { Command } from 'commander'
import { describeClient } from '../admin/describe.ts'
import { StartError } from '../errors.ts'
import { clientFlags, toChange, toSettings, withClientOptions, type ClientArguments } from './client-options.ts'
import { deleteClient, disableClient, enableClient, listClients, showClient } from './client-inspect.ts'
import { dropOldSecret, rotateSecret, showSecret } from './client-secrets.ts'
import { printFor, printRecord } from './print.ts'
import { withAdmin } from './with-admin.ts'
import { dataCommand, type DataArguments } from './with-data.ts'

interface CreateArguments extends DataArguments, ClientArguments {
  readonly id?: string
  readonly json?: true
}

const create = withClientOptions(dataCommand('create').option('--id <id>', 'client id (default: random)'))
  .description('register a client and show its secret')
  .option('--json', 'print JSON')
  .action((options: CreateArguments) =>
    withAdmin(options, { create: true, flags: clientFlags }, async ({ clients }) => {
      const { client, secret } = await clients.create({ id: options.id, ...toSettings(options) })
      printFor(options, { ...describeClient(client), clientSecret: secret }, () => showSecret(client.id, secret))
    }),
  )

const update = withClientOptions(dataCommand('update'))
  .description('change a client; a list replaces the one before, an empty value forgets it')
  .argument('<id>', 'client id, after -- where it begins with a dash')
  .option('--no-first-party', 'it is not run by whoever runs the server')
  .option('--json', 'print JSON')
  .action((id: string, options: CreateArguments) => {
    const change = toChange(options)
    if (Object.keys(change).length === 0) throw new StartError('Name what to change, such as --name "My app".', 2)
    return withAdmin(options, { create: false, flags: clientFlags }, async ({ clients }) => {
      const client = describeClient(await clients.update(id, change))
      printFor(options, client, () => printRecord(client))
    })
  })

/** `grantry-server client …`: registers clients, changes, shows and deletes them. */
export const clientCommand = (): Command =>
  [
    ...[create, listClients(), showClient(), update, disableClient(), enableClient(), deleteClient()],
    ...[rotateSecret(), dropOldSecret()],
  ].reduce((all, command) => all.addCommand(command), new Command('client'))
