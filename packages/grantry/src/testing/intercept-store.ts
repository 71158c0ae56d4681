import type { Store } from '../storage/store.ts'

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
