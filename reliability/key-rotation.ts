import { mock } from 'node:test'
import {
  KeyRing,
  KeyRotation,
  Server,
  signedTokenGenerator,
  StoreValidator,
  type HttpRequest,
  type Store,
} from 'grantry'
import { MemoryStore } from 'grantry/storage/memory'
import { decodeProtectedHeader } from 'jose'
import { interceptStore } from '../packages/grantry/src/testing/intercept-store.ts'
import { makeClient, type Credentials } from '../packages/grantry/src/testing/sample-provider.ts'
import { seeded } from './chance.ts'
import { cacheSeconds, verifiers, type VerifierPlace, type VerifyToken } from './key-verifiers.ts'

/** What is wrong on purpose. */
export type KeyMistake = 'switches at once' | 'deletes at once'

/** How long it goes on. */
export interface KeyRotationSize {
  readonly rotations: number
  /** Tokens that both nodes issue in a step of some seconds. */
  readonly tokensPerStep: number
  readonly mistake?: KeyMistake | undefined
  readonly seed?: number | undefined
}

/** What came of the rotations. */
export interface KeyRotationFigures {
  /** Keys that were made for them, by two nodes at once. */
  readonly keys: number
  readonly tokens: number
  readonly verifications: number
  /** By verifier. */
  readonly failed: Readonly<Record<keyof typeof verifiers, number>>
  /** Tokens of a key that a node had published for less than the time of a cache, or not at all. */
  readonly unpublished: number
  /** Reads of the store on the way of these tokens. */
  readonly reads: number
}

const issuer = 'https://id.example'
const jwksUri = `${issuer}/jwks`
const algorithms = ['RS256', 'ES256', 'EdDSA'] as const
type Algorithm = (typeof algorithms)[number]

const tokenSeconds = 600
/** The shortest that are accepted. */
const schedule = { announceSeconds: 390, reloadSeconds: 60, retainSeconds: tokenSeconds + 300 }
const stepSeconds = 12

/** A key that says it was announced long ago signs at once. */
const hasty = (store: Store): Store =>
  interceptStore(store, async ({ name, run }) => {
    const found = await run()
    if (name !== 'findSigningKeys') return found
    const rows = found as Awaited<ReturnType<Store['findSigningKeys']>> // by its name
    return rows.map((row) => ({ ...row, createdAt: row.createdAt - schedule.announceSeconds }))
  })

const tokenRequest = (credentials: Credentials): HttpRequest => ({
  method: 'POST',
  url: '/token',
  headers: new Headers({ 'content-type': 'application/x-www-form-urlencoded' }),
  text: async () => new URLSearchParams({ ...credentials, grant_type: 'client_credentials' }).toString(),
})

/** A node: a server for each algorithm over one ring. */
interface Node {
  readonly ring: KeyRing
  readonly rotation: KeyRotation
  readonly issue: (algorithm: Algorithm) => Promise<string>
  readonly jwks: () => Promise<Response>
  /** When each of its keys was published first. */
  readonly publishedAt: Map<string, number>
}

const makeNode = (store: Store, credentials: Credentials, now: () => number): Node => {
  const ring = new KeyRing(store, schedule)
  const servers = new Map(
    algorithms.map((algorithm) => {
      const tokenGenerator = signedTokenGenerator(ring, { issuer, audience: issuer, profile: 'at+jwt', algorithm })
      const options = { issuer, tokenGenerator, tokenVerifier: tokenGenerator.verifier, tokenExpiresIn: tokenSeconds }
      return [algorithm, new Server(new StoreValidator(store), options)] as const
    }),
  )
  const publishedAt = new Map<string, number>()
  return {
    ...{ ring, publishedAt, rotation: new KeyRotation(store, { ...schedule, algorithms }) },
    issue: async (algorithm) => {
      const answer = await servers.get(algorithm)?.createTokenResponse(tokenRequest(credentials))
      return (JSON.parse(answer?.body ?? '{}') as { access_token: string }).access_token // a server that fails is seen by all verifiers
    },
    jwks: async () => {
      const { body, headers } = (await servers.get('RS256')?.createJwksResponse()) ?? { body: '', headers: {} }
      for (const { kid } of (JSON.parse(body) as { keys: { kid: string }[] }).keys)
        if (!publishedAt.has(kid)) publishedAt.set(kid, now())
      return new Response(body, { headers })
    },
  }
}

interface Issued {
  readonly token: string
  readonly expiresAt: number
}

/** Two nodes and three verifiers, at one clock. */
class Run {
  readonly #size: KeyRotationSize
  readonly #random: () => number
  readonly #store: Store
  readonly #nodes: readonly [Node, Node]
  readonly #verifiers: readonly (readonly [keyof typeof verifiers, VerifyToken])[]
  readonly #live: Issued[] = []
  readonly #first = new Set<string>()
  readonly #figures = { keys: 0, tokens: 0, verifications: 0, unpublished: 0, reads: 0 }
  readonly #failed = { grantry: 0, jose: 0, oauth4webapi: 0 }

  constructor(size: KeyRotationSize, store: Store, credentials: Credentials) {
    this.#size = size
    this.#random = seeded(size.seed ?? 1)
    this.#store = store
    const counted = interceptStore(store, ({ name, run }) => {
      if (name === 'findSigningKeys') this.#figures.reads++
      return run()
    })
    const seen = size.mistake === 'switches at once' ? hasty(counted) : counted
    const node = (): Node => makeNode(seen, credentials, () => this.#now())
    this.#nodes = [node(), node()]
    const place: VerifierPlace = {
      ...{ issuer, audience: issuer, jwksUri, now: () => this.#now() },
      fetch: () => this.#pick(this.#nodes).jwks(),
    }
    const names = Object.keys(verifiers) as (keyof typeof verifiers)[] // Object.keys widens the names
    this.#verifiers = names.map((name) => [name, verifiers[name](place)] as const)
  }

  async run(): Promise<KeyRotationFigures> {
    await this.#nodes[0].rotation.keepUp()
    for (const { keyId } of await this.#store.findSigningKeys()) this.#first.add(keyId)
    await this.#goOn(cacheSeconds)
    for (let index = 0; index < this.#size.rotations; index++)
      await this.#rotate(algorithms[index % algorithms.length] ?? 'RS256')
    return { ...this.#figures, failed: this.#failed }
  }

  async #rotate(algorithm: Algorithm): Promise<void> {
    const made = await Promise.all(this.#nodes.map(({ rotation }) => rotation.rotate(algorithm)))
    this.#figures.keys += made.filter((key) => key !== undefined).length
    await this.#goOn(schedule.announceSeconds)
    if (this.#size.mistake === 'deletes at once') await this.#deleteOld(algorithm)
    await this.#goOn(2 * cacheSeconds)
    await this.#pick(this.#nodes).rotation.keepUp()
  }

  async #deleteOld(algorithm: Algorithm): Promise<void> {
    const keys = (await this.#store.findSigningKeys()).filter((key) => key.algorithm === algorithm)
    for (const { keyId } of keys.slice(0, -1)) await this.#store.deleteSigningKey(keyId)
  }

  async #goOn(seconds: number): Promise<void> {
    for (const end = this.#now() + seconds; this.#now() < end;) {
      for (const { jwks } of this.#nodes) await jwks() // others ask as well
      await Promise.all(Array.from({ length: this.#size.tokensPerStep }, () => this.#issue()))
      await this.#verifyOld()
      const step = Math.min(end - this.#now(), 1 + Math.floor(this.#random() * stepSeconds))
      mock.timers.setTime((this.#now() + step) * 1000)
    }
  }

  /** A token of some algorithm, by a node that works at it, or has rested. */
  async #issue(): Promise<void> {
    const node = this.#pick(this.#nodes)
    const token = await node.issue(this.#pick(algorithms))
    this.#figures.tokens++
    const { kid = '' } = decodeProtectedHeader(token)
    const isKnown = ({ publishedAt }: Node): boolean => this.#now() - (publishedAt.get(kid) ?? Infinity) >= cacheSeconds
    if (!this.#first.has(kid) && !this.#nodes.every(isKnown)) this.#figures.unpublished++
    this.#live.push({ token, expiresAt: this.#now() + tokenSeconds })
    await this.#verify(token)
  }

  /** Tokens that are about to end, whose keys must still be there, and some others. */
  async #verifyOld(): Promise<void> {
    while ((this.#live[0]?.expiresAt ?? Infinity) <= this.#now() + stepSeconds) {
      const { token, expiresAt } = this.#live.shift() ?? { token: '', expiresAt: 0 }
      if (expiresAt > this.#now()) await this.#verify(token)
    }
    const some = this.#live[Math.floor(this.#random() * this.#live.length)]
    if (some !== undefined) await this.#verify(some.token)
  }

  async #verify(token: string): Promise<void> {
    for (const [name, verify] of this.#verifiers) {
      this.#figures.verifications++
      if (!(await verify(token))) this.#failed[name]++
    }
  }

  #now(): number {
    return Math.floor(Date.now() / 1000)
  }

  #pick<Item>(items: readonly Item[]): Item {
    return items[Math.floor(this.#random() * items.length)] as Item // of a list that is not empty
  }
}

/** Rotates keys of three algorithms in turn while two nodes issue tokens and three verifiers check them. The clock of this process is moved. */
export const rotateKeys = async (size: KeyRotationSize): Promise<KeyRotationFigures> => {
  mock.timers.enable({ apis: ['Date'], now: 1_800_000_000_000 })
  try {
    const store = new MemoryStore()
    const credentials = await makeClient(store, 'app', 'always')
    return await new Run(size, store, credentials).run()
  } finally {
    mock.timers.reset()
  }
}
