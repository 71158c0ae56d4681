import { Command } from 'commander'
import type { Admin } from '../admin/admin.ts'
import { describeGrant } from '../admin/describe.ts'
import type { GrantOwner } from '../database/grant-directory.ts'
import { StartError } from '../errors.ts'
import { confirm, yesOption, type ConfirmArguments } from './confirm.ts'
import { cellOf, printFor, printLine, printTable } from './print.ts'
import { cursorOption, limitOption, printNext, type ListArguments } from './user-inspect.ts'
import { withAdmin } from './with-admin.ts'
import { dataCommand, type DataArguments } from './with-data.ts'

interface OwnerArguments {
  readonly user?: string
  readonly client?: string
}

const grantCommand = (name: string): Command =>
  dataCommand(name)
    .option('--user <name>', 'those of a user, by name or id')
    .option('--client <id>', 'those of a client')
    .option('--json', 'print JSON')

const requireOwner = ({ user, client }: OwnerArguments): void => {
  if (user === undefined && client === undefined) throw new StartError('Name --user, --client or both.', 2)
}

/** Whose grants they are; a name that there is not is refused, for it may be mistyped. */
const ownerOf = async ({ users, grants }: Admin, { user, client }: OwnerArguments): Promise<GrantOwner> => ({
  userId: user === undefined ? undefined : (await users.show(user)).id,
  clientId: client === undefined ? undefined : await grants.clientIdOf(client),
})

const list = grantCommand('list')
  .description('list what users let clients have, the newest first')
  .option('--all', 'also what is over and still kept')
  .addOption(limitOption())
  .addOption(cursorOption())
  .action((options: ListArguments & OwnerArguments & { readonly all?: true }) => {
    requireOwner(options)
    return withAdmin(options, { create: false, flags: { cursor: '--cursor' } }, async (admin) => {
      const { items, next } = await admin.grants.list({ ...options, ...(await ownerOf(admin, options)) })
      const grants = items.map(describeGrant)
      const rows = grants.map((grant) => [
        ...[grant.id, grant.clientId, cellOf(grant.userId), grant.createdAt, grant.expiresAt, cellOf(grant.revokedAt)],
      ])
      printFor(options, { items: grants, next }, () => {
        printTable(['grant', 'client', 'user', 'since', 'expires', 'revoked'], rows)
        printNext(next)
      })
    })
  })

interface RevokeArguments extends DataArguments, OwnerArguments, ConfirmArguments {
  readonly json?: true
}

const revokeOne = async ({ grants }: Admin, id: string, options: RevokeArguments): Promise<void> => {
  const grant = describeGrant(await grants.revoke(id))
  printFor(options, grant, () => printLine(`revoked  ${grant.id}`))
}

const revokeAll = async (admin: Admin, options: RevokeArguments): Promise<void> => {
  const owner = await ownerOf(admin, options)
  const whose = [options.user && `of "${options.user}"`, options.client && `at "${options.client}"`].filter(Boolean)
  await confirm(`To end everything ${whose.join(' ')}`, options)
  const count = await admin.grants.revokeAll(owner)
  printFor(options, { revoked: count }, () => printLine(`revoked  ${count}`))
}

const revoke = grantCommand('revoke')
  .description('end one grant, or all of a user, of a client, or of a user at a client')
  .argument('[grant]', 'id of the grant')
  .addOption(yesOption())
  .action((id: string | undefined, options: RevokeArguments) => {
    if (id === undefined) requireOwner(options)
    else if (options.user !== undefined || options.client !== undefined)
      throw new StartError('Name a grant, or whose grants: not both.', 2)
    return withAdmin(options, { create: false }, (admin) =>
      id === undefined ? revokeAll(admin, options) : revokeOne(admin, id, options),
    )
  })

/** `grantry-server grant …`: shows and ends what users let clients have. */
export const grantCommands = (): Command => new Command('grant').addCommand(list).addCommand(revoke)
