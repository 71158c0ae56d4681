import { InvalidGrantError } from '../core/errors.ts'
import type { Grant, GrantOutcome, GrantRequest } from '../core/grant.ts'
import { requireParameter } from '../core/read-request.ts'
import { parseScope } from '../core/scope.ts'
import { RefreshTokenGrant } from '../grants/refresh-token.ts'
import type { ModelValidator } from './model-validator.ts'

const askedScopes = ({ parameters }: GrantRequest): readonly string[] => parseScope(parameters.get('scope')) ?? []

/** A client acts for itself (RFC 6749 §4.4), on behalf of the user that the model has for it. */
export class ModelClientCredentialsGrant implements Grant {
  readonly allowsPublicClients = false
  readonly #validator: ModelValidator

  constructor(validator: ModelValidator) {
    this.#validator = validator
  }

  async authorize(request: GrantRequest): Promise<GrantOutcome> {
    const { model, records, notes } = this.#validator
    const client = records.originOfClient(request.client)
    const user = await model.call('getUserFromClient', client)
    if (!user) throw new InvalidGrantError('user_credentials_wrong', { detail: 'getUserFromClient returned nobody' })
    notes.of(request.state).user = user
    const scopes = await this.#validator.judgeScopes(user, client, askedScopes(request))
    return { client: request.client, scopes }
  }
}

/** The client hands in name and password of a user (RFC 6749 §4.3). */
export class ModelPasswordGrant implements Grant {
  readonly issuesRefreshToken = true
  readonly #validator: ModelValidator

  constructor(validator: ModelValidator) {
    this.#validator = validator
  }

  async authorize(request: GrantRequest): Promise<GrantOutcome> {
    const { model, records } = this.#validator
    const client = records.originOfClient(request.client)
    const [username, password] = [requireParameter(request, 'username'), requireParameter(request, 'password')]
    const user = await model.call('getUser', username, password, client)
    if (!user) throw new InvalidGrantError('user_credentials_wrong')
    const scopes = await this.#validator.judgeScopes(user, client, askedScopes(request))
    return { client: request.client, user: records.user(user), scopes }
  }
}

/** Exchanges a refresh token (RFC 6749 §6), which is ended before anything is made. */
export class ModelRefreshTokenGrant implements Grant {
  readonly issuesRefreshToken = true
  readonly #validator: ModelValidator
  readonly #checks: RefreshTokenGrant

  constructor(validator: ModelValidator) {
    this.#validator = validator
    this.#checks = new RefreshTokenGrant(validator)
  }

  async authorize(request: GrantRequest): Promise<GrantOutcome> {
    const { presented, ...outcome } = await this.#checks.authorize(request)
    if (presented === undefined || !(await this.#validator.revokeRefreshToken(presented.record)))
      throw new InvalidGrantError('refresh_token_raced')
    return outcome
  }
}
