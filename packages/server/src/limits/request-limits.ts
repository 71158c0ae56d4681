import { TooManyRequestsError } from 'grantry'
import { addressBlock, isNearby } from '../accounts/address-block.ts'
import { TokenBuckets } from './token-buckets.ts'

/** How many requests are taken in a minute; 0 takes all. */
export interface RequestRates {
  readonly rateLimitAddress: number
  readonly rateLimitClient: number
}

/** What costs the database or the processor something, below the issuer. Logins have limits of their own. */
const limited: ReadonlySet<string> = new Set([
  ...['/token', '/introspect', '/revoke', '/authorize', '/par', '/device_authorization', '/device', '/register'],
  '/userinfo',
])

/** Where an answer of success proves that the client is who it says: it counts for the client, and not for its address. */
const proving: ReadonlySet<string> = new Set(['/token', '/introspect', '/userinfo'])

/** A request that was answered. */
export interface Answered {
  /** Below the issuer. */
  readonly path: string
  readonly address: string
  readonly status: number
  readonly clientId: string | undefined
}

/**
 * Limits requests at this node: from an address, whoever says to send them; and those of a client, of which only what the client proved to
 * have sent is counted, so that nobody else uses it up. Addresses of this network may be a proxy for everybody, and are not limited.
 */
export class RequestLimits {
  readonly #addresses: TokenBuckets
  readonly #clients: TokenBuckets

  constructor({ rateLimitAddress, rateLimitClient }: RequestRates, clock?: () => number) {
    const options = clock === undefined ? {} : { clock }
    this.#addresses = new TokenBuckets({ perMinute: rateLimitAddress, ...options })
    this.#clients = new TokenBuckets({ perMinute: rateLimitClient, ...options })
  }

  /** Counts a request of an address; the refusal where it is one too many. */
  takeAddress(path: string, address: string): TooManyRequestsError | undefined {
    if (!limited.has(path) || isNearby(address)) return undefined
    const wait = this.#addresses.take(addressBlock(address))
    return wait === undefined ? undefined : new TooManyRequestsError('request_limited', wait, { detail: 'address' })
  }

  /** Throws the refusal of a client that sent too many. */
  requireClient(clientId: string): void {
    const wait = this.#clients.wait(clientId)
    if (wait !== undefined) throw new TooManyRequestsError('request_limited', wait, { detail: 'client' })
  }

  /** Counts what a client proved to have sent for the client. */
  settle({ path, address, status, clientId }: Answered): void {
    if (status !== 200 || clientId === undefined || !proving.has(path)) return
    this.#clients.take(clientId)
    if (!isNearby(address)) this.#addresses.giveBack(addressBlock(address))
  }
}
