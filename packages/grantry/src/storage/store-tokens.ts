import { seal, unseal } from '#platform'
import { cibaGrantType } from '../core/backchannel.ts'
import { deviceCodeGrantType } from '../core/device-authorization.ts'
import type { TokenResponse } from '../core/records.ts'
import type { RotationOutcome } from '../core/request-validator.ts'
import type { TokenContext } from '../core/token-context.ts'
import type { GuardedStore } from './guarded-store.ts'
import { accessTokenRow, liveUntil, newGrant, refreshTokenRow } from './rows.ts'
import { sessionOfGrant, type EndsWithSession } from './session-end.ts'
import type { AccessTokenRow, GrantRow, NewTokens } from './store-rows.ts'
import type { TokenDigest } from './token-digest.ts'

const startedByTokens: readonly string[] = [deviceCodeGrantType, cibaGrantType]

/** What sealed successors are for. */
const sealing = 'refresh token successor'

/** Saves and rotates tokens in a store. */
export class StoreTokens {
  readonly #store: GuardedStore
  readonly #digest: TokenDigest
  readonly #endsWithSession: EndsWithSession

  constructor(store: GuardedStore, digest: TokenDigest, endsWithSession: EndsWithSession) {
    this.#store = store
    this.#digest = digest
    this.#endsWithSession = endsWithSession
  }

  /** Rotates, and seals the successor under the presented token. */
  async rotate(presented: string, token: TokenResponse, context: TokenContext): Promise<RotationOutcome> {
    const { refreshToken, grantId, issuedAt: now, rotation } = context
    if (refreshToken === undefined || token.refresh_token === undefined || grantId === undefined) return 'unknown'
    const successor = refreshTokenRow(this.#digest.of(token.refresh_token), grantId, refreshToken)
    const sealed = await seal(token.refresh_token, presented, sealing)
    const rows = { successor, sealed, access: this.#accessRow(token, context), liveUntil: liveUntil(context) }
    const result = await this.#digest.find(presented, async (digest) => {
      const outcome = await this.#store.rotateRefreshToken({ digest, ...rows, now, ...rotation })
      return outcome.outcome === 'unknown' ? undefined : outcome
    })
    if (result?.outcome !== 'replayed') return result?.outcome ?? 'unknown'
    return { replayed: await unseal(result.sealed, presented, sealing) }
  }

  /** Saves the tokens and the family that they start, in one step, and says whether the family is live. */
  async save(token: TokenResponse, context: TokenContext): Promise<boolean> {
    const { refreshToken, grantId, grantType } = context
    // The family of a device code or an auth_req_id has an id from the beginning, so that a second use can end it; it is the tokens that start it.
    const startsGrant = grantId !== context.authorization.grantId || startedByTokens.includes(grantType)
    const access = this.#accessRow(token, context)
    if (access === undefined && grantId === undefined) return true
    return this.#store.putTokens({
      grant: startsGrant && grantId !== undefined ? this.#newGrant(grantId, context) : undefined,
      grantId: startsGrant ? undefined : grantId,
      access,
      refresh:
        refreshToken && token.refresh_token !== undefined && grantId !== undefined
          ? refreshTokenRow(this.#digest.of(token.refresh_token), grantId, refreshToken)
          : undefined,
      extended: this.#extendedBy(context),
      liveUntil: liveUntil(context),
    })
  }

  #newGrant(id: string, { client, user, scopes, issuedAt, authorization }: TokenContext): GrantRow {
    const sessionId = sessionOfGrant(this.#endsWithSession, scopes, authorization.openid)
    return newGrant({ id, clientId: client.id, user, sessionId, createdAt: issuedAt })
  }

  #accessRow(token: TokenResponse, { accessToken, grantId }: TokenContext): AccessTokenRow | undefined {
    return accessToken && accessTokenRow(this.#digest.of(token.access_token), grantId, accessToken)
  }

  #extendedBy({ authorization, extendedUntil }: TokenContext): NewTokens['extended'] {
    if (authorization.presented === undefined || extendedUntil === undefined) return undefined
    return { digest: this.#digest.of(authorization.presented.token), expiresAt: extendedUntil }
  }
}
