import { createHash, randomBytes } from 'node:crypto'
import type { Clock, Store } from 'grantry'
import type { KeyEncryption } from '../key-encryption.ts'
import { unavailable } from './guarded-accounts.ts'
import type { TotpRecord, TotpStore } from './totp-store.ts'
import { forgetStepAt, stepOfCode, toBase32 } from './totp.ts'

const recoveryCodes = 10

/** What second factors work with. */
export interface SecondFactorParts {
  readonly totp: TotpStore
  readonly store: Pick<Store, 'markSeen'>
  readonly encryption: KeyEncryption
  readonly now: Clock
}

const fold = (code: string): string => code.toUpperCase().replaceAll(/[\s-]/g, '')

/** 80 random bits, so that a digest tells nobody the code. */
const makeCode = (): string => toBase32(randomBytes(10)).match(/.{4}/g)?.join('-') ?? ''

const digestOf = (id: string, code: string): Uint8Array =>
  createHash('sha256')
    .update(`${id}\n${fold(code)}`)
    .digest()

const purposeOf = (userId: string) => `TOTP secret of ${userId}` as const

/** The second factor of users: codes of an app (RFC 6238), and recovery codes. Failures of the database are answered with 503. */
export class SecondFactors {
  readonly #totp: TotpStore
  readonly #store: Pick<Store, 'markSeen'>
  readonly #encryption: KeyEncryption
  readonly #now: Clock

  constructor({ totp, store, encryption, now }: SecondFactorParts) {
    this.#totp = totp
    this.#store = store
    this.#encryption = encryption
    this.#now = now
  }

  /** Whether a user has one. */
  async has(userId: string): Promise<boolean> {
    return (await this.#find(userId)) !== undefined
  }

  /** How many recovery codes a user has left; undefined where there is no second factor. */
  async recoveryCodesLeft(userId: string): Promise<number | undefined> {
    const record = await this.#find(userId)
    return record && this.#totp.countRecoveryCodes(record.id).catch(unavailable)
  }

  /**
   * Gives a user the second factor with a secret, where the code is of it. Returns the recovery codes, which nobody can look up again;
   * undefined for a wrong code, and where the user has a second factor.
   */
  async enrol(userId: string, secret: Uint8Array, code: string): Promise<readonly string[] | undefined> {
    const id = randomBytes(16).toString('base64url')
    if (!(await this.#isFreshCode(secret, code))) return undefined
    const codes = Array.from({ length: recoveryCodes }, makeCode)
    const digests = codes.map((each) => digestOf(id, each))
    const sealed = await this.#encryption.seal(Buffer.from(secret).toString('base64url'), purposeOf(userId))
    const isNew = await this.#totp.create(userId, { id, secret: sealed }, digests, this.#now()).catch(unavailable)
    return isNew ? codes : undefined
  }

  /** Whether a code is the one of now, which nobody has used, or a recovery code, which then is used up. */
  async check(userId: string, code: string): Promise<boolean> {
    const record = await this.#find(userId)
    if (record === undefined) return false
    const folded = fold(code)
    if (/^\d{6}$/.test(folded)) return this.#isFreshCode(await this.#open(userId, record), folded)
    return this.#totp.useRecoveryCode(record.id, digestOf(record.id, code)).catch(unavailable)
  }

  /** Takes it away; false where there was none. */
  async remove(userId: string): Promise<boolean> {
    return this.#totp.remove(userId).catch(unavailable)
  }

  #find(userId: string): Promise<TotpRecord | undefined> {
    return this.#totp.find(userId).catch(unavailable)
  }

  async #open(userId: string, record: TotpRecord): Promise<Uint8Array> {
    const secret = await this.#encryption.open(record.secret, purposeOf(userId))
    if (!this.#encryption.isCurrent(record.secret))
      await this.#totp.reseal(record, await this.#encryption.seal(secret, purposeOf(userId))).catch(unavailable)
    return Buffer.from(secret, 'base64url')
  }

  /** A code is taken once (RFC 6238 §5.2), at whichever node. */
  async #isFreshCode(secret: Uint8Array, code: string): Promise<boolean> {
    const step = stepOfCode(secret, fold(code), this.#now())
    if (step === undefined) return false
    const digest = createHash('sha256').update(secret).update(String(step)).digest('base64url')
    try {
      return await this.#store.markSeen('totp', digest, forgetStepAt(step), this.#now())
    } catch (cause) {
      return unavailable(cause)
    }
  }
}
