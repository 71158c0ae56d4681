import type { Awaitable } from '../core/awaitable.ts'
import { TemporarilyUnavailableError } from '../core/errors.ts'
import type { CodeRow, GrantRow, NewTokens, Rotation, Store } from './store.ts'

/** What a store has of what `StoreValidator` uses. */
export type TokenStore = Omit<Store, 'putClient' | 'findSigningKeys' | 'putSigningKey' | 'sweep'>

const unavailable = (cause: unknown): never => {
  throw new TemporarilyUnavailableError('store_failed', { cause })
}

/** What a store that keeps its contract can answer. A broken one may give anything. */
type IsAnswer = (result: unknown) => boolean

const isAnything: IsAnswer = () => true
const isBoolean: IsAnswer = (result) => typeof result === 'boolean'
const isObject: IsAnswer = (result) => typeof result === 'object' && result !== null

const callOr = <Result>(call: () => Result, otherwise: (thrown: unknown) => never): Result => {
  try {
    return call()
  } catch (thrown) {
    return otherwise(thrown)
  }
}

/** Calls a store; whatever it throws or rejects with, and what is no answer, means that it cannot answer now. */
const attempt = <Result>(call: () => Awaitable<Result>, isAnswer = isAnything): Awaitable<Result> => {
  const accept = (result: Result): Result =>
    isAnswer(result) ? result : unavailable(new TypeError(`the store gave ${typeof result} for an answer`))
  const result = callOr(call, unavailable)
  return result instanceof Promise ? result.then(accept, unavailable) : accept(result)
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
    return attempt(() => this.#store.putTokens(tokens), isBoolean)
  }
  findAccessToken(digest: string, now: number) {
    return attempt(() => this.#store.findAccessToken(digest, now))
  }
  findRefreshToken(digest: string) {
    return attempt(() => this.#store.findRefreshToken(digest))
  }
  rotateRefreshToken(rotation: Rotation) {
    return attempt(() => this.#store.rotateRefreshToken(rotation), isObject)
  }
  revokeAccessToken(digest: string) {
    return attempt(() => this.#store.revokeAccessToken(digest))
  }
  revokeGrant(grantId: string, now: number) {
    return attempt(() => this.#store.revokeGrant(grantId, now))
  }
}
