/** Clients that authenticate by an assertion, and what is sent by them. */
import { generateKeyPairSync, randomUUID, type KeyObject } from 'node:crypto'
import {
  registerClient,
  Server,
  StoreValidator,
  type Client,
  type GrantryEvent,
  type HttpResponse,
  type Jwk,
  type ServerOptions,
  type Store,
} from 'grantry'
import { MemoryStore } from 'grantry/storage/memory'
import { registration, type TestClock } from '../support/provider.ts'
import { assertionParameters, writeJwt, type Members } from '../support/assertions.ts'
import { form } from '../support/requests.ts'
import { ed25519, issuer, now, p256, rsa } from '../tokens/fixtures.ts'

export const jwkOf = (pair: { readonly publicKey: KeyObject }, members: Jwk = {}): Jwk => ({
  ...(pair.publicKey.export({ format: 'jwk' }) as Jwk), // JsonWebKey of Node is one
  ...members,
})

export const jwks = { keys: [jwkOf(p256, { kid: 'k1' }), jwkOf(rsa, { kid: 'k2' })] }

export const header = { alg: 'ES256', kid: 'k1', typ: 'JWT' }

export const claims = () => ({ iss: 'app', sub: 'app', aud: issuer, iat: now, exp: now + 60, jti: randomUUID() })

export const attacker = generateKeyPairSync('ec', { namedCurve: 'P-256' })

/** What differs from a good request. */
export interface Change {
  readonly header?: Members
  readonly claims?: Members
  readonly key?: KeyObject | string
  readonly parameters?: Members
  readonly headers?: Readonly<Record<string, string>>
  /** Sent in place of the assertion that is made of the above. */
  readonly assertion?: string | ((good: string) => string)
  readonly client?: Partial<Client>
}

export interface Row {
  readonly server: Server
  readonly clock: TestClock
  readonly send: (change?: Change) => Promise<HttpResponse>
  /** Status, error, reason and detail of the last refusal. */
  readonly told: () => string
}

export const defined = (members: Members): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(members)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => [name, String(value)]),
  )

export const makeRow = async (
  client: Partial<Client> = {},
  store: Store = new MemoryStore(),
  options: ServerOptions = {},
): Promise<Row> => {
  await registerClient(store, { ...registration, authMethods: ['private_key_jwt'], jwks, ...client, id: 'app' })
  const others = { ...registration, authMethods: ['private_key_jwt'], jwks: { keys: [jwkOf(ed25519)] } }
  await registerClient(store, { ...others, id: 'other' })
  await registerClient(store, { ...registration, id: 'by-secret' })
  await registerClient(store, { ...registration, id: 'spa', authMethods: ['none'] })
  const clock = { now }
  let last = ''
  const server = new Server(new StoreValidator(store), {
    issuer,
    now: () => clock.now,
    ...options,
    events(event: GrantryEvent) {
      if (event.type === 'request.refused')
        last = [event.status, event.error, event.reason, event.detail].filter(Boolean).join(' ')
    },
  })
  const send = (change: Change = {}): Promise<HttpResponse> => {
    const made = writeJwt(
      { ...header, ...change.header },
      { ...claims(), ...change.claims },
      change.key ?? p256.privateKey,
    )
    const assertion = typeof change.assertion === 'function' ? change.assertion(made) : (change.assertion ?? made)
    const parameters = { grant_type: 'client_credentials', ...assertionParameters(assertion), ...change.parameters }
    return server.createTokenResponse(form(defined(parameters), change.headers))
  }
  return { server, clock, send, told: () => last }
}
