import { createSigner } from '#platform'
import type { Awaitable } from '../core/awaitable.ts'
import { ConfigurationError, TemporarilyUnavailableError } from '../core/errors.ts'
import {
  longestLifetime,
  publishableSeconds,
  resolveKeySchedule,
  scheduleKeys,
  type KeySchedule,
  type KeyScheduleOptions,
} from '../core/key-schedule.ts'
import { signatureAlgorithms } from '../core/signature-algorithms.ts'
import type { PublicJwk, Signer, SigningKeyInput } from '../core/signer.ts'
import type { KeyStore, SigningKeyRow } from '../core/signing-key.ts'
import { systemClock, type Clock } from '../util/clock.ts'
import { withinLimit } from '../util/within-limit.ts'
import { fits, verificationKeyOf, type VerificationKey } from './key-set.ts'

/** How a `KeyRing` works. */
export interface KeyRingOptions extends KeyScheduleOptions {
  /** Gives the private key of a row, where it is sealed at rest or stays in a KMS. Called once for each key. Default: its `privateKey`. */
  readonly open?: ((key: SigningKeyRow) => Awaitable<SigningKeyInput>) | undefined
  /** Receives why keys could not be read anew; those that are known go on for a while. Default: nobody. */
  readonly onLoadFailed?: ((cause: unknown) => void) | undefined
  /** Tells the time in seconds. Default: the machine's clock. */
  readonly now?: Clock | undefined
}

/** What was read of the store, and when that began. */
interface Loaded {
  readonly at: number
  readonly rows: readonly SigningKeyRow[]
  readonly signers: ReadonlyMap<string, Signer>
}

/** What follows from that for some time. */
interface View {
  readonly from: number
  readonly until: number
  readonly signers: ReadonlyMap<string, Signer>
  readonly publicKeys: readonly PublicJwk[]
  readonly verificationKeys: readonly VerificationKey[]
}

/** Seconds between two attempts where the store fails, and between two where somebody shows keys that nobody has. */
const retrySeconds = 5
/** How long a store may take to give the keys. */
const loadLimitMs = 5000

/** RS256 first, whatever the ids of keys: programs that take the first key of a JWK Set are not gone. */
const byAlgorithm = (one: Signer, other: Signer): number =>
  signatureAlgorithms.indexOf(one.algorithm) - signatureAlgorithms.indexOf(other.algorithm)

const viewOf = ({ rows, signers }: Loaded, schedule: KeySchedule, now: number): View => {
  const scheduled = scheduleKeys(rows, schedule, now)
  const turns = scheduled.flatMap(({ signsFrom, publishedUntil }) => [signsFrom ?? now, publishedUntil ?? now])
  const signerOf = ({ keyId }: SigningKeyRow): readonly Signer[] => [signers.get(keyId) ?? []].flat()
  const published = scheduled.filter(({ state }) => state !== 'over').flatMap(({ key }) => signerOf(key))
  const signing = scheduled
    .filter(({ state }) => state === 'signing')
    .flatMap(({ key }) => signerOf(key))
    .sort(byAlgorithm)
  return {
    from: now,
    until: Math.min(...turns.filter((turn) => turn > now)),
    signers: new Map(signing.map((signer) => [signer.algorithm, signer])),
    publicKeys: published.toSorted(byAlgorithm).flatMap(({ publicJwk }) => publicJwk ?? []),
    verificationKeys: published.map(verificationKeyOf),
  }
}

/**
 * Signing keys that change while the server runs: which one signs, which are published and which verify follows from the rows of a store and
 * the time, for all nodes alike. A key is announced before it signs, and stays published after it. Give it wherever a signing key is
 * taken; `KeyRotation` makes and deletes the keys. Throws `ConfigurationError` for times that are too short.
 */
export class KeyRing {
  /** The longest lifetime of a token for which its key stays published, in seconds. */
  readonly longestLifetime: number
  readonly #store: Pick<KeyStore, 'findSigningKeys'>
  readonly #schedule: KeySchedule
  readonly #open: NonNullable<KeyRingOptions['open']>
  readonly #onLoadFailed: NonNullable<KeyRingOptions['onLoadFailed']>
  readonly #now: Clock
  #loaded: Loaded | undefined
  #view: View | undefined
  #loading: Promise<void> | undefined
  #trying: Promise<void> | undefined
  #triedAt = -Infinity
  /** Whether the last attempt to read them did. */
  #hasFailed = false

  constructor(store: Pick<KeyStore, 'findSigningKeys'>, options: KeyRingOptions = {}) {
    this.#store = store
    this.#schedule = resolveKeySchedule(options)
    this.longestLifetime = longestLifetime(this.#schedule)
    this.#open = options.open ?? (({ privateKey }) => privateKey)
    this.#onLoadFailed = options.onLoadFailed ?? (() => undefined)
    this.#now = options.now ?? systemClock
  }

  /**
   * The key that signs with an algorithm; undefined where there is none. Throws `TemporarilyUnavailableError` where the store has not
   * answered for `announceSeconds`: another key may sign by now.
   */
  signer(algorithm: string): Awaitable<Signer | undefined> {
    const view = this.#current(this.#schedule.announceSeconds)
    return view instanceof Promise ? view.then(({ signers }) => signers.get(algorithm)) : view.signers.get(algorithm)
  }

  /**
   * The public halves of the keys that sign, will sign or have signed. Throws `TemporarilyUnavailableError` where the store has not answered
   * for so long that one could be missing that others sign with before caches of this answer end.
   */
  async publicKeys(): Promise<readonly PublicJwk[]> {
    return (await this.#current(publishableSeconds(this.#schedule))).publicKeys
  }

  /** The algorithms that a key signs with. */
  async algorithms(): Promise<readonly string[]> {
    return [...(await this.#current(this.#schedule.announceSeconds)).signers.keys()]
  }

  /** The published keys that fit the `alg` and `kid` of a token. For a `kid` that is not known, the keys are read anew every few seconds. */
  async find(alg: string | undefined, kid: string | undefined): Promise<readonly VerificationKey[]> {
    if (alg === undefined) return []
    const search = async (): Promise<readonly VerificationKey[]> => {
      const { verificationKeys } = await this.#current(this.#schedule.announceSeconds)
      return verificationKeys.filter((key) => fits(key, alg, kid))
    }
    const found = await search()
    if (found.length > 0 || !this.#mayTry()) return found
    await this.#tryLoad()
    return search()
  }

  /** Reads the keys anew, at once. Throws what the store throws; the keys that are known stay. */
  async reload(): Promise<void> {
    this.#loading ??= this.#load().finally(() => (this.#loading = undefined))
    await this.#loading
  }

  /** What follows from the keys now, as they were read at most `limit` seconds ago. On the way of each token: no promise where it is not due. */
  #current(limit: number): Awaitable<View> {
    const now = this.#now()
    const age = this.#loaded === undefined ? Infinity : Math.abs(now - this.#loaded.at)
    return age <= this.#schedule.reloadSeconds && this.#loaded !== undefined
      ? this.#viewAt(this.#loaded, now)
      : this.#renewed(age, limit)
  }

  /** A node that works reads the keys beside its requests; one that has rested waits for them, and none waits for a store that is down. */
  #renewed(age: number, limit: number): Awaitable<View> {
    const loaded = this.#loaded
    if (loaded === undefined || age > limit) return this.#required()
    if (!this.#mayTry()) return this.#viewAt(loaded, this.#now())
    const renewed = this.#tryLoad()
    return this.#hasFailed || age <= 2 * this.#schedule.reloadSeconds
      ? this.#viewAt(loaded, this.#now())
      : renewed.then(() => this.#viewAt(this.#loaded ?? loaded, this.#now()))
  }

  async #required(): Promise<View> {
    await this.reload().catch((cause: unknown) => {
      throw new TemporarilyUnavailableError('store_failed', { cause })
    })
    return this.#current(Infinity)
  }

  #viewAt(loaded: Loaded, now: number): View {
    const view = this.#view
    if (view !== undefined && now >= view.from && now < view.until) return view
    return (this.#view = viewOf(loaded, this.#schedule, now))
  }

  #mayTry(): boolean {
    return this.#loading !== undefined || Math.abs(this.#now() - this.#triedAt) >= retrySeconds
  }

  /** Several requests that notice at once that it is time are one attempt, with one report. */
  #tryLoad(): Promise<void> {
    this.#trying ??= this.reload()
      .catch(this.#onLoadFailed)
      .finally(() => (this.#trying = undefined))
    return this.#trying
  }

  async #load(): Promise<void> {
    this.#triedAt = this.#now()
    try {
      this.#loaded = await this.#read(this.#triedAt)
      this.#view = undefined
      this.#hasFailed = false
    } catch (cause) {
      this.#hasFailed = true
      throw cause
    }
  }

  async #read(at: number): Promise<Loaded> {
    const rows = await withinLimit((async () => this.#store.findSigningKeys())(), loadLimitMs)
    const known = this.#loaded?.signers
    const signers = await Promise.all(
      rows.map(async (row) => [row.keyId, known?.get(row.keyId) ?? (await this.#signerOf(row))] as const),
    )
    return { at, rows, signers: new Map(signers) }
  }

  async #signerOf(row: SigningKeyRow): Promise<Signer> {
    const { algorithm, keyId } = row
    const signer = await createSigner(await this.#open(row), { algorithm, keyId, usedBy: `the signing key ${keyId}` })
    if (signer.publicJwk !== undefined) return signer
    throw new ConfigurationError(`The public half of the signing key ${keyId} is not known, so it cannot be published.`)
  }
}
