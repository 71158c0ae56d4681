import { isIP } from 'node:net'
import { OAuthError, type Clock, type Store } from 'grantry'
import type { Issuer } from '../issuer.ts'
import type { Account } from './account-tables.ts'
import { unavailable } from './guarded-accounts.ts'
import { PasskeyChallenges, type ChallengeUse } from './passkey-challenges.ts'
import { algorithms, checkAssertion, checkAttestation, type ExpectedAnswer } from './passkey-checks.ts'
import { readAssertion, readAttestation, type Assertion } from './passkey-messages.ts'
import type { WaysIn } from './ways-in.ts'
import { mostPasskeys, type ListedPasskey, type PasskeyStore } from './passkey-store.ts'

/** What passkeys work with. */
export interface PasskeyParts {
  readonly passkeys: PasskeyStore
  readonly store: Pick<Store, 'markSeen'>
  readonly issuer: Pick<Issuer, 'url' | 'origin'>
  /** The secret of the server. */
  readonly secret: string
  readonly now: Clock
}

/** Why the answer of a passkey does not count. `detail` is for the log. */
export interface PasskeyRefusal {
  /** `late`: too old or given before. `copied`: it counts less than it did. `full`: the user has as many as there may be. */
  readonly refused: 'unknown' | 'wrong' | 'late' | 'copied' | 'full'
  readonly detail?: string
  /** Whose passkey it is, where that is known. */
  readonly userId?: string
}

/** What a browser asks its authenticators for, as JSON has it (WebAuthn Level 3 §5.1.10, §5.1.11). */
export type PasskeyOptions = Readonly<Record<string, unknown>>

/** Whom a passkey logs in. */
export type PasskeyAccount = Pick<Account, 'id' | 'username' | 'passwordVersion'>

/** Whose a new passkey is to be, at which session, and what it is called. */
export interface NewPasskeyOwner {
  readonly userId: string
  readonly browser: string
  readonly name: string
}

/**
 * Passkeys of users (WebAuthn): any of them is two factors, as the authenticator verifies its user. Failures of the database are answered with
 * 503.
 */
export class Passkeys {
  /** Whether browsers can have passkeys for this server: not where its host is an IP address, which is no RP ID. */
  readonly isOffered: boolean
  readonly #rpId: string
  readonly #parts: PasskeyParts
  readonly #challenges: PasskeyChallenges

  constructor(parts: PasskeyParts) {
    this.#parts = parts
    this.#challenges = new PasskeyChallenges(parts)
    this.#rpId = new URL(parts.issuer.url).hostname
    this.isOffered = isIP(this.#rpId.replace(/^\[|\]$/g, '')) === 0
  }

  /** Whether a user has one. */
  async has(userId: string): Promise<boolean> {
    return this.isOffered && (await this.list(userId)).length > 0
  }

  /** Those of a user, the first one first. */
  list(userId: string): Promise<readonly ListedPasskey[]> {
    return this.#parts.passkeys.list(userId).catch(unavailable)
  }

  /** Takes one away from its user; false where there is none, and where it is the last of the ways in. */
  remove(userId: string, id: string, ways: WaysIn): Promise<boolean> {
    return this.#parts.passkeys.remove(userId, id, ways).catch(unavailable)
  }

  /** What to ask for to find out who is there: any passkey of this server, or one of a user. */
  async askOptions(use: ChallengeUse): Promise<PasskeyOptions> {
    const own = use.userId === undefined ? [] : await this.list(use.userId)
    const challenge = this.#challenges.make(use)
    return { challenge, rpId: this.#rpId, userVerification: 'required', allowCredentials: own.map(descriptorOf) }
  }

  /** What to ask for to make a passkey for a user; `name` is that of this server. */
  async createOptions(user: Pick<Account, 'id' | 'username'>, browser: string, name: string): Promise<PasskeyOptions> {
    return {
      rp: { id: this.#rpId, name },
      user: { id: handleOf(user.id), name: user.username, displayName: user.username },
      challenge: this.#challenges.make({ purpose: 'create', browser, userId: user.id }),
      pubKeyCredParams: algorithms.map((alg) => ({ type: 'public-key', alg })),
      authenticatorSelection: { residentKey: 'required', requireResidentKey: true, userVerification: 'required' },
      attestation: 'none',
      excludeCredentials: (await this.list(user.id)).map(descriptorOf),
    }
  }

  /** Whose passkey gave an answer, which is good for this use, once. */
  async check(text: string, use: ChallengeUse): Promise<PasskeyRefusal | PasskeyAccount> {
    const response = readAssertion(text)
    if (response === undefined) return { refused: 'wrong', detail: 'it is no answer of a passkey' }
    const { passkeys, now } = this.#parts
    const found = await passkeys.find(response.id).catch(unavailable)
    if (found === undefined) return { refused: 'unknown' }
    const { id, account, publicKey } = found
    const { id: userId } = account
    if (!isMeant(response, account, use)) return { refused: 'wrong', detail: 'it is of another user', userId }
    const counter = await this.#verify(use, (expected) => checkAssertion(response, publicKey, expected))
    if (typeof counter === 'object') return { ...counter, userId }
    if (await passkeys.use(id, counter, now()).catch(unavailable)) return account
    const isThere = (await passkeys.find(response.id).catch(unavailable)) !== undefined
    return { refused: isThere ? 'copied' : 'unknown', userId }
  }

  /** Saves the passkey that an authenticator made. */
  async enrol(text: string, { userId, browser, name }: NewPasskeyOwner): Promise<PasskeyRefusal | undefined> {
    const response = readAttestation(text)
    if (response === undefined) return { refused: 'wrong', detail: 'it is no new passkey' }
    const { passkeys, now } = this.#parts
    const use = { purpose: 'create', browser, userId } as const
    const made = await this.#verify(use, (expected) => checkAttestation(response, expected))
    if ('refused' in made) return made
    const { id: credentialId, publicKey, counter } = made
    const { transports } = response.response
    const passkey = { userId, credentialId, publicKey, counter, transports, name }
    if (await passkeys.create(passkey, now()).catch(unavailable)) return undefined
    const isFull = (await this.list(userId)).length >= mostPasskeys
    return isFull ? { refused: 'full' } : { refused: 'wrong', detail: 'there is such a passkey' }
  }

  /** Runs checks that throw for what is wrong. The challenge is used up before the signature is looked at. */
  async #verify<Checked>(
    use: ChallengeUse,
    check: (expected: ExpectedAnswer) => Promise<Checked | undefined>,
  ): Promise<PasskeyRefusal | Checked> {
    let isLate = false as boolean // or it would be known to stay so
    const expectedChallenge = async (challenge: string): Promise<boolean> => {
      const taken = await this.#challenges.take(challenge, use)
      isLate = taken === 'late'
      return taken === 'taken'
    }
    const expected = { expectedChallenge, expectedOrigin: this.#parts.issuer.origin, expectedRPID: this.#rpId }
    try {
      return (await check(expected)) ?? { refused: 'wrong', detail: 'the signature is wrong' }
    } catch (thrown) {
      if (thrown instanceof OAuthError) throw thrown // the database
      const detail = thrown instanceof Error ? thrown.message : String(thrown)
      return { refused: isLate ? 'late' : 'wrong', detail }
    }
  }
}

/** Whether it is the passkey of who is expected, as the passkey itself says, too (WebAuthn §7.2, step 6). */
const isMeant = ({ response }: Assertion, { id }: PasskeyAccount, { userId }: ChallengeUse): boolean => {
  if (userId !== undefined && userId !== id) return false
  const { userHandle } = response
  return userHandle === undefined ? userId !== undefined : userHandle === handleOf(id)
}

const handleOf = (userId: string): string => Buffer.from(userId).toString('base64url')

const descriptorOf = ({ credentialId: id, transports }: ListedPasskey) => ({ type: 'public-key', id, transports })
