import type { Awaitable } from '../core/awaitable.ts'
import { TemporarilyUnavailableError } from '../core/errors.ts'
import { withinLimit } from '../util/within-limit.ts'
import type { Store } from './store.ts'

/** What a store that keeps its contract can answer. A broken one may give anything. */
type IsAnswer = (result: unknown) => boolean

const isAnything: IsAnswer = () => true
const isBoolean: IsAnswer = (result) => typeof result === 'boolean'
const isObject: IsAnswer = (result) => typeof result === 'object' && result !== null
const isNumber: IsAnswer = (result) => typeof result === 'number'

/** The methods that requests use, with what they may answer. */
const answers = {
  findClient: isAnything,
  createClient: isBoolean,
  replaceClient: isBoolean,
  deleteClient: isBoolean,
  listClients: isObject,
  putClient: isAnything,
  putCode: isAnything,
  consumeCode: isAnything,
  putTokens: isBoolean,
  findAccessToken: isAnything,
  findRefreshToken: isAnything,
  rotateRefreshToken: isObject,
  revokeAccessToken: isAnything,
  isRevoked: isBoolean,
  revokeGrant: isAnything,
  revokeGrants: isNumber,
  putTicket: isBoolean,
  findTicket: isAnything,
  transitionTicket: isBoolean,
  pollTicket: isAnything,
  consumeTicket: isAnything,
  markSeen: isBoolean,
  countAttempt: isNumber,
  clearAttempts: isAnything,
  lease: isBoolean,
} satisfies Partial<Record<keyof Store, IsAnswer>>

/** What a guarded store has. */
export type GuardedStore = Pick<Store, keyof typeof answers>

type AnyMethod = (...given: readonly unknown[]) => Awaitable<unknown>

const unavailable = (cause: unknown): never => {
  throw new TemporarilyUnavailableError('store_failed', { cause })
}

const requireAnswer = (result: unknown, isAnswer: IsAnswer): unknown =>
  isAnswer(result) ? result : unavailable(new TypeError(`the store gave ${typeof result} for an answer`))

const guard =
  (call: AnyMethod, isAnswer: IsAnswer, limitMs: number): AnyMethod =>
  (...given) => {
    let result: Awaitable<unknown>
    try {
      result = call(...given)
    } catch (thrown) {
      return unavailable(thrown)
    }
    if (!(result instanceof Promise)) return requireAnswer(result, isAnswer)
    return withinLimit(result, limitMs).then((answer) => requireAnswer(answer, isAnswer), unavailable)
  }

/**
 * A store whose failures reach the client as 503 with `Retry-After`, and the operator with their cause (RFC 6749 §4.1.2.1). A call that
 * takes longer than `limitMs` has failed, whatever becomes of it: what it writes afterwards is safe, because every step is whole.
 */
export const guardStore = (store: Store, limitMs: number): GuardedStore => {
  const names = Object.keys(answers) as (keyof GuardedStore)[] // Object.keys widens the names
  const methods = names.map((name) => {
    const call: AnyMethod = (...given) => (store[name] as AnyMethod)(...given) // looked up at each call: users replace methods
    return [name, guard(call, answers[name], limitMs)]
  })
  return Object.fromEntries(methods) as GuardedStore // each method takes and gives what that of the store does
}
