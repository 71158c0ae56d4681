import type { Store } from 'grantry'
import { problemOf, type Observe } from './measured.ts'

/** Asked when a server is made, not when it works. */
const quick: ReadonlySet<unknown> = new Set(['capabilities', 'close'])

/** A store that tells how long its calls took. */
export const observedStore = (store: Store, observe: Observe): Store => {
  const wrap =
    (name: string, method: (...given: readonly unknown[]) => unknown) =>
    async (...given: readonly unknown[]): Promise<unknown> => {
      const start = performance.now()
      let problem: string | undefined
      try {
        return await Reflect.apply(method, store, given)
      } catch (thrown) {
        problem = problemOf(thrown)
        throw thrown
      } finally {
        observe({ kind: 'database', name, ms: performance.now() - start, problem })
      }
    }
  const wrapped = new Map<unknown, unknown>()
  return new Proxy(store, {
    get: (target, name) => {
      const member: unknown = Reflect.get(target, name, target)
      if (typeof member !== 'function') return member
      if (quick.has(name)) return member.bind(target) as unknown
      const made = wrapped.get(name) ?? wrap(String(name), member as (...given: readonly unknown[]) => unknown) // all that a store has
      wrapped.set(name, made)
      return made
    },
  })
}
