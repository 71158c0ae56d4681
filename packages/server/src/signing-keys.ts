import { createPrivateKey, generateKeyPair, randomBytes, type KeyObject } from 'node:crypto'
import { promisify } from 'node:util'
import type { Clock, Jwk, SigningKeyRow } from 'grantry'
import type { Data } from './data.ts'
import { exclusively } from './exclusively.ts'
import type { KeyEncryption } from './key-encryption.ts'

const generate = promisify(generateKeyPair)

/** RS256 is what every client of OpenID Connect can read; ES256 is there for those that are registered for it. */
const makers = {
  RS256: async () => (await generate('rsa', { modulusLength: 2048 })).privateKey,
  ES256: async () => (await generate('ec', { namedCurve: 'P-256' })).privateKey,
} satisfies Readonly<Record<string, () => Promise<KeyObject>>>

type Algorithm = keyof typeof makers

/** One key for each algorithm, as PKCS#8 PEM. */
export type SigningKeys = Readonly<Record<Algorithm, SigningKeyRow>>

const oldest = async ({ store }: Data, algorithm: Algorithm): Promise<SigningKeyRow | undefined> =>
  (await store.findSigningKeys()).find((key) => key.algorithm === algorithm)

const make = async ({ store }: Data, algorithm: Algorithm, keys: KeyEncryption, now: Clock): Promise<SigningKeyRow> => {
  const pem = (await makers[algorithm]()).export({ type: 'pkcs8', format: 'pem' })
  const privateKey = await keys.seal(pem.toString(), 'signing key')
  const made = { keyId: randomBytes(12).toString('base64url'), algorithm, privateKey, createdAt: now() }
  await store.putSigningKey(made)
  return made
}

const signingKey = async (
  data: Data,
  algorithm: Algorithm,
  keys: KeyEncryption,
  now: Clock,
): Promise<SigningKeyRow> => {
  const find = (): Promise<SigningKeyRow | undefined> => oldest(data, algorithm)
  const findOrMake = async () => (await find()) ?? make(data, algorithm, keys, now)
  const stored = (await find()) ?? (await exclusively(data.store, now, findOrMake))
  const privateKey = await keys.open(stored.privateKey, 'signing key')
  if (!keys.isCurrent(stored.privateKey))
    await data.store.putSigningKey({ ...stored, privateKey: await keys.seal(privateKey, 'signing key') })
  return { ...stored, privateKey }
}

/**
 * The keys that tokens are signed with, of each algorithm the oldest one there is; made where there is none, by one node where several start
 * at once. At rest they are sealed by the first key-encryption key; one that is sealed by another, or not at all, is sealed anew.
 */
export const signingKeys = async (data: Data, keys: KeyEncryption, now: Clock): Promise<SigningKeys> => ({
  RS256: await signingKey(data, 'RS256', keys, now),
  ES256: await signingKey(data, 'ES256', keys, now),
})

/** A signing key as a JWK with its id and algorithm. */
export const toJwk = ({ privateKey, keyId, algorithm }: SigningKeyRow): Jwk => ({
  ...createPrivateKey(privateKey).export({ format: 'jwk' }),
  kid: keyId,
  alg: algorithm,
})
