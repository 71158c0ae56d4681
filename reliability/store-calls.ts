import type { Store } from 'grantry'

/** One call of a store method, before it is made. */
export interface StoreCall {
  readonly name: keyof Store
  readonly arguments: readonly unknown[]
  /** Makes the call. */
  readonly run: () => unknown
}

/** A store whose every call goes through `around`: what that returns or throws is what the caller gets. */
export const interceptStore = (store: Store, around: (call: StoreCall) => unknown): Store =>
  new Proxy(store, {
    get: (target, name) => {
      const member: unknown = Reflect.get(target, name, target)
      if (typeof member !== 'function') return member
      if (name === 'capabilities') return () => target.capabilities() // asked when a server is made, not when it works
      return (...given: unknown[]): unknown =>
        around({
          name: name as keyof Store, // the only functions of a store
          arguments: given,
          run: (): unknown => Reflect.apply(member, target, given),
        })
    },
  })

/** Numbers between 0 and 1 that are the same for the same seed (mulberry32). */
export const seeded = (seed: number): (() => number) => {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** The value below which `share` of the values lie. */
export const percentile = (values: readonly number[], share: number): number => {
  const order = values.toSorted((a, b) => a - b)
  return order[Math.min(order.length - 1, Math.floor(order.length * share))] ?? 0
}
