import { signedTokenVerifier, type AccessToken } from 'grantry'
import { disabledAtOf, isDocumentId } from '../client-record.ts'
import { digestOfToken, type TokenRecord } from '../database/grant-directory.ts'
import { decodeJwt } from '../decode-jwt.ts'
import type { ActorParts } from './parts.ts'
import { AdminRefusal } from './refusal.ts'

/** Why a token can be good for nothing. */
export const inactiveReasons = [
  ...(['unknown', 'forged', 'expired', 'used', 'revoked', 'grant_gone', 'grant_revoked'] as const),
  ...(['client_gone', 'client_disabled', 'user_gone', 'user_disabled'] as const),
] as const

/** Why a token is good for nothing. */
export type InactiveReason = (typeof inactiveReasons)[number]

/** What a token is. Times are in seconds. */
export interface InspectedToken extends Partial<Omit<TokenRecord, 'kind'>> {
  /** `jwt`: one that is no access token of this server. */
  readonly kind: TokenRecord['kind'] | 'jwt' | 'unknown'
  readonly isActive: boolean
  /** Undefined for one that is active. */
  readonly reason: InactiveReason | undefined
  readonly username?: string | undefined
}

interface FoundToken {
  readonly record: TokenRecord
  readonly isStored: boolean
}

const fromJwt = (token: AccessToken): TokenRecord => ({
  ...{ kind: 'access_token', clientId: token.clientId, userId: token.user?.id, grantId: token.grantId },
  ...{ scopes: token.scopes, audience: token.audience, usedAt: undefined },
  ...{ issuedAt: token.issuedAt, expiresAt: token.expiresAt },
})

const digestText = (token: string): string => Buffer.from(digestOfToken(token)).toString('base64url')

/** What operators do with tokens that someone shows them. */
export class TokenAdmin {
  readonly #parts: ActorParts

  constructor(parts: ActorParts) {
    this.#parts = parts
  }

  /** Says what a token is, of whom, for whom, until when, and whether it is good; it changes nothing. */
  async inspect(text: string): Promise<InspectedToken> {
    const token = text.trim()
    const found = await this.#find(token)
    if (found === undefined) {
      const isJwt = decodeJwt(token) !== undefined
      return { kind: isJwt ? 'jwt' : 'unknown', isActive: false, reason: isJwt ? 'forged' : 'unknown' }
    }
    const { userId } = found.record
    const user = userId === undefined ? undefined : await this.#parts.data.users.find(userId)
    const reason = await this.#whyInactive(token, found)
    return { ...found.record, isActive: reason === undefined, reason, username: user?.username }
  }

  /** Ends a token; with a refresh token or a code, all that was issued with it. */
  async revoke(text: string): Promise<InspectedToken> {
    const { data, now, log, actor } = this.#parts
    const token = text.trim()
    const found = await this.#find(token)
    if (found === undefined)
      throw new AdminRefusal('not_found', 'This is no token of this server, or one that is gone.')
    const { kind, clientId, userId, grantId, expiresAt } = found.record
    if (kind === 'access_token') await data.store.revokeAccessToken(digestText(token), expiresAt, now())
    else if (grantId !== undefined) await data.store.revokeGrant(grantId, now())
    log({ type: 'token.revoked', actor, kind, clientId, userId })
    return { ...found.record, isActive: false, reason: kind === 'access_token' ? 'revoked' : 'grant_revoked' }
  }

  /** A token that has a row, or an access token that says all itself and was signed here. */
  async #find(token: string): Promise<FoundToken | undefined> {
    const stored = await this.#parts.data.grants.findToken(token)
    if (stored !== undefined) return { record: stored, isStored: true }
    const record = await this.#verify(token)
    return record && { record, isStored: false }
  }

  /** As of when it was issued: whether it has expired is told beside. */
  async #verify(token: string): Promise<TokenRecord | undefined> {
    const { iss, iat } = decodeJwt(token)?.claims ?? {}
    if (typeof iss !== 'string' || typeof iat !== 'number') return undefined
    const verify = signedTokenVerifier(await this.#parts.keys(), { issuer: iss, profile: 'at+jwt' })
    const found = await verify(token, { now: iat })
    return found && fromJwt(found)
  }

  async #whyInactive(token: string, { record, isStored }: FoundToken): Promise<InactiveReason | undefined> {
    const { data, now, hasTokenRows } = this.#parts
    if (record.expiresAt <= now()) return 'expired'
    const ofGrant = await this.#whyGrantInactive(record)
    if (ofGrant !== undefined) return ofGrant
    if (record.usedAt !== undefined) return 'used'
    const isOver = isStored ? false : hasTokenRows || (await data.store.isRevoked(digestText(token), undefined, now()))
    return isOver ? 'revoked' : this.#whyOwnersInactive(record)
  }

  async #whyGrantInactive({ grantId }: TokenRecord): Promise<InactiveReason | undefined> {
    if (grantId === undefined) return undefined
    const grant = await this.#parts.data.grants.find(grantId)
    if (grant === undefined) return 'grant_gone'
    return grant.revokedAt === undefined ? undefined : 'grant_revoked'
  }

  async #whyOwnersInactive({ clientId, userId }: TokenRecord): Promise<InactiveReason | undefined> {
    const { store, users } = this.#parts.data
    const client = clientId === undefined ? undefined : await store.findClient(clientId)
    if (client === undefined && !isDocumentId(clientId ?? '')) return 'client_gone'
    if (client !== undefined && disabledAtOf(client) !== undefined) return 'client_disabled'
    if (userId === undefined) return undefined
    const user = await users.find(userId)
    if (user === undefined) return 'user_gone'
    return user.disabledAt === undefined ? undefined : 'user_disabled'
  }
}
