import { generateKeyPairSync } from 'node:crypto'
import {
  AuthorizationServer,
  DateInterval,
  type ExtraAccessTokenFields,
  JwtService,
  type OAuthClient,
  OAuthResponse,
  type ResponseInterface,
} from '@jmondi/oauth2-server'
import { handleExpressError, handleExpressResponse, requestFromExpress } from '@jmondi/oauth2-server/express'
import express, { type Request, type RequestHandler, type Response } from 'express'
import jsonwebtoken from 'jsonwebtoken'
import type { AuthorizeOptions, Target, UserClient } from '../target.ts'
import { clients, lifetime, scopes, userId, versionOf } from './clients.ts'
import { stopClock } from './clock.ts'
import { runCodeFlow } from './code-flow.ts'
import { guardOfTheGuide } from './jmondi-guard.ts'
import { clientRepository, makeCodeRepository, scopeRepository, TokenRepository } from './jmondi-repositories.ts'
import { listen } from './listen.ts'

const packageName = '@jmondi/oauth2-server'
const audience = 'https://api.example'
/** The JWT service with a key pair: the interface that the library documents for other algorithms than HS256. */
class RsaJwtService extends JwtService {
  readonly #privateKey: string
  readonly #publicKey: string
  claims: ExtraAccessTokenFields = {}

  constructor(privateKey: string, publicKey: string) {
    super(publicKey)
    this.#privateKey = privateKey
    this.#publicKey = publicKey
  }

  override sign(payload: string | Buffer | Record<string, unknown>): Promise<string> {
    const options = { algorithm: 'RS256', keyid: 'key-1' } as const
    return Promise.resolve(jsonwebtoken.sign(payload, this.#privateKey, options))
  }

  override verify(token: string, options: jsonwebtoken.VerifyOptions = {}): Promise<Record<string, unknown>> {
    return new Promise((resolve, reject) => {
      jsonwebtoken.verify(token, this.#publicKey, { ...options, algorithms: ['RS256'] }, (error, claims) => {
        if (typeof claims === 'object') resolve({ ...claims })
        else reject(error ?? new Error('no claims'))
      })
    })
  }

  extraTokenFields = ({ client }: { readonly client: OAuthClient }): ExtraAccessTokenFields => ({
    ...this.claims,
    aud: audience,
    client_id: client.id,
  })
}

const makeApp = (server: AuthorizationServer, guard: RequestHandler) => {
  const route =
    (handle: (request: Request) => Promise<ResponseInterface>) => async (request: Request, response: Response) => {
      try {
        const { status, headers, body } = await handle(request)
        handleExpressResponse(response, new OAuthResponse({ status, headers, body }))
      } catch (error) {
        handleExpressError(error, response)
      }
    }
  const app = express()
  app.use(express.urlencoded({ extended: false }))
  app.post(
    '/token',
    route((request) => server.respondToAccessTokenRequest(requestFromExpress(request))),
  )
  app.post(
    '/token/revoke',
    route((request) => server.revoke(requestFromExpress(request))),
  )
  app.post(
    '/token/introspect',
    route((request) => server.introspect(requestFromExpress(request))),
  )
  app.get(
    '/authorize',
    route(async (request) => {
      const asked = await server.validateAuthorizationRequest(requestFromExpress(request))
      asked.user = { id: typeof request.query.user === 'string' ? request.query.user : userId }
      asked.isAuthorizationApproved = true
      return server.completeAuthorizationRequest(asked)
    }),
  )
  app.all('/resource', guard, (_, response) => void response.json({ served: true }))
  return app
}

const setup =
  'Mounted on Express 5 with its adapter and the form parser; repositories over maps, as in its example project; RS256 through its ' +
  '`JwtInterface` over jsonwebtoken with `kid`; `issuer` set; `aud` and `client_id` added by `extraTokenFields`; authorization code with ' +
  'PKCE, refresh token, client credentials, revocation and introspection. The guard is the middleware of its guide “Protect Resources”. ' +
  'It has no opaque access tokens, JWKS endpoint or resource indicators.'

/** Starts the control. */
export const jmondiTarget = async (): Promise<Target> => {
  const clock = stopClock()
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString()
  const jwt = new RsaJwtService(privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), pem)
  const tokens = new TokenRepository()
  const { origin, close } = await listen((issuer) => {
    const server = new AuthorizationServer(clientRepository, tokens, scopeRepository, jwt, { issuer })
    const ttl = new DateInterval(`${lifetime}s`)
    const userRepository = { getUserByCredentials: async (id: string | number) => ({ id }) }
    const codeGrant = { grant: 'authorization_code', authCodeRepository: makeCodeRepository(), userRepository } as const
    server.enableGrantTypes(['client_credentials', ttl], ['refresh_token', ttl], [codeGrant, ttl])
    return makeApp(server, guardOfTheGuide({ jwt, tokens, issuer, audience, scopes: [scopes.required] }))
  })
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
    jwt: {
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
      resourceServer: clients.resourceServer,
      otherResourceServer: clients.otherResourceServer,
      resourceUrl: `${origin}/resource`,
      headerResourceUrl: `${origin}/resource`,
      introspectionUrl: `${tokenUrl}/introspect`,
      revocationUrl: `${tokenUrl}/revoke`,
      narrowing: { asked: `${scopes.other} ${scopes.narrowedAway}`, granted: scopes.other },
      userId,
      authorize,
      advance: clock.advance,
      breakStore: (text) => {
        tokens.failure = text
        return () => (tokens.failure = undefined)
      },
      // The hook's type allows scalars and arrays of them; the rows use scalars.
      setClaims: (claims) => (jwt.claims = (claims ?? {}) as ExtraAccessTokenFields),
      signingKey: { privateKey, publicKey },
    },
    close: async () => {
      await close()
      clock.restore()
    },
  }
}
