import { generateKeyPairSync } from 'node:crypto'
import { signedTokenGenerator, signedTokenVerifier, type Client, type Server, type Store } from 'grantry'
import { limits, type ClientId, type UserId } from './lifecycle-model.ts'
import { makeClient, makeServer, type Credentials } from '../packages/grantry/src/testing/sample-provider.ts'

/** Where a provider under examination keeps its state. */
export interface LifecycleBackend {
  /** Opens the state of a realm, which may be there already. */
  readonly open: (realm: string) => Store
  /** Ends the use of a store, not its state. */
  readonly close: (store: Store) => void
}

/** What access tokens are like. */
export type TokenFormat = 'opaque' | 'jwt'

const issuer = 'https://issuer.example'
const tokens = { issuer, audience: 'https://api.example', profile: 'at+jwt' } as const
/** Made once: a run rotates a few times, and begins again with the first one where it runs out of them. */
const keys = Array.from({ length: 4 }, () => generateKeyPairSync('ed25519'))

/** Signs by the newest of the keys and knows all of them. */
const signing = (newest: number) => {
  const { privateKey } = keys[newest % keys.length] ?? generateKeyPairSync('ed25519')
  const publicKeys = keys.map(({ publicKey }) => publicKey.export({ format: 'jwk' }))
  return {
    tokenGenerator: signedTokenGenerator(privateKey, { ...tokens, algorithm: 'EdDSA' }),
    tokenVerifier: signedTokenVerifier(publicKeys, tokens),
    issuer,
  }
}

/** The provider under examination, with what an operator does to it. */
export class Real {
  readonly clock: { now: number }
  readonly credentials: Readonly<Record<ClientId, Credentials>>
  /** How many commands were run, of all runs. */
  readonly counts: { commands: number }
  readonly #open: () => Store
  readonly #close: (store: Store) => void
  readonly #format: TokenFormat
  readonly #clients: readonly Client[]
  #store: Store
  #server: Server
  #newestKey = 0

  private constructor(
    { open, close, format }: { open: () => Store; close: (store: Store) => void; format: TokenFormat },
    prepared: Pick<Real, 'clock' | 'credentials' | 'counts'> & { store: Store; clients: readonly Client[] },
  ) {
    this.#open = open
    this.#close = close
    this.#format = format
    this.clock = prepared.clock
    this.credentials = prepared.credentials
    this.counts = prepared.counts
    this.#clients = prepared.clients
    this.#store = prepared.store
    this.#server = this.#serve()
  }

  /** Makes a provider with its two clients; `wrap` makes a store that does not keep its contract. */
  static async make(
    { backend, realm, wrap }: { backend: LifecycleBackend; realm: string; wrap: (store: Store) => Store },
    { now, format, counts }: { now: number; format: TokenFormat; counts: Real['counts'] },
  ): Promise<Real> {
    const open = (): Store => wrap(backend.open(realm))
    const store = open()
    const credentials = {
      steady: await makeClient(store, 'steady', 'never'),
      rotating: await makeClient(store, 'rotating', 'always'),
    }
    const clients = await store.listClients('', 2)
    return new Real({ open, close: backend.close, format }, { clock: { now }, credentials, counts, store, clients })
  }

  get server(): Server {
    return this.#server
  }

  /** The process ends, and another one comes up with the same data. */
  async restart(): Promise<void> {
    this.close()
    this.#store = this.#open()
    this.#server = this.#serve()
  }

  /** Signs by a new key; what the old ones signed stays. Where tokens are opaque, there is none. */
  async rotateKey(): Promise<void> {
    this.#newestKey++
    this.#server = this.#serve()
  }

  /** Cleans up. */
  async sweep(): Promise<void> {
    await this.#store.sweep(this.clock.now, 1000)
  }

  /** Deletes a client and ends its families. */
  async disableClient(clientId: ClientId): Promise<void> {
    await this.#store.deleteClient(clientId)
    await this.#store.revokeGrants({ clientId }, this.clock.now)
  }

  /** Brings a deleted client back as it was. */
  async enableClient(clientId: ClientId): Promise<void> {
    const client = this.#clients.find(({ id }) => id === clientId)
    if (client !== undefined) await this.#store.putClient(client)
  }

  /** Ends the families of a user. */
  async disableUser(userId: UserId): Promise<void> {
    await this.#store.revokeGrants({ userId }, this.clock.now)
  }

  close(): void {
    this.#close(this.#store)
  }

  #serve(): Server {
    return makeServer(this.#store, {
      codeExpiresIn: limits.code,
      tokenExpiresIn: limits.access,
      refreshTokenExpiresIn: limits.refresh,
      refreshTokenFamilyExpiresIn: limits.family,
      refreshTokenGrace: limits.grace,
      refreshTokenMaxReplays: limits.maxReplays,
      now: () => this.clock.now,
      ...(this.#format === 'jwt' && signing(this.#newestKey)),
    })
  }
}
