import type { Awaitable } from '../core/awaitable.ts'
import { ConfigurationError } from '../core/errors.ts'
import type { HttpRequest } from '../core/http.ts'
import type { User } from '../core/records.ts'
import { assemble } from './from-model.ts'
import { fill, OAuthError, refusalOf, toAuthorization, toHttp, type Request, type Response } from './messages.ts'
import type { Falsy, ModelCode, ModelScope, ModelToken, ModelUser, OAuth2ServerModel } from './model.ts'
import type { OAuth2ServerModelOptions } from './model-options.ts'
import type { OAuth2ModelServer } from './model-server.ts'
import type { ModelValidator } from './model-validator.ts'
import { scopesOf } from './read-model.ts'

/** Tells who is logged in. */
export interface AuthenticateHandler {
  /** The user; nothing where nobody is. */
  handle(request: Request, response: Response): Awaitable<ModelUser | Falsy>
}

/** Options of one call of `authorize`. */
export interface AuthorizeOptions {
  /** Default: the user of the token that the request carries. */
  readonly authenticateHandler?: AuthenticateHandler | undefined
}

/** Options of one call of `authenticate`. */
export interface AuthenticateOptions {
  /** What the token must be good for. Default: nothing. */
  readonly scope?: ModelScope
}

/** Refuses options that only the constructor has, rather than to leave them without effect. */
const requireOnly = (method: string, known: readonly string[], options: object): void => {
  const name = Object.keys(options).find((each) => !known.includes(each))
  if (name !== undefined) throw new ConfigurationError(`${method}: give the option ${name} to the constructor.`)
}

/**
 * The methods of `oauth2-server`, for code that calls them: they fill in the answer, and reject with an `OAuthError` for what is refused. New
 * code mounts `server`.
 */
export class OAuth2Server {
  /** The server behind it, to be mounted. */
  readonly server: OAuth2ModelServer
  readonly #validator: ModelValidator

  constructor({ model, ...options }: OAuth2ServerModelOptions & { readonly model: OAuth2ServerModel }) {
    const { server, validator } = assemble(model, options)
    this.server = server
    this.#validator = validator
  }

  /** Answers a token request. Returns the tokens as the model saved them. */
  async token(request: Request, response: Response, options: object = {}): Promise<ModelToken> {
    requireOnly('token', [], options)
    const http = toHttp(request)
    const answer = await this.server.createTokenResponse(http)
    fill(response, answer)
    const { token } = this.#validator.notes.of(http.headers)
    if (answer.status !== 200 || token === undefined) throw refusalOf(answer)
    return token
  }

  /** Answers an authorization request once a user is logged in and agrees: `allowed=false` says no. Returns the code as the model saved it. */
  async authorize(request: Request, response: Response, options: AuthorizeOptions = {}): Promise<ModelCode> {
    requireOnly('authorize', ['authenticateHandler'], options)
    const http = toAuthorization(request)
    const asked = await this.server.validateAuthorizationRequest(http)
    if (!asked.ok) {
      fill(response, asked.response)
      throw refusalOf(asked.response)
    }
    const user = await this.#loggedIn(request, response, options.authenticateHandler)
    const isDenied = [request.query['allowed'], request.body['allowed']].includes('false')
    const answer = await this.server.createAuthorizationResponse(
      http,
      asked.request,
      isDenied ? { approved: false } : { approved: true, user, scopes: asked.request.scopes },
    )
    fill(response, answer)
    const { code } = this.#validator.notes.of(http.headers)
    if (code === undefined) throw refusalOf(answer)
    return code
  }

  /** Checks the token of a request. Returns it as the model found it. */
  async authenticate(request: Request, response: Response, options: AuthenticateOptions = {}): Promise<ModelToken> {
    requireOnly('authenticate', ['scope'], options)
    const scopes = scopesOf(options.scope)
    const verdict = await this.server.verifyRequest(withQueryToken(request), scopes)
    if (!verdict.ok) {
      const { error, response: answer } = verdict
      const { 'WWW-Authenticate': challenge } = answer.headers
      if (challenge !== undefined) response.set('WWW-Authenticate', challenge)
      throw new OAuthError(
        error.reason === 'token_absent' ? 'unauthorized_request' : error.code,
        error.status,
        error.description,
      )
    }
    const token = this.#validator.records.accessTokens.of(verdict.token)
    if (token === undefined) throw new OAuthError('server_error', 500, 'The token is not of the model.')
    if (scopes.length > 0) response.set('X-Accepted-OAuth-Scopes', scopes.join(' '))
    if (scopes.length > 0 && token.scope) response.set('X-OAuth-Scopes', scopesOf(token.scope).join(' '))
    return token
  }

  async #loggedIn(request: Request, response: Response, handler?: AuthenticateHandler): Promise<User> {
    const found = handler ? await handler.handle(request, response) : (await this.authenticate(request, response)).user
    if (typeof found !== 'object' || found === null) throw nobody()
    try {
      return this.#validator.records.user(found)
    } catch (cause) {
      throw nobody(cause)
    }
  }
}

const nobody = (cause?: unknown): OAuthError =>
  new OAuthError(
    'server_error',
    500,
    'The authenticate handler returned no user with an id: see the option userId.',
    cause,
  )

/** A token in the query is looked at where the options say so; one that is there twice is seen as such. */
const withQueryToken = (request: Request): HttpRequest => {
  const tokens = [request.query['access_token'] ?? []].flat().filter((token) => typeof token === 'string')
  return toHttp(request, { query: `?${tokens.map((token) => `access_token=${encodeURIComponent(token)}`).join('&')}` })
}
