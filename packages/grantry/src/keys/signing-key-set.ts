import { createSigner } from '#platform'
import type { Awaitable } from '../core/awaitable.ts'
import { ConfigurationError, ServerError } from '../core/errors.ts'
import type { PublicJwk, Signer, SigningKeyInput } from '../core/signer.ts'
import { KeyRing } from './key-ring.ts'
import { fits, keySetOfSigner, verificationKeyOf, type KeySet } from './key-set.ts'

/** The keys of a server, whether they are rotated or not: what signs, what is published, what verifies. */
export interface SigningKeySet extends KeySet {
  /** The key that signs with an algorithm; undefined where there is none. The same object as long as it is the same key. */
  signer(algorithm: string): Awaitable<Signer | undefined>
  /** The public halves to publish. */
  publicKeys(): Awaitable<readonly PublicJwk[]>
  /** The algorithms that there are keys for. */
  algorithms(): Awaitable<readonly string[]>
  /** The longest lifetime of a token for which its key stays published, in seconds; undefined where that is no matter. */
  readonly longestLifetime: number | undefined
}

/** Keys that never change; of each algorithm the first one signs. */
const fixedKeys = (inputs: readonly SigningKeyInput[], usedBy: string): SigningKeySet => {
  if (inputs.length === 0) throw new ConfigurationError(`${usedBy} needs a private key at least.`)
  const pending = inputs.map((key) => createSigner(key, { usedBy }))
  let loaded: readonly Signer[] | undefined
  const load = async (): Promise<readonly Signer[]> =>
    (loaded ??= await Promise.all(pending.map(async (signer) => signer)))
  const pick = (signers: readonly Signer[], algorithm: string): Signer | undefined =>
    signers.find((signer) => signer.algorithm === algorithm)
  return {
    signer: (algorithm) =>
      loaded === undefined ? load().then((signers) => pick(signers, algorithm)) : pick(loaded, algorithm),
    publicKeys: async () => (await load()).map(({ publicJwk }) => publicJwk).filter((jwk) => jwk !== undefined),
    algorithms: async () => [...new Set((await load()).map(({ algorithm }) => algorithm))],
    find: async (alg, kid) => {
      const known = (await load()).filter(({ publicJwk }) => publicJwk !== undefined).map(verificationKeyOf)
      return alg === undefined ? [] : known.filter((key) => fits(key, alg, kid))
    },
    longestLifetime: undefined,
  }
}

/** The keys of an option that takes a ring or private keys. Throws `ConfigurationError` for keys that cannot sign. */
export const signingKeySet = (given: KeyRing | readonly SigningKeyInput[], usedBy: string): SigningKeySet =>
  given instanceof KeyRing ? given : fixedKeys(given, usedBy)

/** What tokens of one algorithm are signed with, and how they are checked. */
export interface SigningSource {
  /** The key, or the function that tells it. */
  readonly signer: Awaitable<Signer> | (() => Awaitable<Signer>)
  /** Undefined where the public half is not known. */
  readonly keySet: KeySet | undefined
  readonly publicKeys: () => Awaitable<readonly PublicJwk[]>
  readonly longestLifetime: number | undefined
}

/** Options of `signingSource`. */
export interface SigningSourceOptions {
  readonly algorithm?: string | undefined
  readonly keyId?: string | undefined
  readonly usedBy: string
}

const sourceOfRing = (ring: KeyRing, { algorithm = 'RS256', keyId, usedBy }: SigningSourceOptions): SigningSource => {
  if (keyId !== undefined) throw new ConfigurationError(`${usedBy}: a KeyRing names its keys itself; leave out keyId.`)
  const require = (signer: Signer | undefined): Signer => {
    if (signer !== undefined) return signer
    throw new ServerError('unexpected', { detail: `${usedBy}: the KeyRing has no key for ${algorithm}.` })
  }
  return {
    signer: () => {
      const signer = ring.signer(algorithm)
      return signer instanceof Promise ? signer.then(require) : require(signer)
    },
    keySet: { find: async (alg, kid) => (alg === algorithm ? ring.find(alg, kid) : []) },
    publicKeys: () => ring.publicKeys(),
    longestLifetime: ring.longestLifetime,
  }
}

/** The keys of an option that takes a ring or one private key. Throws `ConfigurationError` for a key that cannot sign. */
export const signingSource = (key: SigningKeyInput | KeyRing, options: SigningSourceOptions): SigningSource => {
  if (key instanceof KeyRing) return sourceOfRing(key, options)
  const signer = createSigner(key, options)
  return {
    signer,
    keySet: keySetOfSigner(signer),
    publicKeys: async () => [(await signer).publicJwk].filter((jwk) => jwk !== undefined),
    longestLifetime: undefined,
  }
}
