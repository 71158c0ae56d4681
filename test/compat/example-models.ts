import type { ModelClient, OAuth2ServerModel } from 'grantry/compat/oauth2-server'

/** Models in the shapes that the examples of `oauth2-server` taught, quirks included. */

interface CacheRow {
  readonly accessToken: string
  readonly accessTokenExpiresAt: Date | undefined
  readonly clientId: unknown
  readonly refreshToken: string | undefined
  readonly refreshTokenExpiresAt: Date | undefined
  readonly userId: unknown
}

/** In memory: clients without `id` and `grants`, secrets that must be there, rows of ids, and nothing returned once tokens are saved. */
export const cacheModel = () => {
  const clients = [{ clientId: 'shop', clientSecret: 'night', redirectUris: [''] }]
  const users = [{ id: '123', username: 'tom', password: 'pw' }]
  const rows: CacheRow[] = []
  const model: OAuth2ServerModel = {
    getAccessToken: (token) => rows.find(({ accessToken }) => accessToken === token) ?? false,
    getRefreshToken: (token) => rows.find(({ refreshToken }) => refreshToken === token) ?? false,
    getClient: (id, secret) => clients.find((each) => each.clientId === id && each.clientSecret === secret) ?? false,
    getUser: (name, password) => users.find((user) => user.username === name && user.password === password) ?? false,
    saveToken({ accessToken, accessTokenExpiresAt, refreshToken, refreshTokenExpiresAt }, client, user) {
      const ids = { clientId: client.clientId, userId: 'id' in user && user.id }
      rows.push({ accessToken, accessTokenExpiresAt, refreshToken, refreshTokenExpiresAt, ...ids })
    },
  }
  return { model, rows }
}

/** An id as MongoDB has it: an object with a text. */
class ObjectId {
  readonly id = new Uint8Array(12)
  readonly #hex: string
  constructor(hex: string) {
    this.#hex = hex
  }
  toString(): string {
    return this.#hex
  }
}

/** Documents: users by `_id`, dates by the names of early releases, ids in place of client and user in what is returned. */
export const documentModel = () => {
  const documents: Record<string, unknown>[] = []
  const find = (name: string, value: string) => documents.find((each) => each[name] === value) ?? null
  const model: OAuth2ServerModel = {
    getAccessToken: async (token) => find('accessToken', token),
    getRefreshToken: async (token) => find('refreshToken', token),
    getClient: async (clientId, secret) =>
      clientId === 'shop' && secret === 'night' ? { clientId, grants: ['password'] } : null,
    getUser: async (username) => (username === 'tom' ? { _id: new ObjectId('65f0c0ffee'), username } : null),
    async saveToken(token, client, user) {
      const names = token as unknown as Readonly<Record<string, unknown>> // by names that are in no type
      const document: Record<string, unknown> = {
        accessToken: token.accessToken,
        accessTokenExpiresOn: names['accessTokenExpiresOn'],
        refreshToken: token.refreshToken,
        refreshTokenExpiresOn: names['refreshTokenExpiresOn'],
        ...{ client, user },
      }
      documents.push(document)
      return { ...document, client: client.clientId, user: '_id' in user && user._id }
    },
  }
  return { model, documents }
}

/** Rows of SQL: clients with a key beside their id, one text for scopes, and a count of rows in place of a boolean. */
export const rowModel = () => {
  const tokens = new Map<string, Record<string, unknown>>()
  const client = { id: 42, clientId: 'shop', grants: ['password', 'refresh_token'] } satisfies ModelClient
  const byRefresh = (token: unknown) => [...tokens].find(([, row]) => row['refresh_token'] === token)
  const toToken = (row: Record<string, unknown>) => ({
    accessTokenExpiresAt: new Date(String(row['expires'])),
    refreshToken: row['refresh_token'] as string, // columns have no types
    refreshTokenExpiresAt: new Date(String(row['refresh_expires'])),
    scope: row['scope'] as string,
    client: { id: row['client_key'] },
    user: { id: row['user_id'] },
  })
  const model: OAuth2ServerModel = {
    getClient: async (id, secret) => (id === 'shop' && secret === 'night' ? client : undefined),
    getUser: async (username) => ({ id: 7, username }),
    async getAccessToken(token) {
      const row = tokens.get(token)
      return row && toToken(row)
    },
    async getRefreshToken(token) {
      const found = byRefresh(token)
      return found && toToken(found[1])
    },
    async revokeToken({ refreshToken }) {
      const found = byRefresh(refreshToken)
      return found !== undefined && tokens.delete(found[0])
    },
    validateScope: (_user, _client, scope) => scope ?? 'basic',
    async saveToken(token, { id }, user) {
      tokens.set(token.accessToken, {
        ...{ refresh_token: token.refreshToken, scope: token.scope, client_key: id, user_id: 'id' in user && user.id },
        expires: token.accessTokenExpiresAt?.toISOString(),
        refresh_expires: token.refreshTokenExpiresAt?.toISOString(),
      })
      return { ...token, client: { id }, user }
    },
  }
  return { model, tokens }
}

type Callback = (error: Error | null, value?: unknown) => void

/** Of version 3: callbacks, and scopes in one string. */
export const callbackModel = () => {
  const codes = new Map<string, object>()
  const seen: unknown[] = []
  const client = { id: 'shop', grants: ['authorization_code'], redirectUris: ['https://app.example/cb'] }
  const model = {
    getClient: (_id: string, _secret: string, done: Callback) => done(null, client),
    generateAuthorizationCode: (_client: object, _user: object, _scope: string, done: Callback) =>
      done(null, 'made-code'),
    validateScope(_user: object, _client: object, scope: string, done: Callback) {
      seen.push(scope)
      done(null, scope.split(' ').includes('admin') ? false : scope)
    },
    saveAuthorizationCode(code: { authorizationCode: string }, of: object, user: object, done: Callback) {
      const saved = { ...code, client: of, user }
      codes.set(code.authorizationCode, saved)
      done(null, saved)
    },
    getAuthorizationCode: (code: string, done: Callback) => done(null, codes.get(code)),
    revokeAuthorizationCode: (code: { authorizationCode: string }, done: Callback) =>
      done(null, codes.delete(code.authorizationCode)),
    saveToken: (token: object, of: object, user: object, done: Callback) => done(null, { ...token, client: of, user }),
    getAccessToken: (_token: string, done: Callback) => done(new Error('the database is away')),
  }
  return { model: model as unknown as OAuth2ServerModel, seen } // JavaScript of its time has no types
}
