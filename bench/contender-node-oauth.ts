import OAuth2Server from '@node-oauth/oauth2-server'
import jsonwebtoken from 'jsonwebtoken'
import type { Contender, Prepare } from './operations.ts'
import {
  challenge,
  client,
  cycle,
  forms,
  issuer,
  keys,
  lifetime,
  post,
  repeat,
  scope,
  user,
  withToken,
  type Algorithm,
  type Arrival,
} from './workload.ts'
import { randomUUID } from 'node:crypto'

const registered: OAuth2Server.Client = {
  id: client.id,
  grants: ['client_credentials', 'authorization_code', 'refresh_token'],
  redirectUris: [client.redirectUri],
}

const inSeconds = (seconds: number): Date => new Date(Date.now() + seconds * 1000)

/** The documented model, over maps. */
class Model
  implements OAuth2Server.AuthorizationCodeModel, OAuth2Server.ClientCredentialsModel, OAuth2Server.RefreshTokenModel
{
  readonly codes = new Map<string, OAuth2Server.AuthorizationCode>()
  readonly accessTokens = new Map<string, OAuth2Server.Token>()
  readonly refreshTokens = new Map<string, OAuth2Server.RefreshToken>()

  async getClient(id: string, secret: string): Promise<OAuth2Server.Client | false> {
    return id === client.id && secret === client.secret ? registered : false
  }

  async getUserFromClient({ id }: OAuth2Server.Client): Promise<OAuth2Server.User> {
    return { id }
  }

  async validateScope(_: OAuth2Server.User, __: OAuth2Server.Client, asked?: string[]): Promise<string[] | false> {
    return asked?.every((each) => client.scopes.includes(each)) === true ? asked : false
  }

  async verifyScope(token: OAuth2Server.Token, needed: string[]): Promise<boolean> {
    return needed.every((each) => token.scope?.includes(each))
  }

  async saveToken(
    token: OAuth2Server.Token,
    of: OAuth2Server.Client,
    by: OAuth2Server.User,
  ): Promise<OAuth2Server.Token> {
    const saved = { ...token, client: of, user: by }
    this.accessTokens.set(saved.accessToken, saved)
    const { refreshToken } = saved
    if (refreshToken !== undefined) this.refreshTokens.set(refreshToken, { ...saved, refreshToken })
    return saved
  }

  async getAccessToken(token: string): Promise<OAuth2Server.Token | undefined> {
    return this.accessTokens.get(token)
  }

  async getRefreshToken(token: string): Promise<OAuth2Server.RefreshToken | undefined> {
    return this.refreshTokens.get(token)
  }

  async revokeToken({ refreshToken }: OAuth2Server.RefreshToken): Promise<boolean> {
    return this.refreshTokens.delete(refreshToken)
  }

  saveAuthorizationCode(): Promise<false> {
    throw new Error('the codes are put here beforehand')
  }

  async getAuthorizationCode(code: string): Promise<OAuth2Server.AuthorizationCode | undefined> {
    return this.codes.get(code)
  }

  async revokeAuthorizationCode({ authorizationCode }: OAuth2Server.AuthorizationCode): Promise<boolean> {
    return this.codes.delete(authorizationCode)
  }
}

/** The same with JWTs as access tokens, by the model's own hook. */
class SigningModel extends Model {
  readonly #algorithm: Algorithm

  constructor(algorithm: Algorithm) {
    super()
    this.#algorithm = algorithm
  }

  async generateAccessToken(of: OAuth2Server.Client, _: OAuth2Server.User, granted: string[]): Promise<string> {
    const claims = { iss: issuer, sub: of.id, client_id: of.id, scope: granted.join(' '), jti: randomUUID() }
    const algorithm = this.#algorithm
    return jsonwebtoken.sign(claims, keys[algorithm].privateKey, { algorithm, expiresIn: lifetime })
  }
}

const makeServer = (model: Model): OAuth2Server =>
  new OAuth2Server({ model, accessTokenLifetime: lifetime, alwaysIssueNewRefreshToken: true })

// The form is parsed by whatever it is mounted on; the cheapest stands in for that.
const toRequest = ({ headers, body }: Arrival): OAuth2Server.Request => {
  const query = {}
  if (body === '') return new OAuth2Server.Request({ method: 'GET', headers: { ...headers }, query })
  const form = Object.fromEntries(new URLSearchParams(body))
  return new OAuth2Server.Request({ method: 'POST', headers: { ...headers }, query, body: form })
}

const tokenCall =
  (server: OAuth2Server, arrivals: readonly Arrival[]) =>
  async (index: number): Promise<number | undefined> => {
    const response = new OAuth2Server.Response()
    await server.token(toRequest(cycle(arrivals, index)), response)
    JSON.stringify(response.body)
    return response.status
  }

const clientCredentials =
  (makeModel: () => Model): Prepare =>
  async () =>
    tokenCall(makeServer(makeModel()), [post(forms.clientCredentials())])

/** `@node-oauth/oauth2-server`. It has no introspection, and leaves checking JWTs to its model. */
export const nodeOAuth: Contender = {
  name: '@node-oauth/oauth2-server',
  operations: {
    'client_credentials, opaque': clientCredentials(() => new Model()),
    'client_credentials, RS256': clientCredentials(() => new SigningModel('RS256')),
    'client_credentials, ES256': clientCredentials(() => new SigningModel('ES256')),
    'authorization_code + PKCE, opaque': async (count) => {
      const model = new Model()
      const codes = await repeat(count, () => randomUUID())
      const pkce = { codeChallenge: challenge, codeChallengeMethod: 'S256' }
      const grant = { redirectUri: client.redirectUri, scope: [scope], client: registered, user, ...pkce }
      for (const code of codes) model.codes.set(code, { authorizationCode: code, expiresAt: inSeconds(60), ...grant })
      return tokenCall(
        makeServer(model),
        codes.map((code) => post(forms.code(code))),
      )
    },
    'refresh with rotation, opaque': async (count) => {
      const model = new Model()
      const tokens = await repeat(count, () => randomUUID())
      const grant = { scope: [scope], client: registered, user }
      for (const token of tokens) {
        model.refreshTokens.set(token, { refreshToken: token, refreshTokenExpiresAt: inSeconds(lifetime), ...grant })
      }
      return tokenCall(
        makeServer(model),
        tokens.map((token) => post(forms.refresh(token))),
      )
    },
    'verify bearer, opaque': async (count) => {
      const model = new Model()
      const server = makeServer(model)
      const tokens = await repeat(count, () => randomUUID())
      const grant = { accessTokenExpiresAt: inSeconds(lifetime), scope: [scope], client: registered, user }
      for (const token of tokens) model.accessTokens.set(token, { accessToken: token, ...grant })
      const arrivals = tokens.map(withToken)
      const guard = { scope: [scope], addAcceptedScopesHeader: true, addAuthorizedScopesHeader: true }
      return async (index) => {
        await server.authenticate(toRequest(cycle(arrivals, index)), new OAuth2Server.Response(), guard)
        return 200
      }
    },
  },
}
