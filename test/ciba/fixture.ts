import { generateKeyPairSync } from 'node:crypto'
import {
  BackchannelRequestError,
  cibaGrantType,
  OpenIdServer,
  registerClient,
  StoreValidator,
  type BackchannelOptions,
  type ClientRegistration,
  type HttpResponse,
  type PendingBackchannel,
  type ServerOptions,
} from 'grantry'
import type { MemoryStore } from 'grantry/storage/memory'
import { makeProvider, type Provider } from '../support/provider.ts'
import { basic, form, text } from '../support/requests.ts'

export const issuer = 'https://as.example'
const key = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
export const clientKey = generateKeyPairSync('ec', { namedCurve: 'P-256' })

class Validator extends StoreValidator {
  getUserClaims() {
    return {}
  }
}

/** A server that asks alice on her telephone, for `app`, which polls. */
export interface Bank extends Provider<OpenIdServer> {
  /** What her telephone was told, the newest first. */
  readonly phone: PendingBackchannel[]
  /** Registers a client and gives what authenticates it. */
  readonly add: (client: ClientRegistration & { readonly id: string }) => Promise<{ readonly authorization: string }>
}

export const registration = {
  grantTypes: [cibaGrantType, 'refresh_token', 'authorization_code'],
  scopes: ['openid', 'read', 'write'],
  defaultScopes: ['read'],
}

export const makeBank = async (
  change: Partial<BackchannelOptions> = {},
  options: ServerOptions = {},
): Promise<Bank> => {
  const phone: PendingBackchannel[] = []
  const backchannel: BackchannelOptions = {
    findUser: (hint) => {
      if (hint.kind === 'login_hint_token' && hint.value === 'old')
        throw new BackchannelRequestError('backchannel_hint_expired')
      const name = hint.kind === 'id_token_hint' ? hint.subject : hint.value
      return name.startsWith('alice') ? { id: 'alice' } : undefined
    },
    notify: (pending) => void phone.unshift(pending),
    ...change,
  }
  const provider = await makeProvider(options, {
    validator: (store: MemoryStore) => new Validator(store),
    server: (validator: Validator, all) =>
      new OpenIdServer(validator, { ...all, issuer, openid: { keys: [key] }, backchannel }),
    client: registration,
  })
  const add: Bank['add'] = async (client) => {
    const { secret = '' } = await registerClient(provider.store, { ...registration, ...client })
    return basic(client.id, secret)
  }
  return { ...provider, phone, add }
}

export const good = { scope: 'openid read', login_hint: 'alice' }

/** A backchannel authentication request, of `app` unless these headers are of another. */
export const start = (
  { server, app }: Bank,
  parameters: Readonly<Record<string, string>> = good,
  headers: Readonly<Record<string, string>> = app,
): Promise<HttpResponse> => {
  const flow = server.backchannel
  if (flow === undefined) throw new Error('the flow is off')
  return flow.createResponse(form(parameters, headers))
}

/** Starts a request and gives its `auth_req_id`. */
export const begin = async (bank: Bank, more: Readonly<Record<string, string>> = {}): Promise<string> =>
  text(await start(bank, { ...good, ...more }), 'auth_req_id')

export const poll = (
  { server, app }: Bank,
  auth_req_id: string,
  headers: Readonly<Record<string, string>> = app,
): Promise<HttpResponse> => server.createTokenResponse(form({ grant_type: cibaGrantType, auth_req_id }, headers))

/** Alice decides about what her telephone shows. */
export const decide = ({ server, phone, clock }: Bank, approved = true): Promise<boolean> | undefined =>
  server.backchannel?.decide(
    phone[0]?.decisionId ?? '',
    approved
      ? { approved, scopes: ['openid', 'read'], authentication: { authTime: clock.now, acr: 'urn:phone' } }
      : { approved },
  )
