import { KeyRing, KeyRotation, type KeyRingOptions, type KeyRotationOptions, type SigningKeyRow } from 'grantry'
import { MemoryStore } from 'grantry/storage/memory'

export const start = 1_800_000_000
/** The shortest that are accepted. */
export const schedule = { announceSeconds: 390, reloadSeconds: 60, retainSeconds: 1000 }

/** A ring and a rotation over one store, at a clock to move. ES256 keys are quickly made. */
export const makeKeys = (options: KeyRingOptions & KeyRotationOptions = {}) => {
  const store = new MemoryStore()
  const clock = { now: start }
  const all = { ...schedule, algorithms: ['ES256'], now: () => clock.now, ...options }
  const { onLoadFailed, open, algorithms, rotateSeconds, makeKey, ...times } = all
  const makeRing = (): KeyRing => new KeyRing(store, { ...times, onLoadFailed, open })
  const rotation = new KeyRotation(store, { ...times, algorithms, rotateSeconds, makeKey })
  const first = async (): Promise<SigningKeyRow> => {
    const [made] = (await rotation.keepUp()).made
    if (made === undefined) throw new Error('there was a key already')
    clock.now += 1 // else the next one is of the next second
    return made
  }
  return { store, clock, ring: makeRing(), makeRing, rotation, first }
}

/** What a ring says now: which key signs, and which are published. */
export const said = async (ring: KeyRing, algorithm = 'ES256') => ({
  signs: (await ring.signer(algorithm))?.keyId,
  published: (await ring.publicKeys()).map(({ kid }) => kid),
})
