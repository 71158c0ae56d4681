import { unavailable } from '../accounts/guarded-accounts.ts'
import type { AdminParts } from './parts.ts'

/** Every method of an object; its failures are answered as those of the store: 503. */
const guardPart = <Part extends object>(part: Part): Part =>
  new Proxy(part, {
    get: (target, name) => {
      const member: unknown = Reflect.get(target, name)
      if (typeof member !== 'function') return member
      const call = member as (...given: readonly unknown[]) => unknown
      return (...given: readonly unknown[]) =>
        Promise.resolve()
          .then(() => call.apply(target, [...given]))
          .catch(unavailable)
    },
  })

/** The data of a server for its admin API and its console, whose answers say that the database is away where it is. */
export const guardData = (data: AdminParts['data']): AdminParts['data'] => {
  const parts = Object.entries(data).map(([name, part]) => [name, typeof part === 'object' ? guardPart(part) : part])
  return Object.fromEntries(parts) as AdminParts['data'] // the same members, whose methods take and give the same
}
