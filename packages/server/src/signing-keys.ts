import { generateKeyPair, type KeyObject } from 'node:crypto'
import { promisify } from 'node:util'
import { KeyRing, KeyRotation, type Clock, type ScheduledKey } from 'grantry'
import type { Data } from './data.ts'
import { exclusively } from './exclusively.ts'
import type { KeyEncryption } from './key-encryption.ts'
import type { Log } from './log.ts'

const generate = promisify(generateKeyPair)

/** RS256 is what every client of OpenID Connect can read; ES256 is there for those that are registered for it. */
const makers = {
  RS256: async () => (await generate('rsa', { modulusLength: 2048 })).privateKey,
  ES256: async () => (await generate('ec', { namedCurve: 'P-256' })).privateKey,
} satisfies Readonly<Record<string, () => Promise<KeyObject>>>

/** One of the algorithms that the server signs with. */
export type SigningAlgorithm = keyof typeof makers

/** The algorithms that the server has keys for. */
export const signingAlgorithms = Object.keys(makers) as readonly SigningAlgorithm[] // Object.keys widens the names

/**
 * An hour is more than verifiers keep the keys they know (5 minutes), and lets nodes go on for most of it while the database is away. A
 * day is longer than tokens (10 minutes) and sessions (12 hours), whose ID tokens come back as hints.
 */
export const keySchedule = { announceSeconds: 3600, reloadSeconds: 30, retainSeconds: 86_400 }

const isAlgorithm = (name: string): name is SigningAlgorithm => Object.hasOwn(makers, name)

const makePem = async (algorithm: string): Promise<string> => {
  if (!isAlgorithm(algorithm)) throw new Error(`The server has no keys for ${algorithm}.`)
  return (await makers[algorithm]()).export({ type: 'pkcs8', format: 'pem' }).toString()
}

/** Makes and deletes the keys of a store, which are sealed there. `days` is how old a key gets before it has a successor; 0 for none. */
export const keyRotation = (
  { store }: Pick<Data, 'store'>,
  encryption: KeyEncryption,
  { now, days }: { readonly now: Clock; readonly days: number },
): KeyRotation =>
  new KeyRotation(store, {
    ...keySchedule,
    algorithms: signingAlgorithms,
    rotateSeconds: days === 0 ? Number.MAX_SAFE_INTEGER : days * 86_400,
    makeKey: async (algorithm) => encryption.seal(await makePem(algorithm), 'signing key'),
    now,
  })

/** Says what becomes of a key, and nothing of what it is made of. */
export const describeKey = ({ key, state, signsFrom, publishedUntil }: ScheduledKey) => {
  const text = (seconds: number | undefined): string | undefined =>
    seconds === undefined ? undefined : new Date(seconds * 1000).toISOString()
  return {
    keyId: key.keyId,
    algorithm: key.algorithm,
    state,
    createdAt: text(key.createdAt),
    signsFrom: text(signsFrom),
    publishedUntil: text(publishedUntil),
  }
}

/** Makes the keys that there are none of. Of nodes that start at once, one does. */
const makeFirstKeys = async (data: Data, encryption: KeyEncryption, now: Clock): Promise<void> => {
  const rotation = keyRotation(data, encryption, { now, days: 0 })
  const isComplete = async (): Promise<boolean> => {
    const there = new Set((await data.store.findSigningKeys()).map(({ algorithm }) => algorithm))
    return signingAlgorithms.every((algorithm) => there.has(algorithm))
  }
  if (await isComplete()) return
  await exclusively(data.store, now, async () => {
    if (!(await isComplete())) await rotation.keepUp()
  })
}

/** Seals by the first key-encryption key what another one has sealed. Not while a key is being deleted, which would come back. */
const sealAnew = async ({ store }: Data, encryption: KeyEncryption, now: Clock): Promise<void> => {
  const findOld = async () =>
    (await store.findSigningKeys()).filter(({ privateKey }) => !encryption.isCurrent(privateKey))
  if ((await findOld()).length === 0) return
  await exclusively(store, now, async () => {
    for (const key of await findOld()) {
      const privateKey = await encryption.open(key.privateKey, 'signing key')
      await store.putSigningKey({ ...key, privateKey: await encryption.seal(privateKey, 'signing key') })
    }
  })
}

/** How the keys of a server are opened. */
export interface SigningKeyOptions {
  readonly now: Clock
  readonly log: Log
}

/**
 * The keys that the server signs with, which change while it runs; the first ones are made here. At rest they are sealed by the first
 * key-encryption key; one that is sealed by another, or not at all, is sealed anew. Throws a `StartError` where one does not open.
 */
export const openKeyRing = async (
  data: Data,
  encryption: KeyEncryption,
  options: SigningKeyOptions,
): Promise<KeyRing> => {
  await makeFirstKeys(data, encryption, options.now)
  await sealAnew(data, encryption, options.now)
  return keyRingOf(data, encryption, options)
}

/** The keys of a database as they are. */
export const keyRingOf = async (
  { store }: Pick<Data, 'store'>,
  encryption: KeyEncryption,
  { now, log }: SigningKeyOptions,
): Promise<KeyRing> => {
  const ring = new KeyRing(store, {
    ...keySchedule,
    open: ({ privateKey }) => encryption.open(privateKey, 'signing key'),
    onLoadFailed: (cause) => log({ type: 'keys.load_failed', cause }),
    now,
  })
  await ring.reload()
  return ring
}
