import OAuth2Server from '@node-oauth/oauth2-server'
import type { GrantryEvent, HttpResponse } from 'grantry'
import { fromOAuth2ServerModel, type OAuth2ServerModelOptions } from 'grantry/compat/oauth2-server'
import { form, request } from '../support/requests.ts'

type Text = Readonly<Record<string, string>>

/** What an endpoint answered. */
export interface Outcome {
  readonly status: number
  readonly body: Readonly<Record<string, unknown>>
  /** The parameters of a redirect. */
  readonly redirected?: Text | undefined
  readonly challenge?: string | undefined
}

/** A provider as its clients see it. */
export interface CompatProvider {
  /** The answer to an authorization request, of a user who is logged in and agrees. */
  authorize(parameters: Text, user?: object): Promise<Outcome>
  token(parameters: Text, headers?: Text): Promise<Outcome>
  /** A route of an API that needs a scope. */
  api(headers: Text, scope?: string): Promise<Outcome>
}

const toRecord = (text: string): Readonly<Record<string, unknown>> =>
  text === '' ? {} : (JSON.parse(text) as Readonly<Record<string, unknown>>) // answers are objects

const fromLocation = (location: string | undefined): Text | undefined =>
  location === undefined ? undefined : Object.fromEntries(new URL(location).searchParams)

const outcome = ({ status, headers, body }: HttpResponse): Outcome => ({
  status,
  body: toRecord(body),
  redirected: fromLocation(headers['Location']),
  challenge: headers['WWW-Authenticate'],
})

/** Ours, over a model. */
export const ours = (
  model: Parameters<typeof fromOAuth2ServerModel>[0],
  options: OAuth2ServerModelOptions = {},
): CompatProvider & { readonly events: GrantryEvent[] } => {
  const events: GrantryEvent[] = []
  const server = fromOAuth2ServerModel(model, { events: (event) => events.push(event), ...options })
  return {
    events,
    async authorize(parameters, user = { id: 'alice' }) {
      const http = request('GET', `/authorize?${new URLSearchParams(parameters).toString()}`)
      const asked = await server.validateAuthorizationRequest(http)
      if (!asked.ok) return outcome(asked.response)
      const decision = { approved: true, user: user as { id: string }, scopes: asked.request.scopes } as const // any user of a model will do
      return outcome(await server.createAuthorizationResponse(http, asked.request, decision))
    },
    token: async (parameters, headers) => outcome(await server.handle(form(parameters, headers))),
    async api(headers, scope) {
      const verdict = await server.guard.verify(request('GET', '/files', { headers }), {
        scopes: scope === undefined ? [] : [scope],
      })
      return verdict.ok ? { status: 200, body: {} } : outcome(verdict.response)
    },
  }
}

/** The library that the model was written for. */
export const theirs = (
  model: OAuth2Server.ServerOptions['model'],
  options: Partial<OAuth2Server.ServerOptions> = {},
): CompatProvider => {
  const server = new OAuth2Server({ model, ...options })
  const run = async (
    answer: (request: OAuth2Server.Request, response: OAuth2Server.Response) => Promise<unknown>,
    sent: ConstructorParameters<typeof OAuth2Server.Request>[0],
  ): Promise<Outcome> => {
    const response = new OAuth2Server.Response()
    const failure = await answer(new OAuth2Server.Request(sent), response).then(
      () => undefined,
      (error: unknown) =>
        error instanceof OAuth2Server.OAuthError ? error : new OAuth2Server.ServerError(String(error)),
    )
    const { status = 200, headers = {} } = response
    const error = failure && { error: failure.name, error_description: failure.message }
    return {
      status: status === 200 && failure ? failure.code : status,
      body: error ?? (response.body as Readonly<Record<string, unknown>>), // it is theirs
      redirected: fromLocation(headers['location']),
      challenge: headers['www-authenticate'],
    }
  }
  return {
    authorize: (query, user = { id: 'alice' }) =>
      run((request, response) => server.authorize(request, response, { authenticateHandler: { handle: () => user } }), {
        ...{ method: 'GET', query, headers: {} },
      }),
    token: (body, headers = {}) =>
      run((request, response) => server.token(request, response), {
        ...{ method: 'POST', query: {}, body },
        headers: { 'content-type': 'application/x-www-form-urlencoded', 'content-length': '1', ...headers },
      }),
    api: (headers, scope) =>
      run((request, response) => server.authenticate(request, response, scope ? { scope: [scope] } : {}), {
        ...{ method: 'GET', query: {}, headers },
      }),
  }
}

/** The authorization request and the token request of the code flow with PKCE. */
export const codeFlow = async (
  provider: CompatProvider,
  { challenge, verifier }: { readonly challenge: string; readonly verifier: string },
  changes: { readonly authorize?: Text; readonly token?: Text; readonly headers?: Text } = {},
): Promise<readonly [authorization: Outcome, token: Outcome]> => {
  const redirect = { redirect_uri: 'https://app.example/cb' }
  const pkce = { code_challenge: challenge, code_challenge_method: 'S256' }
  const asked = { response_type: 'code', client_id: 'app', state: 'xyz', ...redirect, ...pkce, ...changes.authorize }
  const authorization = await provider.authorize(asked)
  const code = authorization.redirected?.['code'] ?? ''
  const redeemed = { grant_type: 'authorization_code', code, code_verifier: verifier, ...redirect, ...changes.token }
  return [authorization, await provider.token(redeemed, changes.headers)]
}
