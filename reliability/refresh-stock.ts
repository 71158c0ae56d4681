import { randomUUID } from 'node:crypto'
import type { Store } from 'grantry'
import { digestOf } from '../packages/grantry/src/testing/store-check.ts'

const seconds = 3600

/** Families of one refresh token each, for a client. */
export const makeRefreshTokens = (store: Store, clientId: string, amount: number): Promise<readonly string[]> => {
  const now = Math.floor(Date.now() / 1000)
  const make = async (): Promise<string> => {
    const [token, id] = [randomUUID(), randomUUID()]
    const shared = {
      clientId,
      userId: 'alice',
      issuedAt: now,
      expiresAt: now + seconds,
      familyExpiresAt: now + seconds,
    }
    await store.putTokens({
      grant: { id, clientId, userId: 'alice', createdAt: now },
      refresh: { ...shared, digest: digestOf(token), grantId: id, scopes: ['read'], resources: [], claims: {} },
    })
    return token
  }
  return Promise.all(Array.from({ length: amount }, make))
}
