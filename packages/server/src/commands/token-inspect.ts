import { text as readAll } from 'node:stream/consumers'
import { Command } from 'commander'
import { describeToken } from '../admin/describe.ts'
import type { InactiveReason, InspectedToken } from '../admin/tokens.ts'
import { withSettings } from './options.ts'
import { printFor, printRecord } from './print.ts'
import { withAdmin } from './with-admin.ts'
import type { DataArguments } from './with-data.ts'

interface TokenArguments extends DataArguments {
  readonly json?: true
}

const reasons: Readonly<Record<InactiveReason, string>> = {
  unknown: 'no: it is of another server, or was forgotten after it expired',
  forged: 'no: it is no access token that a key of this server signed',
  expired: 'no: it has expired',
  used: 'no: it was used, or replaced by a newer one',
  revoked: 'no: it was revoked',
  grant_gone: 'no: its grant is gone',
  grant_revoked: 'no: its grant was revoked',
  client_gone: 'no: its client was deleted',
  client_disabled: 'no: its client is disabled',
  user_gone: 'no: its user was deleted',
  user_disabled: 'no: its user is disabled',
}

const print = (token: InspectedToken, options: TokenArguments): void => {
  const { isActive, reason, ...rest } = describeToken(token)
  const active = reason === undefined ? 'yes' : reasons[reason]
  printFor(options, { isActive, reason, ...rest }, () => printRecord({ active, ...rest }))
}

const tokenOf = async (given: string | undefined): Promise<string> => given ?? (await readAll(process.stdin))

const oneToken = (name: string, description: string): Command =>
  withSettings(new Command(name), ['data', 'database', 'databaseWait', 'tokenFormat'])
    .description(description)
    .argument('[token]', 'the token; from standard input where it is left out, as a command line can be seen by others')
    .option('--json', 'print JSON')

/** `token inspect`. */
export const inspectToken = (): Command =>
  oneToken('inspect', 'say what a token is, of whom, for whom, until when, and whether it is good').action(
    async (given: string | undefined, options: TokenArguments) => {
      const token = await tokenOf(given)
      return withAdmin(options, { create: false }, async ({ tokens }) => print(await tokens.inspect(token), options))
    },
  )

/** `token revoke`. */
export const revokeToken = (): Command =>
  oneToken('revoke', 'end a token; with a refresh token, all that was issued with it').action(
    async (given: string | undefined, options: TokenArguments) => {
      const token = await tokenOf(given)
      return withAdmin(options, { create: false }, async ({ tokens }) => print(await tokens.revoke(token), options))
    },
  )
