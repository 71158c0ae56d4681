import type { Command } from 'commander'
import { linkUrl, type LinkKind } from '../accounts/one-time-links.ts'
import { toClaims, withClaimOptions, type ClaimArguments } from './claims.ts'
import { addSettings, expiresInOption } from './options.ts'
import { printFor } from './print.ts'
import { withAdmin } from './with-admin.ts'
import { dataCommand, settingsOf, type DataArguments } from './with-data.ts'

/** What a command is told that makes a link. */
export interface LinkArguments extends DataArguments {
  readonly json?: true
  readonly expiresIn: number
}

/** Gives a command the options of a link: whose server it leads to, and for how long. */
export const withLinkOptions = (command: Command): Command =>
  addSettings(command, ['issuer']).addOption(expiresInOption())

const until = (expiresIn: number): string =>
  `${new Date(Date.now() + expiresIn * 1000).toISOString().slice(0, 16).replace('T', ' ')} UTC`

const needs: Readonly<Record<LinkKind, string>> = {
  password_reset: '',
  sign_up: ' The server must run with --sign-up invite or open.',
}

/** Shows a link to the server that the settings are of. */
export const printLink = (options: LinkArguments, kind: LinkKind, ticket: string): void => {
  const { issuer, port } = settingsOf(options)
  const link = linkUrl(issuer?.url ?? `http://localhost:${port}`, kind, ticket)
  const { expiresIn } = options
  const text = `link  ${link}\nIt is shown once, and good once, until ${until(expiresIn)}.${needs[kind]}\n`
  printFor(options, { link, expiresIn }, () => void process.stdout.write(text))
}

/** `user invite`: makes a link by which somebody makes an account. */
export const inviteUser = (): Command =>
  withLinkOptions(withClaimOptions(dataCommand('invite')))
    .description('make a link by which somebody makes an account, with what is known already')
    .option('--json', 'print JSON')
    .action((options: LinkArguments & ClaimArguments) =>
      withAdmin(options, { create: true, flags: { claims: '--claim' } }, async ({ users }) =>
        printLink(options, 'sign_up', await users.makeInvitation(toClaims(options), options.expiresIn)),
      ),
    )
