import type { CodeRow, Store } from 'grantry'
import { interceptStore } from '../packages/grantry/src/testing/intercept-store.ts'

/** Gives a code again as if it were unused. */
const respending = (store: Store): Store => {
  const consumed = new Map<unknown, CodeRow>()
  return interceptStore(store, async ({ name, arguments: [digest], run }) => {
    if (name !== 'consumeCode') return run()
    const outcome = consumed.get(digest) ?? (await run())
    if (typeof outcome === 'object') consumed.set(digest, outcome as CodeRow) // an object by its contract
    return outcome
  })
}

/** Says that one thing was done, and does nothing. */
const idle =
  (method: keyof Store, answer: unknown) =>
  (store: Store): Store =>
    interceptStore(store, ({ name, run }) => (name === method ? answer : run()))

/** Says that all was granted, whatever was. */
const widening = (store: Store): Store =>
  interceptStore(store, async ({ name, run }) => {
    const outcome = await run()
    if (name !== 'findRefreshToken' || typeof outcome !== 'object') return outcome
    return { ...outcome, scopes: ['read', 'write'] }
  })

/** Forgets that a reused refresh token is to end its family. */
const unalarmed = (store: Store): Store =>
  interceptStore(store, ({ name, arguments: [given], run }) =>
    name === 'rotateRefreshToken'
      ? store.rotateRefreshToken({ ...(given as Parameters<Store['rotateRefreshToken']>[0]), revokesOnReuse: false })
      : run(),
  )

/** Deletes what expires in the next minutes with what has expired. */
const hasty = (store: Store): Store =>
  interceptStore(store, ({ name, arguments: [now, limit], run }) =>
    name === 'sweep' ? store.sweep(Number(now) + 200, Number(limit)) : run(),
  )

/** Stores that do not keep their contract, by what is wrong with them. */
export const wrongStores: Readonly<Record<string, (store: Store) => Store>> = {
  'a refresh token says more than was granted': widening,
  'a code works twice': respending,
  'a family outlives its revocation': idle('revokeGrant', undefined),
  'reuse does not end the family': unalarmed,
  'families outlive the end of their user or client': idle('revokeGrants', 0),
  'a client outlives its deletion': idle('deleteClient', true),
  'an access token outlives its revocation': idle('revokeAccessToken', undefined),
  'clean-up takes what is live': hasty,
}
