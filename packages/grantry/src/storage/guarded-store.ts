import type { Awaitable } from '../core/awaitable.ts'
import { TemporarilyUnavailableError } from '../core/errors.ts'
import type { AccessTokenRow, CodeRow, GrantRow, NewTokens, Rotation, Store } from './store.ts'

/** What a store has of what `StoreValidator` uses. */
export type TokenStore = Omit<Store, 'putClient' | 'findSigningKeys' | 'putSigningKey' | 'sweep'>

const unavailable = (cause: unknown): never => {
  throw new TemporarilyUnavailableError('store_failed', { cause })
}

/** Calls a store; whatever it throws or rejects with means that it cannot answer now. */
const attempt = <Result>(call: () => Awaitable<Result>): Awaitable<Result> => {
  try {
    const result = call()
    return result instanceof Promise ? result.catch(unavailable) : result
  } catch (thrown) {
    return unavailable(thrown)
  }
}

/** A store whose failures reach the client as 503 with `Retry-After`, and the operator with their cause (RFC 6749 §4.1.2.1). */
export class GuardedStore implements TokenStore {
  readonly #store: Store

  constructor(store: Store) {
    this.#store = store
  }

  findClient(id: string) {
    return attempt(() => this.#store.findClient(id))
  }
  putCode(code: CodeRow, grant: GrantRow) {
    return attempt(() => this.#store.putCode(code, grant))
  }
  consumeCode(digest: string, clientId: string, now: number) {
    return attempt(() => this.#store.consumeCode(digest, clientId, now))
  }
  putTokens(tokens: NewTokens) {
    return attempt(() => this.#store.putTokens(tokens))
  }
  findAccessToken(digest: string, now: number): Awaitable<AccessTokenRow | undefined> {
    return attempt(() => this.#store.findAccessToken(digest, now))
  }
  findRefreshToken(digest: string) {
    return attempt(() => this.#store.findRefreshToken(digest))
  }
  rotateRefreshToken(rotation: Rotation) {
    return attempt(() => this.#store.rotateRefreshToken(rotation))
  }
  revokeAccessToken(digest: string) {
    return attempt(() => this.#store.revokeAccessToken(digest))
  }
  revokeGrant(grantId: string, now: number) {
    return attempt(() => this.#store.revokeGrant(grantId, now))
  }
}
