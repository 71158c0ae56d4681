import type { AccessTokenRow, RefreshTokenRow, Store } from 'grantry'
import { maxReplays, type Done, type Operation } from './checker.ts'
import { codeOf } from '../packages/grantry/src/testing/sample-provider.ts'
import { digestOf } from '../packages/grantry/src/testing/store-check.ts'

const now = 1_800_000_000
const shared = { clientId: 'app', userId: 'alice', scopes: ['read'], claims: {}, issuedAt: now }

const accessRow = (name: string, grantId: string): AccessTokenRow => ({
  ...{ ...shared, digest: digestOf(name), grantId, audience: [], expiresAt: now + 600 },
})

const refreshRow = (name: string, grantId: string): RefreshTokenRow => ({
  ...{ ...shared, digest: digestOf(name), grantId, resources: [] },
  ...{ expiresAt: now + 6000, familyExpiresAt: now + 60_000 },
})

/** Starts a family with a code, or with a refresh token where its rotation is under examination. */
export const startFamily = async (store: Store, id: string, has: 'code' | 'refresh token'): Promise<void> => {
  const [code, grant] = codeOf(`${id}-code`, 'app', id, now)
  if (has === 'code') await store.putCode(code, grant)
  else await store.putTokens({ grant, refresh: refreshRow(`${id}-refresh`, id) })
}

/** Does one operation to a family; gives what the caller got. `name` makes the new tokens unlike those of others. */
export const operate = async (store: Store, id: string, name: string, operation: Operation): Promise<string> => {
  const access = accessRow(`${id}-${name}`, id)
  if (operation.kind === 'consume') {
    const outcome = await store.consumeCode(digestOf(`${id}-code`), 'app', now)
    return typeof outcome === 'object' ? 'consumed' : (outcome ?? 'undefined')
  }
  if (operation.kind === 'save') return (await store.putTokens({ grantId: id, access })) ? 'saved' : 'refused'
  if (operation.kind === 'rotate') return rotate(store, id, access, operation.sealed)
  await store.revokeGrant(id, now)
  return 'revoked'
}

const rotate = async (store: Store, id: string, access: AccessTokenRow, sealed: string): Promise<string> => {
  const result = await store.rotateRefreshToken({
    ...{ digest: digestOf(`${id}-refresh`), successor: refreshRow(`${id}-${sealed}`, id), sealed, access, now },
    ...{ graceSeconds: 30, maxReplays, revokesOnReuse: true },
  })
  return result.outcome === 'replayed' ? `replayed:${result.sealed}` : result.outcome
}

/** A history to be made: what begins at once. */
export interface Plan {
  readonly id: string
  readonly has: 'code' | 'refresh token'
  readonly operations: readonly Operation[]
}

/** Plans histories of 4 to 8 operations, by chance. */
export const planHistories = (amount: number, random: () => number): readonly Plan[] =>
  Array.from({ length: amount }, (_, index) => {
    const has = index % 2 === 0 ? 'code' : 'refresh token'
    const main = (name: number): Operation =>
      has === 'code' ? { kind: 'consume' } : { kind: 'rotate', sealed: `sealed${name}` }
    const pick = (name: number): Operation => {
      const dice = random()
      if (dice < 0.7) return main(name)
      return { kind: dice < 0.95 ? 'save' : 'revoke' }
    }
    const operations = Array.from({ length: 2 + Math.floor(random() * 5) }, (_, name) => pick(name + 2))
    return { id: `family${index}`, has, operations: [main(0), ...operations, main(1)] }
  })

/** Does an operation and notes when it began and ended, by a clock that all callers share. */
export const record = async (run: () => Promise<string>, operation: Operation, tick: () => number): Promise<Done> => {
  const began = tick()
  const result = await run()
  return { operation, result, began, ended: tick() }
}
