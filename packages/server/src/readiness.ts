import type { Store } from 'grantry'
import type { Log } from './log.ts'
import { within } from './within.ts'

const deadlineMs = 1000

/**
 * Makes the function that tells whether a server can do its work: whether its database answers within a second and has the keys that the
 * server signs with. One question at a time goes to the database, however many ask. That the tables are those of this version was checked
 * when the database was opened, and cannot change while this version runs.
 */
export const readiness = (store: Store, keyIds: readonly string[], log: Log): (() => Promise<boolean>) => {
  let asked: Promise<boolean> | undefined
  const ask = async (): Promise<boolean> => {
    const stored = new Set((await store.findSigningKeys()).map(({ keyId }) => keyId))
    return keyIds.every((keyId) => stored.has(keyId))
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
