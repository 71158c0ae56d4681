import type { Command } from 'commander'
import { systemClock } from 'grantry'
import { countLive, revokeAll, type LiveCounts } from '../backup/revoke-all.ts'
import { openData } from '../data.ts'
import { openLongWork } from '../database/long-work.ts'
import { many, printJson } from './print.ts'
import { dataCommand, dataOptionsOf, tellAudit, type DataArguments } from './with-data.ts'

interface RevokeArguments extends DataArguments {
  readonly yes?: true
  readonly json?: true
}

const listed = ({ grants, sessions, codes, tickets, tokens }: LiveCounts): string =>
  `${many(grants, 'grant')} and all their tokens, ${many(sessions, 'login')}, ${many(codes + tickets, 'code')}, ${many(tokens, 'other token')}`

/** What was ended, for people. */
export const endedText = (ended: LiveCounts): string => `Ended: ${listed(ended)}.`

const run = async (options: RevokeArguments): Promise<void> => {
  const where = dataOptionsOf(options)
  await (await openData({ ...where, create: false })).close() // whose tables must be those of this version
  const work = await openLongWork(where)
  try {
    const isDone = options.yes === true
    const counts = isDone ? await revokeAll(work, systemClock()) : await countLive(work)
    if (isDone) await tellAudit(options, { type: 'access.revoked_all', ...counts })
    if (options.json === true) printJson({ isDone, ...counts })
    else process.stdout.write(isDone ? `${endedText(counts)}\n` : `This would end ${listed(counts)}. To do it: --yes\n`)
  } finally {
    await work.close()
  }
}

/** `grantry-server revoke-all`. */
export const revokeAllCommand = (): Command =>
  dataCommand('revoke-all')
    .option('--yes', 'do it; else it only says how much that is')
    .option('--json', 'print JSON')
    .action(run)
