import { Server, StoreValidator, type HttpResponse, type RegistrationOptions, type ServerOptions } from 'grantry'
import type { MemoryStore } from 'grantry/storage/memory'
import { makeProvider, type Provider } from './provider.ts'
import { request } from './requests.ts'

/** Anything JSON. */
export type Json = Readonly<Record<string, unknown>>

/** A server at which clients register themselves. */
export interface Registrar extends Provider<Server> {
  /** Registers a client, with an initial access token or without. */
  readonly register: (metadata: unknown, token?: string) => Promise<HttpResponse>
  /** What a registered client asks about itself. */
  readonly manage: (
    method: string,
    clientId: string,
    token: string | undefined,
    metadata?: unknown,
  ) => Promise<HttpResponse>
}

/** Metadata that is accepted. */
export const good = { redirect_uris: ['https://app.example/cb'] }

/** A registered client. */
export interface Registered {
  readonly id: string
  readonly secret: string | undefined
  readonly token: string
}

/** What a registration or an update told the client. */
export const told = (response: HttpResponse): Registered & { readonly body: Json } => {
  const body = JSON.parse(response.body) as Json
  if (response.status >= 300) throw new Error(response.body)
  return {
    id: String(body['client_id']),
    secret: body['client_secret'] as string | undefined, // the tests look at it
    token: String(body['registration_access_token']),
    body,
  }
}

/** Makes one; open to everybody unless `registration` says otherwise. */
export const makeRegistrar = async (
  registration: RegistrationOptions = {},
  options: ServerOptions = {},
  validator: (store: MemoryStore) => StoreValidator = (store) => new StoreValidator(store),
): Promise<Registrar> => {
  const all: ServerOptions = {
    issuer: 'https://as.example',
    registration: { allowOpen: true, scopes: ['read', 'write'], ...registration },
    ...options,
  }
  const provider = await makeProvider(all, { validator, server: (made, given) => new Server(made, given) })
  const send = (method: string, path: string, token: string | undefined, metadata: unknown) =>
    provider.server.handle(
      request(method, path, {
        headers: {
          ...(metadata !== undefined && { 'content-type': 'application/json' }),
          ...(token !== undefined && { authorization: `Bearer ${token}` }),
        },
        body: typeof metadata === 'string' ? metadata : JSON.stringify(metadata),
      }),
    )
  return {
    ...provider,
    register: (metadata, token) => send('POST', '/register', token, metadata),
    manage: (method, clientId, token, metadata) => send(method, `/register/${clientId}`, token, metadata),
  }
}

/** The error code of an answer; undefined where it is none. */
export const errorOf = ({ body, status }: HttpResponse): string | undefined =>
  status < 400 ? undefined : ((JSON.parse(body) as Json)['error'] as string)
