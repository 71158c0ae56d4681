import type { KeyRing } from 'grantry'
import type { Log } from './log.ts'
import { signingAlgorithms } from './signing-keys.ts'
import { within } from './within.ts'

const deadlineMs = 1000

/**
 * Makes the function that tells whether a server can do its work: whether its database answers within a second and has the keys that the
 * server signs with. One question at a time goes to the database, however many ask. That the tables are those of this version was checked
 * when the database was opened, and cannot change while this version runs.
 */
export const readiness = (keys: KeyRing, log: Log): (() => Promise<boolean>) => {
  let asked: Promise<boolean> | undefined
  const ask = async (): Promise<boolean> => {
    await keys.reload()
    const signers = await Promise.all(signingAlgorithms.map(async (algorithm) => keys.signer(algorithm)))
    return signers.every((signer) => signer !== undefined)
  }
  return async () => {
    asked ??= ask().finally(() => {
      asked = undefined
    })
    try {
      return await within(deadlineMs, asked)
    } catch (cause) {
      log({ type: 'store.failed', cause })
      return false
    }
  }
}
