import type { HttpRequest, HttpResponse } from '../core/http.ts'
import type { Server } from '../servers/server.ts'
import type { Store } from '../storage/store.ts'
import { codeOf, makeServer, redirectUri, type Credentials } from './sample-provider.ts'
import { digestOf } from './store-check.ts'

const request = (url: string, headers: Readonly<Record<string, string>> = {}, body?: string): HttpRequest => ({
  method: body === undefined ? 'GET' : 'POST',
  url,
  headers: { get: (name) => headers[name.toLowerCase()] },
  text: async () => body ?? '',
})

const form = (parameters: Readonly<Record<string, string>>): HttpRequest =>
  request(
    '/',
    { 'content-type': 'application/x-www-form-urlencoded' },
    new URLSearchParams({ ...parameters }).toString(),
  )

/** One request of a flow, as data, so that another process can send it. */
export interface Case {
  readonly endpoint: 'token' | 'revoke' | 'introspect' | 'resource' | 'authorize'
  readonly parameters: Readonly<Record<string, string>>
  /** The family that it is about. */
  readonly grantId: string | undefined
  /** The token that it is about. */
  readonly subject: string | undefined
}

/** What a flow may need to be prepared. */
export interface Preparation {
  readonly store: Store
  readonly now: number
  /** Makes names unlike those of other cases over the same store. */
  readonly name: string
  /** A client whose refresh tokens stay, and one whose refresh tokens rotate. */
  readonly steady: Credentials
  readonly rotating: Credentials
}

/** A flow of the protocol; `prepare` saves what has to be there before. */
export interface Flow {
  readonly name: string
  readonly prepare: (preparation: Preparation) => Promise<Case>
}

/** Saves a family with an access token and a refresh token. */
const saveFamily = async ({ store, now, name }: Preparation, clientId: string) => {
  const grantId = `family-${name}`
  const shared = { clientId, userId: 'alice', grantId, scopes: ['read', 'write'], claims: {}, issuedAt: now }
  const [access, refresh] = [`access-${name}`, `refresh-${name}`]
  await store.putTokens({
    grant: { id: grantId, clientId, userId: 'alice', createdAt: now },
    access: { ...shared, digest: digestOf(access), audience: [], expiresAt: now + 600 },
    refresh: {
      ...shared,
      digest: digestOf(refresh),
      resources: [],
      expiresAt: now + 6000,
      familyExpiresAt: now + 60_000,
    },
  })
  return { grantId, access, refresh }
}

const token = (
  client: Credentials,
  fields: Readonly<Record<string, string>>,
  about: { readonly grantId?: string; readonly subject?: string } = {},
): Case => ({ endpoint: 'token', parameters: { ...client, ...fields }, grantId: about.grantId, subject: about.subject })

const refreshing = async (preparation: Preparation, client: Credentials): Promise<Case> => {
  const { grantId, refresh } = await saveFamily(preparation, client.client_id)
  return token(client, { grant_type: 'refresh_token', refresh_token: refresh }, { grantId, subject: refresh })
}

/** The client lost the answer to a rotation and asks again. */
const repeating: Flow['prepare'] = async (preparation) => {
  const given = await refreshing(preparation, preparation.rotating)
  const { status } = await send(makeServer(preparation.store, { now: () => preparation.now }), given)
  if (status !== 200) throw new Error(`The rotation before its repetition was answered by ${status}.`)
  return given
}

const about = async (
  endpoint: 'revoke' | 'introspect' | 'resource',
  preparation: Preparation,
  kind: 'access' | 'refresh',
): Promise<Case> => {
  const saved = await saveFamily(preparation, preparation.steady.client_id)
  const subject = saved[kind]
  return { endpoint, parameters: { ...preparation.steady, token: subject }, grantId: saved.grantId, subject }
}

const code: Flow['prepare'] = async ({ store, now, name, steady }) => {
  const grantId = `family-${name}`
  await store.putCode(...codeOf(`code-${name}`, steady.client_id, grantId, now))
  return token(steady, { grant_type: 'authorization_code', code: `code-${name}` }, { grantId })
}

const authorize: Flow['prepare'] = async ({ steady }) => ({
  endpoint: 'authorize',
  parameters: { response_type: 'code', client_id: steady.client_id, redirect_uri: redirectUri, scope: 'read' },
  grantId: undefined,
  subject: undefined,
})

/** Every flow that reaches the store. */
export const flows: readonly Flow[] = [
  { name: 'authorization request', prepare: authorize },
  { name: 'code redemption', prepare: code },
  { name: 'refresh with rotation', prepare: (preparation) => refreshing(preparation, preparation.rotating) },
  { name: 'repeated refresh within the grace', prepare: repeating },
  { name: 'refresh without rotation', prepare: (preparation) => refreshing(preparation, preparation.steady) },
  { name: 'client credentials', prepare: async ({ steady }) => token(steady, { grant_type: 'client_credentials' }) },
  {
    name: 'password',
    prepare: async ({ steady }) => token(steady, { grant_type: 'password', username: 'alice', password: 'any' }),
  },
  { name: 'revocation of an access token', prepare: (preparation) => about('revoke', preparation, 'access') },
  { name: 'revocation of a refresh token', prepare: (preparation) => about('revoke', preparation, 'refresh') },
  { name: 'introspection', prepare: (preparation) => about('introspect', preparation, 'access') },
  { name: 'protected resource', prepare: (preparation) => about('resource', preparation, 'access') },
]

const approve = async (server: Server, parameters: Case['parameters']): Promise<HttpResponse> => {
  const http = request(`/authorize?${new URLSearchParams({ ...parameters }).toString()}`)
  const validation = await server.validateAuthorizationRequest(http)
  if (!validation.ok) return validation.response
  const decision = { approved: true, user: { id: 'alice' }, scopes: validation.request.scopes } as const
  return server.createAuthorizationResponse(http, validation.request, decision)
}

const useToken = async (server: Server, token: string): Promise<HttpResponse> => {
  const headers = { authorization: `Bearer ${token}` }
  const result = await server.verifyRequest(request('/resource', headers))
  return result.ok ? { status: 200, headers: {}, body: '{"active":true}' } : result.response
}

/** Sends the request of a case. */
export const send = (server: Server, { endpoint, parameters, subject = '' }: Case): Promise<HttpResponse> => {
  if (endpoint === 'authorize') return approve(server, parameters)
  if (endpoint === 'resource') return useToken(server, subject)
  const http = form(parameters)
  if (endpoint === 'revoke') return server.createRevocationResponse(http)
  return endpoint === 'introspect' ? server.createIntrospectionResponse(http) : server.createTokenResponse(http)
}

/** The members of a JSON answer; none for any other. */
export const membersOf = ({ body }: HttpResponse): Readonly<Record<string, unknown>> =>
  body.startsWith('{') ? (JSON.parse(body) as Readonly<Record<string, unknown>>) : {} // an object by its first character
