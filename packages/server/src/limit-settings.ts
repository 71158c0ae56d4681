import { StartError } from './errors.ts'

/** How many requests a node takes in a minute. */
export interface LimitSettings {
  /** From one address, of what costs something and is not proved to be of a client; 0 for any number. Default: 6000. */
  readonly rateLimitAddress?: number | undefined
  /** Of one client; 0 for any number. Default: 60000. */
  readonly rateLimitClient?: number | undefined
}

/** Most that makes sense to set. */
export const mostPerMinute = 100_000_000

const requireRate = (setting: string, rate: number): number => {
  if (Number.isSafeInteger(rate) && rate >= 0 && rate <= mostPerMinute) return rate
  throw new StartError(`${setting} must be a whole number from 0 to ${mostPerMinute}, not "${rate}".`, 2)
}

/** Fills in the defaults. Throws a `StartError` for a value that cannot work. */
export const resolveLimits = ({
  rateLimitAddress = 6000,
  rateLimitClient = 60_000,
}: LimitSettings): Readonly<Record<keyof LimitSettings, number>> => ({
  rateLimitAddress: requireRate('--rate-limit-address', rateLimitAddress),
  rateLimitClient: requireRate('--rate-limit-client', rateLimitClient),
})
