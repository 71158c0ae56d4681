import type { Claims } from '../core/claims.ts'
import { ConfigurationError } from '../core/errors.ts'
import type { GrantryEvent } from '../core/events.ts'
import { deviceCodeGrantType } from '../core/device-authorization.ts'
import { pathOf, type HttpRequest, type HttpResponse } from '../core/http.ts'
import type { Client, User } from '../core/records.ts'
import type { TokenGenerator } from '../core/token-context.ts'
import { fromWebRequest, toWebResponse } from '../core/web-request.ts'
import { generatePrivateKey } from '../keys/generate-key.ts'
import { jwtWriter } from '../keys/sign-jwt.ts'
import { signingSource } from '../keys/signing-key-set.ts'
import type { Interaction } from '../servers/options.ts'
import { OpenIdServer } from '../servers/openid-server.ts'
import { hashClientSecret } from '../storage/client-secret.ts'
import { MemoryStore } from '../storage/memory.ts'
import { StoreValidator } from '../storage/store-validator.ts'
import { BearerToken } from '../tokens/bearer-token.ts'
import { randomTokenGenerator } from '../tokens/random-token-generator.ts'
import { signedTokenGenerator } from '../tokens/signed-token-generator.ts'
import { systemClock } from '../util/clock.ts'

/** A client of a test issuer, with the secret that it has. Without a secret it is public. */
export type TestClient = Omit<Client, 'secrets'> & { readonly secret?: string | undefined }

/** Who is logged in, and what UserInfo says of that user. */
export interface TestUser extends User {
  readonly claims?: Claims | undefined
}

/** How a test issuer begins. */
export interface TestIssuerOptions {
  /** The URL that names it. Default: `http://localhost`, or where it listens. */
  readonly issuer?: string | undefined
  /** Default: `app` with the secret `secret`, for client credentials and devices, with the scopes `openid`, `read` and `write`. */
  readonly clients?: readonly TestClient[] | undefined
  /** Who approves every authorization request; can be changed later. Default: `alice`. */
  readonly user?: TestUser | undefined
  /** What access tokens are for: their `aud`, unless a request names a resource. Default: the issuer. */
  readonly audience?: string | undefined
  /** Resources that may be asked for (RFC 8707). Default: none. */
  readonly resources?: readonly string[] | undefined
  /** `jwt` (RFC 9068) or `opaque`. Default: `jwt`. */
  readonly tokenFormat?: 'jwt' | 'opaque' | undefined
  /** How clients and tokens are signed. Default: RS256. */
  readonly algorithm?: string | undefined
}

/** An access token that is made without a request. */
export interface TestToken {
  /** Default: the user who is logged in. `null` for a token that a client got for itself. */
  readonly user?: string | null | undefined
  /** Default: the first client. */
  readonly client?: string | undefined
  /** Default: `read`. */
  readonly scopes?: readonly string[] | undefined
  /** Default: that of the issuer. */
  readonly audience?: string | undefined
  /** Lifetime in seconds. Default: 600. */
  readonly expiresIn?: number | undefined
  /** How many seconds ago it was issued: more than its lifetime makes one that has expired. Default: 0. */
  readonly age?: number | undefined
  readonly claims?: Claims | undefined
}

/** What is answered in place of an endpoint: a response, no answer at all, or a connection that breaks. */
export type ScriptedFailure = (Partial<HttpResponse> & Pick<HttpResponse, 'status'>) | 'hang' | 'drop'

const defaultClient: TestClient = {
  id: 'app',
  secret: 'secret',
  grantTypes: ['client_credentials', deviceCodeGrantType, 'refresh_token'],
  scopes: ['openid', 'profile', 'email', 'offline_access', 'read', 'write'],
  defaultScopes: ['read'],
}

const toClient = ({ secret, ...client }: TestClient, idTokenSigningAlgorithm: string): Client => {
  const proof = secret === undefined ? { authMethods: ['none'] } : { secrets: [hashClientSecret(secret)] }
  return { idTokenSigningAlgorithm, ...client, ...proof }
}

/** Keys of RSA take a moment to make. */
const firstKeys = new Map<string, Promise<string>>()

/** Users are those that approve. */
class TestValidator extends StoreValidator {
  readonly #claimsOf: (user: User) => Claims

  constructor(store: MemoryStore, claimsOf: (user: User) => Claims) {
    super(store)
    this.#claimsOf = claimsOf
  }

  getUserClaims(user: User): Claims {
    return this.#claimsOf(user)
  }
}

/**
 * An OpenID provider for the tests of an application: the engine of production with a clock that moves, a user who approves everything, tokens
 * without requests, and failures on order. `createTestIssuer` makes it; `startTestIssuer` of `grantry/testing/node` lets it listen.
 */
export class TestIssuer {
  readonly issuer: string
  /** All that it has issued. */
  readonly store = new MemoryStore()
  /** What happened, the newest last. */
  readonly events: GrantryEvent[] = []
  /** Who approves; nobody approves where there is none, and the client gets `access_denied`. */
  user: TestUser | undefined
  readonly #options: TestIssuerOptions
  readonly #validator: TestValidator
  readonly #failures = new Map<string, ScriptedFailure[]>()
  #keys: readonly string[]
  #server: OpenIdServer
  #ahead = 0

  /** Use `createTestIssuer`. */
  constructor(options: TestIssuerOptions, key: string) {
    this.issuer = options.issuer ?? 'http://localhost'
    this.user = options.user ?? { id: 'alice' }
    this.#options = options
    this.#keys = [key]
    this.#validator = new TestValidator(this.store, ({ id }) => (this.user?.id === id ? (this.user.claims ?? {}) : {}))
    this.#server = this.#makeServer()
  }

  /** The time that it goes by, in seconds: that of the machine, and what it was moved by. */
  readonly now = (): number => systemClock() + this.#ahead

  /** Moves the clock. */
  advance(seconds: number): void {
    this.#ahead += seconds
  }

  /** Answers a request, as its endpoints do. */
  readonly fetch = async (request: Request): Promise<Response> =>
    toWebResponse(await this.handle(fromWebRequest(request, this.#server.maxBodyBytes)), request.method)

  /** The same for adapters. */
  async handle(request: HttpRequest): Promise<HttpResponse> {
    const failure = this.#failures.get(pathOf(request.url))?.shift()
    if (failure === 'hang') return new Promise(() => undefined)
    if (failure === 'drop') throw new TypeError('The connection breaks, as the test says.')
    return failure === undefined ? this.#server.handle(request) : { headers: {}, body: '', ...failure }
  }

  /** Has the endpoint at a path, such as `/token` or `/jwks`, fail at its next requests. Throws a `ConfigurationError` for a path without one. */
  fail(path: string, failure: ScriptedFailure, times = 1): void {
    if (!this.#server.paths.includes(path))
      throw new ConfigurationError(`fail: there is no endpoint at "${path}", but at ${this.#server.paths.join(', ')}.`)
    const waiting = this.#failures.get(path) ?? []
    this.#failures.set(path, [...waiting, ...Array.from({ length: times }, () => failure)])
  }

  /** An access token as the token endpoint makes them. Throws a `ConfigurationError` for a client that there is not. */
  async token(token: TestToken = {}): Promise<string> {
    const { client: id = this.#clients[0]?.id ?? '', user = this.user?.id, scopes = ['read'], claims } = token
    const { audience, expiresIn = 600, age = 0 } = token
    const client = await this.store.findClient(id)
    if (client === undefined) throw new ConfigurationError(`token: there is no client "${id}".`)
    const bearer = new BearerToken(this.#validator, {
      tokenGenerator: this.#generator,
      tokenExpiresIn: expiresIn,
      now: () => this.now() - age,
    })
    const resources = audience === undefined ? undefined : [audience]
    const isOwn = user === null || user === undefined
    const grantType = isOwn ? 'client_credentials' : 'authorization_code'
    const who = isOwn ? {} : { user: { id: user } }
    return (await bearer.createToken({ client, scopes, grantType, claims, resources, ...who })).access_token
  }

  /** Signs any claims with its key: what a client must refuse can be made, too. */
  sign(claims: Claims, typ = 'at+jwt'): Promise<string> {
    const { signer } = signingSource(this.#keys[0] ?? '', { algorithm: this.#algorithm, usedBy: 'sign' })
    return jwtWriter(signer, typ)(claims)
  }

  /** Signs by a new key from now on. The one before stays published, unless it is to be forgotten. */
  async rotateKey(before: 'keep' | 'forget' = 'keep'): Promise<void> {
    const key = await generatePrivateKey(this.#algorithm)
    this.#keys = before === 'keep' ? [key, ...this.#keys] : [key]
    this.#server = this.#makeServer()
  }

  /** Approves a device for the user who is logged in, by the code that it shows (RFC 8628 §3.3). False where nobody waits with it. */
  async approveDevice(userCode: string): Promise<boolean> {
    const { device: devices } = this.#server
    const found = await devices?.find({ headers: { get: () => null } }, { userCode, by: this.user?.id ?? '' })
    if (devices === undefined || found?.ok !== true || this.user === undefined) return false
    return devices.decide(userCode, { approved: true, user: this.user, scopes: found.device.scopes })
  }

  get #clients(): readonly TestClient[] {
    return this.#options.clients ?? [defaultClient]
  }

  get #algorithm(): string {
    return this.#options.algorithm ?? 'RS256'
  }

  get #generator(): TokenGenerator {
    const { audience = this.issuer, tokenFormat = 'jwt' } = this.#options
    if (tokenFormat === 'opaque') return randomTokenGenerator
    const how = { issuer: this.issuer, audience, profile: 'at+jwt', algorithm: this.#algorithm } as const
    return signedTokenGenerator(this.#keys[0] ?? '', how)
  }

  #makeServer(): OpenIdServer {
    const interact: Interaction = ({ request }) => {
      if (this.user === undefined) return { approved: false }
      const authentication = { authTime: this.now(), amr: ['pwd'] }
      return { approved: true, user: this.user, scopes: request.scopes, authentication }
    }
    return new OpenIdServer(this.#validator, {
      ...{ issuer: this.issuer, interact, now: this.now, resources: this.#options.resources },
      tokenGenerator: this.#generator,
      events: (event) => this.events.push(event),
      device: { verificationUri: `${this.issuer}/device` },
      openid: { keys: this.#keys },
    })
  }
}

/** A test issuer; the same key signs for all that this process makes. */
export const createTestIssuer = async (options: TestIssuerOptions = {}): Promise<TestIssuer> => {
  const { algorithm = 'RS256', clients = [defaultClient] } = options
  const key = firstKeys.get(algorithm) ?? generatePrivateKey(algorithm)
  firstKeys.set(algorithm, key)
  const issuer = new TestIssuer(options, await key)
  for (const client of clients) await issuer.store.putClient(toClient(client, algorithm))
  return issuer
}
