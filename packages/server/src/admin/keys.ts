import { KeyRotation, type ScheduledKey } from 'grantry'
import { exclusively } from '../exclusively.ts'
import { describeKey, keySchedule, signingAlgorithms, type SigningAlgorithm } from '../signing-keys.ts'
import type { ActorParts } from './parts.ts'
import { notFound } from './refusal.ts'

/** A signing key as operators see it, and nothing of what it is made of. */
export type KeyView = ReturnType<typeof describeKey>

/** What became of the algorithms that were to get new keys. */
export interface RotatedKeys {
  /** All keys of these. */
  readonly keys: readonly KeyView[]
  /** Whether a key that is announced already was left as it is. */
  readonly wasAnnounced: boolean
}

const ofAlgorithms = (keys: readonly ScheduledKey[], algorithms: readonly string[]): readonly KeyView[] =>
  keys.filter(({ key }) => algorithms.includes(key.algorithm)).map(describeKey)

const idsOf = ({ keyId, algorithm }: Pick<KeyView, 'keyId' | 'algorithm'>) => ({ keyId, algorithm })

/** What operators do with signing keys, beside running servers. */
export class KeyAdmin {
  readonly #parts: ActorParts

  constructor(parts: ActorParts) {
    this.#parts = parts
  }

  /** All keys, with when they sign and until when they are published. */
  async list(): Promise<readonly KeyView[]> {
    const { data, now } = this.#parts
    return (await new KeyRotation(data.store, { ...keySchedule, now }).keys()).map(describeKey)
  }

  /** One key. */
  async show(keyId: string): Promise<KeyView> {
    const key = (await this.list()).find((each) => each.keyId === keyId)
    if (key === undefined) throw notFound('signing key', keyId)
    return key
  }

  /** Announces new keys; servers sign with them after an hour. */
  async rotate(algorithms: readonly SigningAlgorithm[] = signingAlgorithms): Promise<RotatedKeys> {
    const { data, now, rotation: open, log, actor } = this.#parts
    const rotation = await open()
    const made = await exclusively(data.store, now, async () => {
      const keys = []
      for (const algorithm of algorithms) keys.push(await rotation.rotate(algorithm))
      return keys
    })
    for (const key of made) if (key !== undefined) log({ type: 'keys.rotated', actor, ...idsOf(key) })
    return { keys: ofAlgorithms(await rotation.keys(), algorithms), wasAnnounced: made.includes(undefined) }
  }

  /** Withdraws a key at once, because it has leaked, and gives those of its algorithm that are left. */
  async retire(keyId: string): Promise<readonly KeyView[]> {
    const { data, now, rotation: open, log, actor } = this.#parts
    const rotation = await open()
    const done = await exclusively(data.store, now, () => rotation.withdraw(keyId))
    if (done === undefined) throw notFound('signing key', keyId)
    log({ type: 'keys.withdrawn', actor, ...idsOf(done.withdrawn) })
    return ofAlgorithms(await rotation.keys(), [done.withdrawn.algorithm])
  }
}
