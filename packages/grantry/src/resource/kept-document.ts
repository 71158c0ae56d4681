import { TemporarilyUnavailableError } from '../core/errors.ts'

/** A document as it was read. */
export interface ReadDocument<Value> {
  readonly value: Value
  /** The `Cache-Control` header. */
  readonly cacheControl: string
}

interface Kept<Value> {
  readonly value: Value
  readonly readAt: number
  readonly freshUntil: number
}

/** Seconds for which a document is fresh: as its server says, but not less or more than this. */
const lifetimes = { shortest: 60, usual: 300, longest: 3600 }
/** Seconds for which one that is no longer fresh will do where no other can be had. */
const staleSeconds = 3600
/** Seconds for which a failure is the answer, so that nobody asks a server that is down again and again. */
const failureSeconds = 5

const lifetimeOf = (cacheControl: string): number => {
  const maxAge = /(?:^|[\s,])max-age="?(\d+)/i.exec(cacheControl)?.[1]
  const isUnkept = /(?:^|[\s,])no-(?:store|cache)(?:$|[\s,=])/i.test(cacheControl)
  const wanted = isUnkept ? 0 : maxAge === undefined ? lifetimes.usual : Number(maxAge)
  return Math.min(Math.max(wanted, lifetimes.shortest), lifetimes.longest)
}

/**
 * A document of another server: read when it is first needed, by one request at a time, kept as long as it may be, and up to an hour longer
 * while its server cannot be asked.
 */
export class KeptDocument<Value> {
  readonly #read: (now: number) => Promise<ReadDocument<Value>>
  readonly #isSame: (left: Value, right: Value) => boolean
  #kept: Kept<Value> | undefined
  #reading: Promise<void> | undefined
  #failure: { readonly at: number; readonly cause: unknown } | undefined

  /** `isSame`: of two values that are the same, the first one stays. */
  constructor(read: (now: number) => Promise<ReadDocument<Value>>, isSame: (left: Value, right: Value) => boolean) {
    this.#read = read
    this.#isSame = isSame
  }

  /**
   * The document, at most `maxAge` seconds old where its server answers. Throws a `TemporarilyUnavailableError` where there is none.
   */
  async get(now: number, maxAge = Infinity): Promise<Value> {
    const kept = this.#kept
    if (kept !== undefined && now < kept.freshUntil && now - kept.readAt < maxAge) return kept.value
    const hasFailed = this.#failure !== undefined
    if (!hasFailed || now - (this.#failure?.at ?? 0) >= failureSeconds || this.#reading !== undefined) {
      const reading = (this.#reading ??= this.#renew(now))
      if (!hasFailed || !this.#isUsable(now)) await reading // where the last try failed, the next one is made beside the request
    }
    if (this.#kept !== undefined && this.#isUsable(now)) return this.#kept.value
    throw this.#error()
  }

  #error(): TemporarilyUnavailableError {
    const cause = this.#failure?.cause
    if (cause instanceof TemporarilyUnavailableError) return cause // of a document that this one needs
    return new TemporarilyUnavailableError('token_unverifiable', { detail: String(cause), cause })
  }

  #isUsable(now: number): boolean {
    return this.#kept !== undefined && now < this.#kept.freshUntil + staleSeconds
  }

  /** Never rejects. */
  async #renew(now: number): Promise<void> {
    try {
      const { value, cacheControl } = await this.#read(now)
      const known = this.#kept?.value
      const same = known !== undefined && this.#isSame(known, value)
      this.#kept = { value: same ? known : value, readAt: now, freshUntil: now + lifetimeOf(cacheControl) }
      this.#failure = undefined
    } catch (cause) {
      this.#failure = { at: now, cause }
    } finally {
      this.#reading = undefined
    }
  }
}
