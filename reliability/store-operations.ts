import type { AccessTokenRow, RefreshTokenRow, Store } from 'grantry'
import type { Done } from './checker.ts'
import { maxReplays, type Operation } from './store-specification.ts'
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

/** What the operations of a history meet on. */
export const subjects = ['code', 'refresh token', 'ticket', 'marker', 'lease'] as const

/** One of `subjects`. */
export type Subject = (typeof subjects)[number]

const kind = 'device_code'

const putTicket = (store: Store, id: string) => {
  const handles = { digest: digestOf(`${id}-ticket`), altDigest: digestOf(`${id}-user-code`) }
  const ticket = { kind, ...handles, clientId: 'app', grantId: id, state: 'pending', payload: {}, interval: 5 }
  return store.putTicket({ ...ticket, expiresAt: now + 600 }, now)
}

/** Makes what a history is about. A refresh token and a ticket have a family already; markers and leases begin with nothing. */
export const prepareSubject = async (store: Store, id: string, subject: Subject): Promise<void> => {
  const [code, grant] = codeOf(`${id}-code`, 'app', id, now)
  if (subject === 'code') await store.putCode(code, grant)
  if (subject === 'refresh token') await store.putTokens({ grant, refresh: refreshRow(`${id}-refresh`, id) })
  if (subject !== 'ticket') return
  await store.putTokens({ grant, access: accessRow(`${id}-access`, id) })
  await putTicket(store, id)
}

/** Does one operation; gives what the caller got. `name` makes new tokens unlike those of others. */
export const operate = async (store: Store, id: string, name: string, operation: Operation): Promise<string> => {
  const access = accessRow(`${id}-${name}`, id)
  switch (operation.kind) {
    case 'consume': {
      const outcome = await store.consumeCode(digestOf(`${id}-code`), 'app', now)
      return typeof outcome === 'object' ? 'consumed' : (outcome ?? 'undefined')
    }
    case 'save':
      return (await store.putTokens({ grantId: id, access })) ? 'saved' : 'refused'
    case 'revoke':
      await store.revokeGrant(id, now)
      return 'revoked'
    case 'rotate':
      return rotate(store, id, access, operation.sealed)
    case 'decide ticket': {
      const altDigest = digestOf(`${id}-user-code`)
      const isDone = await store.transitionTicket({ kind, altDigest, from: ['pending'], to: operation.to, now })
      return isDone ? operation.to : 'too late'
    }
    case 'take ticket': {
      const presented = { kind, digest: digestOf(`${id}-ticket`), clientId: 'app', now }
      const outcome = await store.consumeTicket(presented, 'approved')
      return typeof outcome === 'object' ? 'taken' : (outcome ?? 'undefined')
    }
    case 'see': {
      const at = now + operation.at
      return (await store.markSeen('jti', digestOf(id), at + operation.seconds, at)) ? 'new' : 'seen'
    }
    case 'lease': {
      const at = now + operation.at
      return (await store.lease(id, operation.owner, at + operation.seconds, at)) ? 'mine' : 'held'
    }
  }
}

const rotate = async (store: Store, id: string, access: AccessTokenRow, sealed: string): Promise<string> => {
  const result = await store.rotateRefreshToken({
    ...{ digest: digestOf(`${id}-refresh`), successor: refreshRow(`${id}-${sealed}`, id), sealed, access, now },
    ...{ graceSeconds: 30, maxReplays, revokesOnReuse: true },
  })
  return result.outcome === 'replayed' ? `replayed:${result.sealed}` : result.outcome
}

/** Does an operation and notes when it began and ended, by a clock that all callers share. */
export const record = async (run: () => Promise<string>, operation: Operation, tick: () => number): Promise<Done> => {
  const began = tick()
  const result = await run()
  return { operation, result, began, ended: tick() }
}
