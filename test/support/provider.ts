import {
  registerClient,
  Server,
  StoreValidator,
  type AuthorizationServer,
  type ClientRegistration,
  type GrantryEvent,
  type HttpResponse,
  type Reason,
  type ServerOptions,
  type ServerValidator,
} from 'grantry'
import { MemoryStore } from 'grantry/storage/memory'
import { basic, form, pkce, redirected, request } from './requests.ts'

/** A client that may do everything the presets offer. */
export const registration: ClientRegistration = {
  id: 'app',
  grantTypes: ['authorization_code', 'client_credentials', 'refresh_token', 'password'],
  responseTypes: ['code', 'token', 'none'],
  scopes: ['profile', 'calendar', 'read', 'write'],
  defaultScopes: ['profile'],
  redirectUris: ['https://app.example/cb'],
}

/** A movable clock. */
export interface TestClock {
  now: number
}

/** A server over a memory store, with the confidential client `app`, the public client `spa`, a clock to move and its events. */
export interface Provider<S extends AuthorizationServer> {
  readonly server: S
  readonly store: MemoryStore
  readonly clock: TestClock
  readonly events: GrantryEvent[]
  /** Authenticates `app`. */
  readonly app: { readonly authorization: string }
  readonly secret: string
}

/** Makes a provider; choose the validator and the preset where the defaults do not do. */
export const makeProvider = async <V extends ServerValidator = StoreValidator, S extends AuthorizationServer = Server>(
  options: ServerOptions = {},
  parts: {
    readonly validator?: (store: MemoryStore) => V
    readonly server?: (validator: V, options: ServerOptions) => S
    readonly client?: Partial<ClientRegistration>
  } = {},
): Promise<Provider<S>> => {
  const store = new MemoryStore()
  const { secret = '' } = await registerClient(store, { ...registration, ...parts.client, id: 'app' })
  await registerClient(store, { ...registration, ...parts.client, id: 'spa', authMethods: ['none'] })
  const clock = { now: 1_800_000_000 }
  const events: GrantryEvent[] = []
  const all = { now: () => clock.now, events: (event: GrantryEvent) => events.push(event), ...options }
  const validator = parts.validator?.(store) ?? (new StoreValidator(store) as unknown as V) // the default of V
  const server =
    parts.server?.(validator, all) ?? (new Server(validator as unknown as StoreValidator, all) as unknown as S) // the default of S
  return { server, store, clock, events, app: basic('app', secret), secret }
}

/** Lets the user `user` approve a request for `scope` and returns the redirect. */
export const approve = async (
  server: AuthorizationServer,
  parameters: Readonly<Record<string, string>>,
  decision: { readonly user?: string; readonly scopes?: readonly string[] } = {},
): Promise<HttpResponse> => {
  const http = request('GET', `/authorize?${new URLSearchParams(parameters).toString()}`)
  const validation = await server.validateAuthorizationRequest(http)
  if (!validation.ok) return validation.response
  const scopes = decision.scopes ?? validation.request.scopes
  return server.createAuthorizationResponse(http, validation.request, {
    approved: true,
    user: { id: decision.user ?? 'alice' },
    scopes,
  })
}

/** A code for `client` with its verifier. */
export const obtainCode = async (
  server: AuthorizationServer,
  parameters: Readonly<Record<string, string>> = {},
  decision: { readonly user?: string; readonly scopes?: readonly string[] } = {},
): Promise<{ readonly code: string; readonly code_verifier: string }> => {
  const { verifier, challenge } = pkce()
  const response = await approve(
    server,
    {
      response_type: 'code',
      client_id: 'app',
      code_challenge: challenge,
      code_challenge_method: 'S256',
      ...parameters,
    },
    decision,
  )
  return { code: redirected(response).get('code') ?? '', code_verifier: verifier }
}

/** Redeems a new code of `client` and returns the token response. */
export const redeem = async (
  { server, app }: Provider<AuthorizationServer>,
  parameters: Readonly<Record<string, string>> = {},
  client: 'app' | 'spa' = 'app',
): Promise<HttpResponse> => {
  const code = await obtainCode(server, { ...parameters, client_id: client })
  const grant = { grant_type: 'authorization_code', ...code }
  return server.createTokenResponse(client === 'app' ? form(grant, app) : form({ ...grant, client_id: client }))
}

/** Why the last refused request was refused; undefined where the last event is another one. */
export const lastReason = ({ events }: { readonly events: readonly GrantryEvent[] }): Reason | undefined => {
  const event = events.at(-1)
  return event?.type === 'request.refused' ? event.reason : undefined
}
