import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import type { Clock, Store } from 'grantry'
import { unavailable } from './guarded-accounts.ts'

/** Seconds for which a challenge is good. The login page asks as soon as it is shown, and may be left open. */
const lifetimes = { login: 3600, second: 300, confirm: 3600, create: 300 } as const
/** By which the clocks of nodes may differ. */
const tolerance = 60

/** What a challenge is for. */
export interface ChallengeUse {
  /** A login, a second factor after a password, who is at a browser that is logged in, or a new passkey. */
  readonly purpose: keyof typeof lifetimes
  /** The secret of the browser that it was given to: of its login page, or of its session. */
  readonly browser: string
  /** Whose passkey it must be, where that is known before. */
  readonly userId?: string | undefined
}

/** What challenges are made of. */
export interface ChallengeParts {
  readonly store: Pick<Store, 'markSeen'>
  /** The secret of the server. */
  readonly secret: string
  readonly now: Clock
}

const nonceBytes = 16
const timeBytes = 8

/**
 * Makes the challenges that passkeys sign. Nothing is stored until one comes back: each says by its signature for which browser and for what it
 * was made, and when. Then it is marked in the store, so that it is taken once, at whichever node.
 */
export class PasskeyChallenges {
  readonly #parts: ChallengeParts

  constructor(parts: ChallengeParts) {
    this.#parts = parts
  }

  /** A challenge as base64url. */
  make(use: ChallengeUse): string {
    const time = Buffer.alloc(timeBytes)
    time.writeBigUInt64BE(BigInt(this.#parts.now()))
    const head = Buffer.concat([randomBytes(nonceBytes), time])
    return Buffer.concat([head, this.#sign(head, use)]).toString('base64url')
  }

  /** Whether a challenge was made for this use, is not too old, and comes for the first time. If two are told so, one answer logs in twice. */
  async take(challenge: string, use: ChallengeUse): Promise<'taken' | 'late' | 'foreign'> {
    const { store, now } = this.#parts
    const bytes = Buffer.from(challenge, 'base64url')
    const [head, signature] = [bytes.subarray(0, nonceBytes + timeBytes), bytes.subarray(nonceBytes + timeBytes)]
    const expected = this.#sign(head, use)
    if (signature.length !== expected.length || !timingSafeEqual(signature, expected)) return 'foreign'
    const until = Number(head.readBigUInt64BE(nonceBytes)) + lifetimes[use.purpose]
    if (now() > until) return 'late'
    const digest = createHash('sha256').update(bytes).digest('base64url')
    try {
      return (await store.markSeen('passkey', digest, until + tolerance, now())) ? 'taken' : 'late'
    } catch (cause) {
      return unavailable(cause)
    }
  }

  #sign(head: Uint8Array, { purpose, browser, userId = '' }: ChallengeUse): Buffer {
    const bound = ['passkey', purpose, browser, userId].join('\n')
    return createHmac('sha256', this.#parts.secret).update(`${bound}\n`).update(head).digest()
  }
}
