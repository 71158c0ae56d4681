import { ConfigurationError } from '../core/errors.ts'
import {
  guardedFetch,
  isAllowed,
  type OutboundAnswer,
  type OutboundOptions,
  type OutboundRequest,
} from './guarded-fetch.ts'
import { OutboundError } from './outbound-error.ts'

/** A document to fetch. */
export interface DocumentRequest extends Omit<OutboundRequest, 'form' | 'content' | 'headers'> {
  /** Seconds since the epoch. */
  readonly now: number
  /** Age in seconds up to which a kept copy will do, for example after an unknown `kid`; 0 keeps none. Default: as long as it may be kept. */
  readonly maxAge?: number | undefined
}

type Kept =
  | { readonly answer: OutboundAnswer; readonly fetchedAt: number; readonly expiresAt: number }
  | { readonly error: unknown; readonly expiresAt: number }

const shortest = 300
const longest = 86_400
/** A failure is the answer for so long, in seconds, so that nobody can have this server ask another one again and again. */
const failureSeconds = 10
const mostKept = 200
const mostUnderWay = 32

/** How long a document may be kept, in seconds: as its server says, but 5 minutes to 24 hours; 0 where it says that it may not be. */
export const lifetimeOf = ({ cacheControl }: OutboundAnswer): number => {
  if (/(?:^|[\s,])no-(?:store|cache)(?:$|[\s,=])/i.test(cacheControl)) return 0
  const maxAge = Number(/(?:^|[\s,])max-age="?(\d+)/i.exec(cacheControl)?.[1] ?? 0)
  return Math.min(Math.max(maxAge, shortest), longest)
}

/**
 * Sends the requests of a server to others, guarded as `guardedFetch` says. Documents are kept, 200 at most, for 5 minutes to 24 hours as
 * they allow; those who want the same one at once share a request, and a failure is remembered for 10 seconds.
 */
export class OutboundClient {
  readonly #options: OutboundOptions
  readonly #kept = new Map<string, Kept>()
  readonly #underWay = new Map<string, Promise<OutboundAnswer>>()

  constructor(options: OutboundOptions = {}) {
    const { timeoutMs = 2500 } = options
    if (!Number.isSafeInteger(timeoutMs) || timeoutMs < 1 || timeoutMs > 30_000)
      throw new ConfigurationError('outbound.timeoutMs must be 1 to 30000 whole milliseconds.')
    this.#options = options
  }

  /** Whether a URL is on one of `allowPrivateHosts`, so that it may be http. */
  isPrivateHost(url: string): boolean {
    return URL.canParse(url) && isAllowed(new URL(url), this.#options.allowPrivateHosts ?? [])
  }

  /** Sends one request now. Throws an `OutboundError` for everything but a success. */
  send(url: string, request: OutboundRequest): Promise<OutboundAnswer> {
    return guardedFetch(url, { ...this.#options, ...request })
  }

  /** A document, or a copy of it that is fresh enough. Throws an `OutboundError` where there is none. */
  async fetchDocument(url: string, { now, maxAge = longest, ...request }: DocumentRequest): Promise<OutboundAnswer> {
    const key = JSON.stringify([url, request])
    const kept = this.#kept.get(key)
    if (kept !== undefined && kept.expiresAt > now) {
      if ('error' in kept) throw kept.error
      if (now - kept.fetchedAt < maxAge) return kept.answer
    }
    const shared = this.#underWay.get(key)
    if (shared !== undefined) return shared
    if (this.#underWay.size >= mostUnderWay)
      throw new OutboundError('busy', `${mostUnderWay} requests to other servers are under way`)
    const fetching = this.#fetch(url, key, request, { now, isKept: maxAge > 0 }).finally(() =>
      this.#underWay.delete(key),
    )
    this.#underWay.set(key, fetching)
    return fetching
  }

  async #fetch(
    url: string,
    key: string,
    request: OutboundRequest,
    { now, isKept }: { readonly now: number; readonly isKept: boolean },
  ): Promise<OutboundAnswer> {
    try {
      const answer = await this.send(url, request)
      if (isKept) this.#keep(key, { answer, fetchedAt: now, expiresAt: now + lifetimeOf(answer) })
      return answer
    } catch (error) {
      this.#keep(key, { error, expiresAt: now + failureSeconds })
      throw error
    }
  }

  /** Keeps at the end of the line, and drops what is at its beginning. */
  #keep(key: string, kept: Kept): void {
    this.#kept.delete(key)
    this.#kept.set(key, kept)
    const [oldest] = this.#kept.keys()
    if (this.#kept.size > mostKept && oldest !== undefined) this.#kept.delete(oldest)
  }
}
