import { createInterface } from 'node:readline/promises'
import { Option } from 'commander'
import { StartError } from '../errors.ts'

/** What says that it is meant. */
export interface ConfirmArguments {
  readonly yes?: true
}

/** `--yes` of a command that cannot be undone. */
export const yesOption = (): Option => new Option('--yes', 'do it without asking')

/** Asks at a terminal whether something that cannot be undone is meant; elsewhere `--yes` must say so. Throws a `StartError` where it is not. */
export const confirm = async (what: string, { yes }: ConfirmArguments): Promise<void> => {
  if (yes === true) return
  if (!process.stdin.isTTY) throw new StartError(`${what} cannot be undone. Say --yes to do it.`, 2)
  const lines = createInterface({ input: process.stdin, output: process.stderr })
  try {
    const answer = await lines.question(`${what} cannot be undone. Go on? [y/N] `)
    if (!/^y(?:es)?$/i.test(answer.trim())) throw new StartError('Nothing was done.')
  } finally {
    lines.close()
  }
}
