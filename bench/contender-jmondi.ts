import {
  AuthorizationServer,
  DateInterval,
  generateRandomToken,
  JwtService,
  OAuthRequest,
  type GrantIdentifier,
  type JwtInterface,
  type OAuthAuthCode,
  type OAuthAuthCodeRepository,
  type OAuthClient,
  type OAuthClientRepository,
  type OAuthScope,
  type OAuthToken,
  type OAuthTokenRepository,
  type ResponseInterface,
} from '@jmondi/oauth2-server'
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
  refreshLifetime,
  repeat,
  scope,
  signedTokens,
  user,
  withToken,
  type Algorithm,
  type Arrival,
} from './workload.ts'

const allowedGrants: GrantIdentifier[] = ['client_credentials', 'authorization_code', 'refresh_token']
const knownScopes: OAuthScope[] = client.scopes.map((name) => ({ name }))
const grantedScopes = [{ name: scope }]
const registered: OAuthClient = {
  id: client.id,
  name: client.id,
  secret: client.secret,
  redirectUris: [client.redirectUri],
  allowedGrants,
  scopes: knownScopes,
}

const clients: OAuthClientRepository = {
  getByIdentifier: async (id) => (id === client.id ? registered : Promise.reject(new Error('unknown client'))),
  isClientValid: async (grantType, { secret, allowedGrants: allowed }, given) =>
    secret === given && allowed.includes(grantType),
}

const scopes = {
  getAllByIdentifiers: async (names: string[]) => knownScopes.filter(({ name }) => names.includes(name)),
  finalize: async (asked: OAuthScope[]) => asked,
}

const found = <Item>(item: Item | undefined): Item => {
  if (item === undefined) throw new Error('not found')
  return item
}

const newToken = (): OAuthToken => ({
  accessToken: generateRandomToken(),
  accessTokenExpiresAt: new DateInterval(`${lifetime}s`).getEndDate(),
  client: registered,
  user,
  scopes: grantedScopes,
})

class Tokens implements OAuthTokenRepository {
  readonly #access = new Map<string, OAuthToken>()
  readonly #refresh = new Map<string, OAuthToken>()

  async issueToken(of: OAuthClient, granted: OAuthScope[], by?: OAuthToken['user']): Promise<OAuthToken> {
    return {
      accessToken: generateRandomToken(),
      accessTokenExpiresAt: new Date(),
      client: of,
      user: by ?? null,
      scopes: granted,
    }
  }

  async issueRefreshToken(token: OAuthToken): Promise<OAuthToken> {
    token.refreshToken = generateRandomToken()
    token.refreshTokenExpiresAt = new DateInterval(`${refreshLifetime}s`).getEndDate()
    await this.persist(token)
    return token
  }

  async persist(token: OAuthToken): Promise<void> {
    this.#access.set(token.accessToken, token)
    if (token.refreshToken) this.#refresh.set(token.refreshToken, token)
  }

  async revoke(token: OAuthToken): Promise<void> {
    token.accessTokenExpiresAt = new Date(0)
    token.refreshTokenExpiresAt = new Date(0)
  }

  async isRefreshTokenRevoked({ refreshTokenExpiresAt }: OAuthToken): Promise<boolean> {
    return Date.now() > (refreshTokenExpiresAt?.getTime() ?? 0)
  }

  async getByRefreshToken(token: string): Promise<OAuthToken> {
    return found(this.#refresh.get(token))
  }

  async getByAccessToken(token: string): Promise<OAuthToken> {
    return found(this.#access.get(token))
  }
}

class Codes implements OAuthAuthCodeRepository {
  readonly codes = new Map<string, OAuthAuthCode>()

  async getByIdentifier(code: string): Promise<OAuthAuthCode> {
    return found(this.codes.get(code))
  }

  issueAuthCode(): OAuthAuthCode {
    return { code: generateRandomToken(), client: registered, user, scopes: grantedScopes, expiresAt: new Date() }
  }

  async persist(code: OAuthAuthCode): Promise<void> {
    this.codes.set(code.code, code)
  }

  async isRevoked(code: string): Promise<boolean> {
    return Date.now() > found(this.codes.get(code)).expiresAt.getTime()
  }

  async revoke(code: string): Promise<void> {
    found(this.codes.get(code)).expiresAt = new Date(0)
  }
}

/** It has no opaque access tokens; a JWT service that writes the token's id alone comes to the same. */
const opaque: JwtInterface = {
  sign: async (payload) => (typeof payload === 'object' && 'jti' in payload ? String(payload['jti']) : ''),
  verify: async (jti) => ({ jti }),
  decode: () => null,
}

/** The JWT service with a key pair: the interface that the library documents for other algorithms than HS256. */
class KeyPairJwtService extends JwtService {
  readonly #algorithm: Algorithm

  constructor(algorithm: Algorithm) {
    super(keys[algorithm].publicKey)
    this.#algorithm = algorithm
  }

  override async sign(payload: string | Buffer | Record<string, unknown>): Promise<string> {
    return jsonwebtoken.sign(payload, keys[this.#algorithm].privateKey, { algorithm: this.#algorithm })
  }
}

const makeProvider = (jwt: JwtInterface) => {
  const tokens = new Tokens()
  const codes = new Codes()
  const options = { issuer, useOpaqueAuthorizationCodes: true, useOpaqueRefreshTokens: true }
  const server = new AuthorizationServer(clients, tokens, scopes, jwt, options)
  const ttl = new DateInterval(`${lifetime}s`)
  const userRepository = { getUserByCredentials: async () => user }
  const codeGrant = { grant: 'authorization_code', authCodeRepository: codes, userRepository } as const
  server.enableGrantTypes(['client_credentials', ttl], ['refresh_token', ttl], [codeGrant, ttl])
  return { server, tokens, codes }
}

// The form is parsed by whatever it is mounted on; the cheapest stands in for that.
const toRequest = ({ headers, body }: Arrival): OAuthRequest =>
  new OAuthRequest({ headers: { ...headers }, body: Object.fromEntries(new URLSearchParams(body)) })

const call =
  (arrivals: readonly Arrival[], handle: (request: OAuthRequest) => Promise<ResponseInterface>) =>
  async (index: number): Promise<number> => {
    const response = await handle(toRequest(cycle(arrivals, index)))
    JSON.stringify(response.body)
    return response.status
  }

const clientCredentials =
  (makeJwt: () => JwtInterface): Prepare =>
  async () => {
    const { server } = makeProvider(makeJwt())
    return call([post(forms.clientCredentials())], (request) => server.respondToAccessTokenRequest(request))
  }

/** The check of its guide "Protect Resources", without looking the token up. */
const verify =
  (algorithm: Algorithm): Prepare =>
  async (count) => {
    const jwt = new KeyPairJwtService(algorithm)
    const arrivals = signedTokens(algorithm, count).map(withToken)
    return async (index) => {
      const token = cycle(arrivals, index).headers['authorization']?.slice(7) ?? ''
      const claims = await jwt.verify(token, { algorithms: [algorithm], issuer })
      return String(claims['scope']).split(' ').includes(scope) ? 200 : 403
    }
  }

/** `@jmondi/oauth2-server`. */
export const jmondi: Contender = {
  name: '@jmondi/oauth2-server',
  operations: {
    'client_credentials, opaque': clientCredentials(() => opaque),
    'client_credentials, RS256': clientCredentials(() => new KeyPairJwtService('RS256')),
    'client_credentials, ES256': clientCredentials(() => new KeyPairJwtService('ES256')),
    'authorization_code + PKCE, opaque': async (count) => {
      const { server, codes } = makeProvider(opaque)
      const pkce = { codeChallenge: challenge, codeChallengeMethod: 'S256' } as const
      const made = await repeat(count, async () => {
        const expiresAt = new DateInterval('60s').getEndDate()
        const code = { ...codes.issueAuthCode(), redirectUri: client.redirectUri, expiresAt, ...pkce }
        await codes.persist(code)
        return code.code
      })
      const arrivals = made.map((code) => post(forms.code(code)))
      return call(arrivals, (request) => server.respondToAccessTokenRequest(request))
    },
    'refresh with rotation, opaque': async (count) => {
      const { server, tokens } = makeProvider(opaque)
      const made = await repeat(count, async () => (await tokens.issueRefreshToken(newToken())).refreshToken ?? '')
      const arrivals = made.map((token) => post(forms.refresh(token)))
      return call(arrivals, (request) => server.respondToAccessTokenRequest(request))
    },
    'verify bearer, RS256': verify('RS256'),
    'verify bearer, ES256': verify('ES256'),
    'introspection, opaque': async (count) => {
      const { server, tokens } = makeProvider(opaque)
      const made = await repeat(count, async () => {
        const token = newToken()
        await tokens.persist(token)
        return token.accessToken
      })
      const arrivals = made.map((token) => post(forms.introspection(token)))
      return call(arrivals, (request) => server.introspect(request))
    },
  },
}
