import { createHash } from 'node:crypto'
import type { Clock, Store } from 'grantry'
import { foldUsername } from './account-store.ts'
import { addressBlock, isNearby } from './address-block.ts'
import { unavailable } from './guarded-accounts.ts'

/** Attempts that are allowed from the first one on, for so many seconds. */
interface Limit {
  readonly space: string
  readonly most: number
  readonly windowSeconds: number
}

const limits = {
  /** Of a browser that the user has logged in at before. */
  device: { space: 'login_device', most: 10, windowSeconds: 300 },
  /** Of everybody at an address, with any names. */
  address: { space: 'login_address', most: 200, windowSeconds: 300 },
  /** Of an address with one name. */
  pair: { space: 'login_pair', most: 10, windowSeconds: 300 },
  /** Of strangers everywhere with one name. More than one address can reach, so that it takes several to brake others. */
  user: { space: 'login_user', most: 150, windowSeconds: 3600 },
  /** Of second factors, from a browser that is known or an address. */
  code: { space: 'login_code', most: 5, windowSeconds: 300 },
  /** Of second factors by strangers: with three codes that are right at a time, one in 16000 hours is guessed. */
  codeUser: { space: 'login_code_user', most: 20, windowSeconds: 3600 },
} satisfies Readonly<Record<string, Limit>>

/** Someone who tries to log in. */
export interface LoginAttempt {
  readonly username: string
  /** Whom the connection is from. */
  readonly address: string
  /** The browser, where this user has logged in at it before. */
  readonly device: string | undefined
}

/** Why an attempt is not judged. */
export interface LoginRefusal {
  readonly limit: keyof typeof limits
  /** Seconds after which the window is over, whenever it began. */
  readonly retryAfter: number
}

const nameOf = ({ username }: LoginAttempt): string => foldUsername(username.slice(0, 256))
const pairOf = (attempt: LoginAttempt): string => `${addressBlock(attempt.address)}\n${nameOf(attempt)}`
const deviceOf = (attempt: LoginAttempt): string => `${attempt.device ?? ''}\n${nameOf(attempt)}`

/** Counts are kept under digests: they do not say who tried to log in where. */
const digestOf = (key: string): string => createHash('sha256').update(key).digest('base64url')

/**
 * Limits attempts to log in, for all nodes. Each is counted before it is judged, in one step, so that many at once do not slip through. What
 * strangers do never stops a browser that the user has logged in at before: it has a count of its own.
 */
export class LoginLimits {
  readonly #store: Pick<Store, 'countAttempt' | 'clearAttempts'>
  readonly #now: Clock

  constructor(store: Pick<Store, 'countAttempt' | 'clearAttempts'>, now: Clock) {
    this.#store = store
    this.#now = now
  }

  /** Counts an attempt; the refusal where it is one too many. */
  async take(attempt: LoginAttempt): Promise<LoginRefusal | undefined> {
    if (attempt.device !== undefined && (await this.#take('device', deviceOf(attempt)))) return undefined
    return this.#takeStranger(attempt)
  }

  /** Counts a passkey that is tried. Nobody can guess one, so that only a flood from one address is refused. */
  async takePasskey(address: string): Promise<LoginRefusal | undefined> {
    return isNearby(address) || (await this.#take('address', addressBlock(address))) ? undefined : refusalOf('address')
  }

  /** Forgets the failures of someone who logged in, and those that braked him. Those of his address stay: others may be there. */
  async clear(attempt: LoginAttempt): Promise<void> {
    if (attempt.device !== undefined) await this.#clear('device', deviceOf(attempt))
    else await this.#clear('user', nameOf(attempt))
    await this.#clear('pair', pairOf(attempt))
  }

  /** Counts a second factor that is tried; the refusal where it is one too many. */
  async takeCode(attempt: LoginAttempt): Promise<LoginRefusal | undefined> {
    const { device } = attempt
    const key = device === undefined ? pairOf(attempt) : deviceOf(attempt)
    if (!(await this.#take('code', key))) return refusalOf('code')
    return device !== undefined || (await this.#take('codeUser', nameOf(attempt))) ? undefined : refusalOf('codeUser')
  }

  /** Forgets the failures of someone who gave the right one. */
  async clearCode(attempt: LoginAttempt): Promise<void> {
    await this.#clear('code', attempt.device === undefined ? pairOf(attempt) : deviceOf(attempt))
    if (attempt.device === undefined) await this.#clear('codeUser', nameOf(attempt))
  }

  /** What one limit refuses is not counted by those after it: a flood from one address does not use up what others share. */
  async #takeStranger(attempt: LoginAttempt): Promise<LoginRefusal | undefined> {
    if (!isNearby(attempt.address) && !(await this.#take('address', addressBlock(attempt.address))))
      return refusalOf('address')
    if (!(await this.#take('pair', pairOf(attempt)))) return refusalOf('pair')
    return (await this.#take('user', nameOf(attempt))) ? undefined : refusalOf('user')
  }

  async #take(limit: keyof typeof limits, key: string): Promise<boolean> {
    const { space, most, windowSeconds } = limits[limit]
    try {
      return (await this.#store.countAttempt(space, digestOf(key), windowSeconds, this.#now())) <= most
    } catch (cause) {
      return unavailable(cause)
    }
  }

  async #clear(limit: keyof typeof limits, key: string): Promise<void> {
    try {
      await this.#store.clearAttempts(limits[limit].space, digestOf(key))
    } catch (cause) {
      unavailable(cause)
    }
  }
}

const refusalOf = (limit: keyof typeof limits): LoginRefusal => ({ limit, retryAfter: limits[limit].windowSeconds })
