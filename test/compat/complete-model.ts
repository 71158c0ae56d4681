import type OAuth2Server from '@node-oauth/oauth2-server'

type NewCode = Parameters<OAuth2Server.AuthorizationCodeModel['saveAuthorizationCode']>[0]

export const redirectUri = 'https://app.example/cb'
const userGrants = ['authorization_code', 'refresh_token', 'password']

/** The whole contract of version 5, over maps, as its types have it. */
export class CompleteModel
  implements
    OAuth2Server.AuthorizationCodeModel,
    OAuth2Server.ClientCredentialsModel,
    OAuth2Server.PasswordModel,
    OAuth2Server.RefreshTokenModel
{
  readonly clients = [
    { id: 'app', secret: 'app-secret', grants: [...userGrants, 'client_credentials'], redirectUris: [redirectUri] },
    { id: 'other', secret: 'other-secret', grants: userGrants, redirectUris: ['https://other.example/cb'] },
    { id: 'spa', secret: undefined, grants: userGrants, redirectUris: [redirectUri] },
    { id: 'narrow', secret: 'narrow-secret', grants: ['client_credentials'], accessTokenLifetime: 60 },
  ]
  readonly codes = new Map<string, OAuth2Server.AuthorizationCode>()
  readonly accessTokens = new Map<string, OAuth2Server.Token>()
  readonly refreshTokens = new Map<string, OAuth2Server.RefreshToken>()

  async getClient(id: string, secret: string | null | undefined): Promise<OAuth2Server.Client | false> {
    const client = this.clients.find((candidate) => candidate.id === id)
    if (client === undefined || (secret !== null && client.secret !== secret)) return false
    return client
  }

  async getUser(username: string, password: string): Promise<OAuth2Server.User | undefined> {
    return username === 'alice' && password === 'correct' ? { id: 'alice', name: 'Alice' } : undefined
  }

  async getUserFromClient(client: OAuth2Server.Client): Promise<OAuth2Server.User | undefined> {
    return { id: `owner-of-${client.id}` }
  }

  /** `read` where nothing is asked for; `write` for the app only; `extra` is left out. */
  async validateScope(_: OAuth2Server.User, client: OAuth2Server.Client, asked?: string[]): Promise<string[] | false> {
    if (asked === undefined) return ['read']
    const known = client.id === 'app' ? ['read', 'write', 'extra'] : ['read', 'extra']
    return asked.every((scope) => known.includes(scope)) && asked.filter((scope) => scope !== 'extra')
  }

  async verifyScope(token: OAuth2Server.Token, needed: string[]): Promise<boolean> {
    return needed.every((scope) => token.scope?.includes(scope))
  }

  async saveToken(token: OAuth2Server.Token, client: OAuth2Server.Client, user: OAuth2Server.User) {
    const saved = { ...token, client, user }
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

  async saveAuthorizationCode(code: NewCode, client: OAuth2Server.Client, user: OAuth2Server.User) {
    const saved = { ...code, client, user }
    this.codes.set(saved.authorizationCode, saved)
    return saved
  }

  async getAuthorizationCode(code: string): Promise<OAuth2Server.AuthorizationCode | undefined> {
    return this.codes.get(code)
  }

  async revokeAuthorizationCode({ authorizationCode }: OAuth2Server.AuthorizationCode): Promise<boolean> {
    return this.codes.delete(authorizationCode)
  }
}
