import type { ServerResponse } from 'node:http'
import { OpenIdServer, type ClientDocumentOptions, type HttpResponse, type ServerOptions } from 'grantry'
import { keys, Validator } from '../openid/provider.ts'
import { startOtherServer } from '../support/other-server.ts'
import { makeProvider, type Provider } from '../support/provider.ts'
import { pkce, request } from '../support/requests.ts'

/** What is at the URL of a client. */
export interface Published {
  readonly status?: number
  readonly type?: string
  readonly headers?: Readonly<Record<string, string>>
  /** Text, or the document. */
  readonly body: unknown
}

let published: Published = { body: '' }

const answer = (response: ServerResponse): void => {
  const { status = 200, type = 'application/json', headers, body } = published
  response.writeHead(status, { 'content-type': type, ...headers })
  response.end(typeof body === 'string' ? body : JSON.stringify(body))
}

/** The web site of the client. It speaks http, as a host that the operator named may. */
export const site = await startOtherServer((_request, response) => answer(response))

/** The id of the client. */
export const clientId = `${site.origin}/client.json`
export const redirectUri = 'https://app.example/cb'
export const good = {
  client_id: clientId,
  client_name: 'Agent',
  redirect_uris: [redirectUri],
  grant_types: ['authorization_code', 'refresh_token'],
}

/** Puts something at the URL of the client. */
export const publish = (next: Published): void => {
  published = next
}

export interface DocumentProvider extends Provider<OpenIdServer> {
  /** Asks for a code. */
  readonly authorize: (change?: Readonly<Record<string, string>>) => Promise<HttpResponse | 'shown'>
}

/** A server that knows clients by their documents. */
export const makeDocumentProvider = async (
  documents: ClientDocumentOptions = {},
  options: ServerOptions = {},
): Promise<DocumentProvider> => {
  const all: ServerOptions = {
    issuer: 'https://as.example',
    clientIdMetadataDocuments: { scopes: ['read', 'write', 'openid'], ...documents },
    outbound: { allowPrivateHosts: [`127.0.0.1:${site.port}`] },
    ...options,
  }
  const provider = await makeProvider(all, {
    validator: (store) => new Validator(store),
    server: (validator, given) =>
      new OpenIdServer(validator, { ...given, issuer: 'https://as.example', openid: { keys } }),
  })
  const authorize = async (change: Readonly<Record<string, string>> = {}): Promise<HttpResponse | 'shown'> => {
    const parameters = {
      ...{ response_type: 'code', client_id: clientId, redirect_uri: redirectUri, scope: 'read', state: 's' },
      ...{ code_challenge: pkce().challenge, code_challenge_method: 'S256', ...change },
    }
    const query = new URLSearchParams(Object.entries(parameters).filter(([, value]) => value !== '')).toString()
    const validation = await provider.server.validateAuthorizationRequest(request('GET', `/authorize?${query}`))
    return validation.ok ? 'shown' : validation.response
  }
  return { ...provider, authorize }
}
