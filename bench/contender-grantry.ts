import {
  hashClientSecret,
  Server,
  signedTokenGenerator,
  StoreValidator,
  type Authorization,
  type Client,
  type HttpRequest,
  type ServerOptions,
} from 'grantry'
import { MemoryStore } from 'grantry/storage/memory'
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
  signedTokens,
  toHttpRequest,
  user,
  withToken,
  type Algorithm,
} from './workload.ts'

const registered: Client = {
  id: client.id,
  secrets: [hashClientSecret(client.secret)],
  redirectUris: [client.redirectUri],
  grantTypes: ['client_credentials', 'authorization_code', 'refresh_token'],
  scopes: client.scopes,
}

const makeServer = (options: ServerOptions = {}): Server => {
  const store = new MemoryStore()
  void store.putClient(registered) // at once, as all of this store
  return new Server(new StoreValidator(store), { tokenExpiresIn: lifetime, refreshTokenRotation: 'always', ...options })
}

const granted = { client: registered, user, scopes: [scope] }

const issueAccess = async (server: Server, authorization: Authorization): Promise<string> =>
  (await server.bearer.createToken(authorization)).access_token

const issueRefresh = async (server: Server): Promise<string> => {
  const authorization = { ...granted, grantType: 'authorization_code' }
  return (await server.bearer.createToken(authorization, { refreshToken: true })).refresh_token ?? ''
}

/** Codes as the authorization endpoint gives them out: one checked request, approved over and over. */
const issueCodes = async (server: Server, count: number): Promise<readonly string[]> => {
  const query = new URLSearchParams({
    response_type: 'code',
    client_id: client.id,
    redirect_uri: client.redirectUri,
    scope,
    code_challenge: challenge,
    code_challenge_method: 'S256',
  })
  const request = { method: 'GET', url: `/authorize?${query.toString()}`, headers: new Headers(), text: async () => '' }
  const validation = await server.validateAuthorizationRequest(request)
  if (!validation.ok) throw validation.error
  return repeat(count, async () => {
    const answer = await server.createAuthorizationResponse(request, validation.request, {
      approved: true,
      user,
      scopes: [scope],
    })
    return new URL(answer.headers['Location'] ?? '').searchParams.get('code') ?? ''
  })
}

const posts = (
  values: readonly string[],
  form: (value: string) => Readonly<Record<string, string>>,
): readonly HttpRequest[] => values.map((value) => toHttpRequest(post(form(value))))

const clientCredentials =
  (makeOptions: () => ServerOptions): Prepare =>
  async () => {
    const server = makeServer(makeOptions())
    const request = toHttpRequest(post(forms.clientCredentials()))
    return async () => (await server.createTokenResponse(request)).status
  }

const generatorOf = (algorithm: Algorithm) => signedTokenGenerator(keys[algorithm].privateKey, { algorithm, issuer })

// A signed token says all itself, so it is not stored: `tokenVerifier` tells the server.
const signed = (algorithm: Algorithm): ServerOptions => {
  const tokenGenerator = generatorOf(algorithm)
  return { tokenGenerator, tokenVerifier: tokenGenerator.verifier }
}

const verify =
  (
    makeOptions: () => ServerOptions,
    makeTokens: (server: Server, count: number) => Promise<readonly string[]>,
  ): Prepare =>
  async (count) => {
    const server = makeServer(makeOptions())
    const requests = (await makeTokens(server, count)).map((token) => toHttpRequest(withToken(token)))
    return async (index) => ((await server.verifyRequest(cycle(requests, index), [scope])).ok ? 200 : 401)
  }

/** The toolkit through the whole server, over the store that hashes in memory. */
export const grantry: Contender = {
  name: 'grantry',
  operations: {
    'client_credentials, opaque': clientCredentials(() => ({})),
    'client_credentials, RS256': clientCredentials(() => signed('RS256')),
    'client_credentials, ES256': clientCredentials(() => signed('ES256')),
    'authorization_code + PKCE, opaque': async (count) => {
      const server = makeServer()
      const requests = posts(await issueCodes(server, count), forms.code)
      return async (index) => (await server.createTokenResponse(cycle(requests, index))).status
    },
    'refresh with rotation, opaque': async (count) => {
      const server = makeServer()
      const requests = posts(await repeat(count, () => issueRefresh(server)), forms.refresh)
      return async (index) => (await server.createTokenResponse(cycle(requests, index))).status
    },
    'verify bearer, opaque': verify(
      () => ({}),
      (server, count) => repeat(count, () => issueAccess(server, { ...granted, grantType: 'authorization_code' })),
    ),
    'verify bearer, RS256': verify(
      () => signed('RS256'),
      async (_, count) => signedTokens('RS256', count),
    ),
    'verify bearer, ES256': verify(
      () => signed('ES256'),
      async (_, count) => signedTokens('ES256', count),
    ),
    'introspection, opaque': async (count) => {
      const server = makeServer()
      const grant = { client: registered, scopes: [scope], grantType: 'client_credentials' }
      const requests = posts(await repeat(count, () => issueAccess(server, grant)), forms.introspection)
      return async (index) => {
        const { status, body } = await server.createIntrospectionResponse(cycle(requests, index))
        return body.startsWith('{"active":true') ? status : 404
      }
    },
  },
}
