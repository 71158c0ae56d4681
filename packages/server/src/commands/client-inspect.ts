import type { Command } from 'commander'
import type { Admin } from '../admin/admin.ts'
import type { ClientView } from '../admin/clients.ts'
import { describeClient } from '../admin/describe.ts'
import { confirm, yesOption, type ConfirmArguments } from './confirm.ts'
import { printFor, printLine, printRecord, printTable } from './print.ts'
import { withAdmin } from './with-admin.ts'
import { dataCommand, type DataArguments } from './with-data.ts'

interface ClientArguments extends DataArguments, ConfirmArguments {
  readonly search?: string
  readonly json?: true
}

const dateOf = (seconds: number): string => new Date(seconds * 1000).toISOString().slice(0, 10)

/** How a client came to be here. */
const originOf = ({ origin, registeredAt, lastUsedAt }: ClientView): string => {
  if (origin === 'file') return 'of the configuration file'
  if (origin === 'console') return 'the console'
  if (registeredAt === undefined) return 'made by an operator'
  const use = lastUsedAt === undefined ? 'never used' : `last used about ${dateOf(lastUsedAt)}`
  return `registered itself ${dateOf(registeredAt)}, ${use}`
}

const stateOf = ({ disabledAt }: ClientView): string =>
  disabledAt === undefined ? 'enabled' : `disabled ${dateOf(disabledAt)}`

const rowOf = (client: ClientView): readonly string[] => [
  ...[client.id, client.settings.name ?? '-', stateOf(client), originOf(client)],
]

const all = async ({ clients }: Admin, search: string | undefined): Promise<readonly ClientView[]> => {
  const found: ClientView[] = []
  for (let cursor: string | undefined = ''; cursor !== undefined;) {
    const page: Awaited<ReturnType<typeof clients.list>> = await clients.list({ cursor, search, limit: 200 })
    found.push(...page.items)
    cursor = page.next
  }
  return found
}

/** `client list`. */
export const listClients = (): Command =>
  dataCommand('list')
    .description('list the clients, and which of them registered themselves')
    .option('--search <text>', 'those that have this in their id or name')
    .option('--json', 'print JSON')
    .action((options: ClientArguments) =>
      withAdmin(options, { create: false }, async (admin) => {
        const clients = await all(admin, options.search)
        printFor(options, clients.map(describeClient), () =>
          printTable(['id', 'name', 'state', 'origin'], clients.map(rowOf)),
        )
      }),
    )

const oneClient = (name: string, description: string): Command =>
  dataCommand(name)
    .description(description)
    .argument('<id>', 'client id, after -- where it begins with a dash')
    .option('--json', 'print JSON')

/** `client show`. */
export const showClient = (): Command =>
  oneClient('show', 'show a client, without its secrets').action((id: string, options: ClientArguments) =>
    withAdmin(options, { create: false }, async ({ clients }) => {
      const client = describeClient(await clients.show(id))
      printFor(options, client, () => printRecord(client))
    }),
  )

const setDisabled = (id: string, options: ClientArguments, isDisabled: boolean): Promise<void> =>
  withAdmin(options, { create: false }, async ({ clients }) => {
    const client = await clients.setDisabled(id, isDisabled)
    printFor(options, describeClient(client), () => printLine(`${isDisabled ? 'disabled' : 'enabled'}  ${client.id}`))
  })

/** `client disable`. */
export const disableClient = (): Command =>
  oneClient('disable', 'refuse a client and its tokens everywhere, until it is enabled').action(
    (id: string, options: ClientArguments) => setDisabled(id, options, true),
  )

/** `client enable`. */
export const enableClient = (): Command =>
  oneClient('enable', 'let a client that is disabled work again').action((id: string, options: ClientArguments) =>
    setDisabled(id, options, false),
  )

/** `client delete`. */
export const deleteClient = (): Command =>
  oneClient('delete', 'delete a client, and end all that users let it have')
    .addOption(yesOption())
    .action((id: string, options: ClientArguments) =>
      withAdmin(options, { create: false }, async ({ clients }) => {
        await clients.show(id)
        await confirm(`To delete the client "${id}"`, options)
        const client = await clients.delete(id)
        printFor(options, describeClient(client), () => printLine(`deleted  ${client.id}  ${originOf(client)}`))
      }),
    )
