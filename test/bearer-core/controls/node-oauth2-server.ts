import { randomBytes } from 'node:crypto'
import OAuth2Server from '@node-oauth/oauth2-server'
import express, { type Request, type Response } from 'express'
import type { AuthorizeOptions, Target, TestClient, UserClient } from '../target.ts'
import { clients, lifetime, scopes, userId, versionOf } from './clients.ts'
import { stopClock } from './clock.ts'
import { redirectUri, runCodeFlow } from './code-flow.ts'
import { listen } from './listen.ts'

const packageName = '@node-oauth/oauth2-server'
const userGrants = ['authorization_code', 'refresh_token']
const allGrants = ['client_credentials', ...userGrants]

const registrations: readonly (TestClient & { readonly grants: readonly string[] })[] = [
  { ...clients.confidential, grants: allGrants },
  { ...clients.second, grants: userGrants },
  { ...clients.publicClient, grants: userGrants },
  { ...clients.punctuatedClient, grants: allGrants },
  { ...clients.nonAsciiClient, grants: allGrants },
]

/** What the integration keeps and decides: the documented model, over maps. */
class Model
  implements OAuth2Server.AuthorizationCodeModel, OAuth2Server.ClientCredentialsModel, OAuth2Server.RefreshTokenModel
{
  readonly #codes = new Map<string, OAuth2Server.AuthorizationCode>()
  readonly #accessTokens = new Map<string, OAuth2Server.Token>()
  readonly #refreshTokens = new Map<string, OAuth2Server.RefreshToken>()
  failure: string | undefined
  makeRefreshToken: (() => string) | undefined

  async getClient(id: string, secret: string | null | undefined): Promise<OAuth2Server.Client | false> {
    const client = registrations.find((candidate) => candidate.id === id)
    if (client === undefined) return false
    // At the authorization endpoint the library asks without a secret: `null`. At the token endpoint it is `undefined`.
    if (secret !== null && client.secret !== secret) return false
    return { id, grants: [...client.grants], redirectUris: [redirectUri] }
  }

  async getUserFromClient(client: OAuth2Server.Client): Promise<OAuth2Server.User> {
    return { id: client.id }
  }

  async validateScope(_: OAuth2Server.User, __: OAuth2Server.Client, asked?: string[]): Promise<string[] | false> {
    if (asked === undefined || asked.every((scope) => scope === '')) return [scopes.required]
    const known: readonly string[] = Object.values(scopes)
    if (!asked.every((scope) => known.includes(scope))) return false
    return asked.filter((scope) => scope !== scopes.narrowedAway)
  }

  async verifyScope(token: OAuth2Server.Token, needed: string[]): Promise<boolean> {
    return needed.every((scope) => token.scope?.includes(scope))
  }

  async generateRefreshToken(): Promise<string> {
    return this.makeRefreshToken?.() ?? randomBytes(32).toString('hex')
  }

  async saveToken(token: OAuth2Server.Token, client: OAuth2Server.Client, user: OAuth2Server.User) {
    const saved = { ...token, client, user }
    this.#accessTokens.set(saved.accessToken, saved)
    const { refreshToken } = saved
    if (refreshToken !== undefined) this.#refreshTokens.set(refreshToken, { ...saved, refreshToken })
    return saved
  }

  async getAccessToken(token: string) {
    if (this.failure !== undefined) throw new Error(this.failure)
    return this.#accessTokens.get(token)
  }

  async getRefreshToken(token: string) {
    return this.#refreshTokens.get(token)
  }

  async revokeToken({ refreshToken }: OAuth2Server.RefreshToken): Promise<boolean> {
    return this.#refreshTokens.delete(refreshToken)
  }

  async saveAuthorizationCode(
    code: Parameters<OAuth2Server.AuthorizationCodeModel['saveAuthorizationCode']>[0],
    client: OAuth2Server.Client,
    user: OAuth2Server.User,
  ) {
    const saved = { ...code, client, user }
    this.#codes.set(saved.authorizationCode, saved)
    return saved
  }

  async getAuthorizationCode(code: string) {
    return this.#codes.get(code)
  }

  async revokeAuthorizationCode({ authorizationCode }: OAuth2Server.AuthorizationCode): Promise<boolean> {
    return this.#codes.delete(authorizationCode)
  }
}

type Handler = (request: OAuth2Server.Request, response: OAuth2Server.Response) => Promise<unknown>

/** Does what the Express wrapper of the same project does around each handler. */
const route =
  (handle: Handler, succeed?: (response: Response) => void) => async (request: Request, response: Response) => {
    const answer = new OAuth2Server.Response(response)
    try {
      await handle(new OAuth2Server.Request(request), answer)
      response.set(answer.headers)
      if (succeed === undefined) response.status(answer.status ?? 200).send(answer.body)
      else succeed(response)
    } catch (error) {
      response.set(answer.headers)
      if (!(error instanceof OAuth2Server.OAuthError)) throw error
      const isBare = error instanceof OAuth2Server.UnauthorizedRequestError
      response.status(error.code).send(isBare ? undefined : { error: error.name, error_description: error.message })
    }
  }

const makeApp = (model: Model) => {
  const requireClientAuthentication = { authorization_code: false, refresh_token: false }
  const server = new OAuth2Server({ model, accessTokenLifetime: lifetime, requireClientAuthentication })
  const guard = { scope: [scopes.required], addAcceptedScopesHeader: true, addAuthorizedScopesHeader: true }
  const authenticateHandler = { handle: (request: OAuth2Server.Request) => ({ id: request.query?.user ?? userId }) }
  const serve = (response: Response) => void response.json({ served: true })
  const app = express()
  app.use(express.json())
  app.use(express.urlencoded({ extended: false }))
  app.all(
    '/token',
    route((request, response) => server.token(request, response)),
  )
  app.get(
    '/authorize',
    route((request, response) => server.authorize(request, response, { authenticateHandler })),
  )
  app.all(
    '/resource',
    route((request, response) => server.authenticate(request, response, guard), serve),
  )
  const withQuery = { ...guard, allowBearerTokensInQueryString: true }
  app.all(
    '/query-resource',
    route((request, response) => server.authenticate(request, response, withQuery), serve),
  )
  return app
}

const setup =
  'Mounted on Express 5 with the JSON and form parsers of its quick start; a model over maps; authorization code with PKCE, refresh ' +
  'token and client credentials; public clients through `requireClientAuthentication`; `authenticate` with a scope as the guard. ' +
  'It has no revocation or introspection endpoint, no JWTs and no resource indicators.'

/** Starts the control. */
export const nodeOAuth2ServerTarget = async (): Promise<Target> => {
  const clock = stopClock()
  const model = new Model()
  const { origin, close } = await listen(() => makeApp(model))
  const [authorizationUrl, tokenUrl] = [`${origin}/authorize`, `${origin}/token`]
  const { confidential, second, publicClient, punctuatedClient, nonAsciiClient } = clients
  const authorize = (name: UserClient, { scope, user = userId }: AuthorizeOptions) => {
    const client = name === 'public' ? publicClient : clients[name]
    return runCodeFlow({ authorizationUrl, tokenUrl, client, parameters: { scope, user } })
  }
  return {
    name: packageName,
    version: versionOf(packageName),
    setup,
    opaque: {
      issuer: origin,
      tokenUrl,
      requiredScope: scopes.required,
      otherScope: scopes.other,
      accessTokenLifetime: lifetime,
      now: clock.now,
      confidential,
      second,
      publicClient,
      punctuatedClient,
      nonAsciiClient,
      resourceUrl: `${origin}/resource`,
      formResourceUrl: `${origin}/resource`,
      queryResourceUrl: `${origin}/query-resource`,
      narrowing: { asked: `${scopes.other} ${scopes.narrowedAway}`, granted: scopes.other },
      userId,
      authorize,
      advance: clock.advance,
      breakStore: (text) => {
        model.failure = text
        return () => (model.failure = undefined)
      },
      setRefreshGenerator: (make) => (model.makeRefreshToken = make),
    },
    close: async () => {
      await close()
      clock.restore()
    },
  }
}
