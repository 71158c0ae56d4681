import { randomUUID } from 'node:crypto'
import {
  DateInterval,
  type GrantIdentifier,
  type OAuthAuthCode,
  type OAuthAuthCodeRepository,
  type OAuthClient,
  type OAuthClientRepository,
  OAuthException,
  type OAuthScope,
  type OAuthToken,
  type OAuthTokenRepository,
  type OAuthUser,
} from '@jmondi/oauth2-server'
import type { TestClient } from '../target.ts'
import { clients, scopes } from './clients.ts'
import { redirectUri } from './code-flow.ts'

const userGrants: GrantIdentifier[] = ['authorization_code', 'refresh_token']
const allGrants: GrantIdentifier[] = ['client_credentials', ...userGrants]
const knownScopes: OAuthScope[] = Object.values(scopes).map((name) => ({ name }))

const register = (
  { id, secret = null }: Omit<TestClient, 'secret'> & { readonly secret?: string | null },
  allowedGrants: GrantIdentifier[],
) => ({ id, name: id, secret, redirectUris: [redirectUri], allowedGrants, scopes: knownScopes })

const registrations: readonly OAuthClient[] = [
  register(clients.confidential, allGrants),
  register(clients.second, userGrants),
  register(clients.publicClient, userGrants),
  register(clients.punctuatedClient, allGrants),
  register(clients.nonAsciiClient, allGrants),
  register(clients.resourceServer, allGrants),
  register(clients.otherResourceServer, allGrants),
]

/** The registered clients. */
export const clientRepository: OAuthClientRepository = {
  getByIdentifier: async (id) => {
    const client = registrations.find((candidate) => candidate.id === id)
    if (client === undefined) throw OAuthException.invalidClient()
    return client
  },
  isClientValid: async (grantType, client, secret) =>
    (client.secret ?? undefined) === secret && client.allowedGrants.includes(grantType),
}

/** Narrows every request to what clients may have. */
export const scopeRepository = {
  getAllByIdentifiers: async (names: string[]) => knownScopes.filter(({ name }) => names.includes(name)),
  finalize: async (asked: OAuthScope[]) => {
    const granted = asked.length === 0 ? [{ name: scopes.required }] : asked
    return granted.filter(({ name }) => name !== scopes.narrowedAway)
  },
}

/** Tokens over a map, as in the example project: revoking sets the expiry into the past. */
export class TokenRepository implements OAuthTokenRepository {
  readonly #tokens = new Map<string, OAuthToken>()
  failure: string | undefined

  async issueToken(client: OAuthClient, granted: OAuthScope[], user?: OAuthUser | null): Promise<OAuthToken> {
    return { accessToken: randomUUID(), accessTokenExpiresAt: new Date(), client, user: user ?? null, scopes: granted }
  }

  async issueRefreshToken(token: OAuthToken): Promise<OAuthToken> {
    token.refreshToken = randomUUID()
    token.refreshTokenExpiresAt = new DateInterval('14d').getEndDate()
    await this.persist(token)
    return token
  }

  async persist(token: OAuthToken): Promise<void> {
    this.#tokens.set(token.accessToken, token)
  }

  async revoke(token: OAuthToken): Promise<void> {
    const revoked = { accessTokenExpiresAt: new Date(0), refreshTokenExpiresAt: new Date(0) }
    await this.persist({ ...token, ...revoked })
  }

  async revokeDescendantsOf(authCodeId: string): Promise<void> {
    for (const token of this.#tokens.values()) if (token.originatingAuthCodeId === authCodeId) await this.revoke(token)
  }

  async isRefreshTokenRevoked(token: OAuthToken): Promise<boolean> {
    return Date.now() > (token.refreshTokenExpiresAt?.getTime() ?? 0)
  }

  async getByRefreshToken(refreshToken: string): Promise<OAuthToken> {
    const token = [...this.#tokens.values()].find((candidate) => candidate.refreshToken === refreshToken)
    if (token === undefined) throw new Error('unknown refresh token')
    return token
  }

  async getByAccessToken(accessToken: string): Promise<OAuthToken> {
    if (this.failure !== undefined) throw new Error(this.failure)
    const token = this.#tokens.get(accessToken)
    if (token === undefined) throw new Error('unknown access token')
    return token
  }
}

/** Codes over a map. */
export const makeCodeRepository = (): OAuthAuthCodeRepository => {
  const codes = new Map<string, OAuthAuthCode>()
  const get = async (code: string): Promise<OAuthAuthCode> =>
    codes.get(code) ?? Promise.reject(new Error('unknown code'))
  return {
    getByIdentifier: get,
    issueAuthCode: (client, user, granted) => ({
      code: randomUUID(),
      client,
      user: user ?? null,
      scopes: granted,
      expiresAt: new Date(),
    }),
    persist: async (code) => void codes.set(code.code, code),
    isRevoked: async (code) => Date.now() > (await get(code)).expiresAt.getTime(),
    revoke: async (code) => void codes.set(code, { ...(await get(code)), expiresAt: new Date(0) }),
  }
}
