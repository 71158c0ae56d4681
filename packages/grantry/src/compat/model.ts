/** What says no in the contract of these models. */
export type Falsy = '' | 0 | false | null | undefined

type Answer<Value> = Value | Falsy | void | Promise<Value | Falsy | void>

/** Scopes: a list for models of version 5, a string with spaces for those of versions 3 and 4. */
export type ModelScope = string | readonly string[] | undefined

/** A client as a model finds it. Its id is `id`, or `clientId` where there is none. */
export interface ModelClient {
  readonly id?: unknown
  readonly clientId?: unknown
  readonly grants?: string | readonly string[] | undefined
  readonly redirectUris?: string | readonly string[] | undefined
  /** In seconds. */
  readonly accessTokenLifetime?: number | undefined
  /** In seconds. */
  readonly refreshTokenLifetime?: number | undefined
}

/** A user as a model finds it: whatever it is, it comes back to the model as it is. */
export type ModelUser = object

/** An authorization code as it is handed to a model. */
export interface NewModelCode {
  readonly authorizationCode: string
  readonly expiresAt: Date
  readonly redirectUri: string
  readonly scope?: ModelScope
  readonly codeChallenge?: string
  readonly codeChallengeMethod?: string
}

/** An authorization code as a model finds it. */
export interface ModelCode {
  readonly authorizationCode?: string | undefined
  readonly expiresAt?: Date | undefined
  readonly redirectUri?: string | undefined
  readonly scope?: ModelScope | null
  readonly client?: unknown
  readonly user?: unknown
  readonly codeChallenge?: string | null | undefined
  readonly codeChallengeMethod?: string | null | undefined
  /** In place of `client`. */
  readonly clientId?: unknown
  /** In place of `user`. */
  readonly userId?: unknown
}

/** Tokens as they are handed to a model. */
export interface NewModelToken {
  readonly accessToken: string
  /** Always there; optional as in the types that models have. */
  readonly accessTokenExpiresAt?: Date
  readonly refreshToken?: string
  readonly refreshTokenExpiresAt?: Date
  readonly scope?: ModelScope
  /** The code that they are issued for. */
  readonly authorizationCode?: string
}

/** Tokens as a model finds them. */
export interface ModelToken {
  readonly accessToken?: string | undefined
  readonly accessTokenExpiresAt?: Date | undefined
  readonly refreshToken?: string | undefined
  readonly refreshTokenExpiresAt?: Date | undefined
  readonly scope?: ModelScope | null
  readonly client?: unknown
  readonly user?: unknown
  /** In place of `client`. */
  readonly clientId?: unknown
  /** In place of `user`. */
  readonly userId?: unknown
  /** In place of `accessTokenExpiresAt`. */
  readonly accessTokenExpiresOn?: unknown
  /** In place of `refreshTokenExpiresAt`. */
  readonly refreshTokenExpiresOn?: unknown
}

/**
 * A model as it is written for `oauth2-server` 3 and `@node-oauth/oauth2-server` 4 and 5. What a server offers follows from the methods that
 * are there. They may answer by a value, by a promise, or, with one parameter more, by a callback.
 */
export interface OAuth2ServerModel {
  /** The client, if the secret is its own. Without a secret: `null` to redirect to it, undefined for one that sends none. */
  getClient(clientId: string, clientSecret: string | null | undefined): Answer<ModelClient>
  /** Keeps tokens. What it returns is sent; where it returns nothing, what was handed to it. */
  saveToken(token: NewModelToken, client: ModelClient, user: ModelUser): Answer<ModelToken>
  /** Finds an access token. */
  getAccessToken?(accessToken: string): Answer<ModelToken>
  /** Whether a token is good for all of `scope`. Without it, the token must have been granted each of them. */
  verifyScope?(token: ModelToken, scope: ModelScope): Answer<boolean>
  /** What is granted of what was asked for. Without it, all of it. */
  validateScope?(user: ModelUser, client: ModelClient, scope: ModelScope): Answer<string | readonly string[]>
  /** Finds a code. */
  getAuthorizationCode?(authorizationCode: string): Answer<ModelCode>
  /** Keeps a code. */
  saveAuthorizationCode?(code: NewModelCode, client: ModelClient, user: ModelUser): Answer<ModelCode>
  /** Ends a code: true where it was there. If two requests can both get true, tokens are issued twice. */
  revokeAuthorizationCode?(code: ModelCode): Answer<boolean>
  /** Finds a refresh token. */
  getRefreshToken?(refreshToken: string): Answer<ModelToken>
  /** Ends a refresh token: true where it was there. If two requests can both get true, a thief and the client both go on. */
  revokeToken?(token: ModelToken): Answer<boolean>
  /** The user of a name and a password. */
  getUser?(username: string, password: string, client: ModelClient): Answer<ModelUser>
  /** On whose behalf a client acts by itself. */
  getUserFromClient?(client: ModelClient): Answer<ModelUser>
  /** Whether a redirect URI will do, in place of the comparison with those of the client. */
  validateRedirectUri?(redirectUri: string, client: ModelClient): Answer<boolean>
  /** Makes an access token. */
  generateAccessToken?(client: ModelClient, user: ModelUser, scope: ModelScope): Answer<string>
  /** Makes a refresh token. */
  generateRefreshToken?(client: ModelClient, user: ModelUser, scope: ModelScope): Answer<string>
  /** Makes a code. */
  generateAuthorizationCode?(client: ModelClient, user: ModelUser, scope: ModelScope): Answer<string>
}
