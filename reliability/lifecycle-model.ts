/** Lifetimes in seconds and limits of the modelled server: short, so that runs see all of them pass. */
export const limits = { code: 60, access: 100, refresh: 300, family: 700, grace: 10, maxReplays: 2 } as const

/** The clients: refresh tokens of one stay, those of the other rotate. */
export type ClientId = 'steady' | 'rotating'

/** The users. */
export type UserId = 'alice' | 'bob'

interface Family {
  readonly clientId: ClientId
  readonly userId: UserId
  readonly scopes: readonly string[]
  isRevoked: boolean
}

/** A code. */
export interface ModelCode {
  readonly text: string
  readonly clientId: ClientId
  readonly family: Family
  readonly expiresAt: number
  isUsed: boolean
  /** Answers with tokens that it gave. */
  answers: number
}

/** An access token. */
export interface ModelAccess {
  readonly text: string
  readonly clientId: ClientId
  /** Undefined where a client got it for itself. */
  readonly family: Family | undefined
  readonly expiresAt: number
  isRevoked: boolean
}

/** A refresh token. */
export interface ModelRefresh {
  readonly text: string
  readonly clientId: ClientId
  readonly family: Family
  readonly familyExpiresAt: number
  expiresAt: number
  replays: number
  successor: ModelRefresh | undefined
  supersededAt: number | undefined
}

/** What the reference says that a refresh request gives. */
export type Expected =
  | { readonly error: 'invalid_client' | 'invalid_grant' | 'invalid_scope' }
  | { readonly error: undefined; readonly kind: 'rotated' | 'replayed' | 'stays'; readonly scopes: readonly string[] }

/** The reference: what a provider is to do, without storage, messages and secrets. */
export class Model {
  now = 1_800_000_000
  readonly codes: ModelCode[] = []
  readonly access: ModelAccess[] = []
  readonly refresh: ModelRefresh[] = []
  /** Clients that are deleted. */
  readonly disabled = new Set<ClientId>()
  readonly #families: Family[] = []

  /** A user approves `scopes` for a client. */
  approve(text: string, { clientId, userId, scopes }: Omit<Family, 'isRevoked'>): void {
    const family = { clientId, userId, scopes, isRevoked: false }
    this.#families.push(family)
    this.codes.push({ text, clientId, family, expiresAt: this.now + limits.code, isUsed: false, answers: 0 })
  }

  /** An operator ends all families of a user or of a client. */
  endFamilies({ clientId, userId }: { readonly clientId?: ClientId; readonly userId?: UserId }): void {
    for (const family of this.#families)
      if (family.clientId === (clientId ?? family.clientId) && family.userId === (userId ?? family.userId))
        family.isRevoked = true
  }

  /** A client presents a code. A second use ends what the first one gave. */
  redeem(code: ModelCode, clientId: ClientId): 'tokens' | 'invalid_client' | 'invalid_grant' {
    if (this.disabled.has(clientId)) return 'invalid_client'
    if (code.clientId !== clientId || code.expiresAt <= this.now) return 'invalid_grant'
    if (code.isUsed) {
      code.family.isRevoked = true
      return 'invalid_grant'
    }
    code.isUsed = true
    return code.family.isRevoked ? 'invalid_grant' : 'tokens'
  }

  /** A client presents a refresh token, and asks for `scopes` or for all. */
  exchange(token: ModelRefresh, clientId: ClientId, asked: readonly string[] | undefined): Expected {
    const { family } = token
    if (this.disabled.has(clientId)) return { error: 'invalid_client' }
    if (family.isRevoked || token.clientId !== clientId || token.expiresAt <= this.now)
      return { error: 'invalid_grant' }
    const scopes = asked ?? family.scopes
    if (!scopes.every((scope) => family.scopes.includes(scope))) return { error: 'invalid_scope' }
    if (clientId === 'steady') {
      token.expiresAt = Math.min(this.now + limits.refresh, token.familyExpiresAt)
      return { error: undefined, kind: 'stays', scopes }
    }
    if (token.supersededAt === undefined) {
      token.supersededAt = this.now
      return { error: undefined, kind: 'rotated', scopes }
    }
    const isLate = this.now - token.supersededAt > limits.grace || token.replays >= limits.maxReplays
    if (isLate || token.successor?.supersededAt !== undefined) {
      family.isRevoked = true
      return { error: 'invalid_grant' }
    }
    token.replays++
    return { error: undefined, kind: 'replayed', scopes }
  }

  /** Notes a new access token. */
  addAccess(text: string, clientId: ClientId, family: Family | undefined): void {
    this.access.push({ text, clientId, family, expiresAt: this.now + limits.access, isRevoked: false })
  }

  /** Notes a new refresh token. */
  addRefresh(
    text: string,
    { clientId, family }: Pick<ModelRefresh, 'clientId' | 'family'>,
    familyExpiresAt = this.now + limits.family,
  ): ModelRefresh {
    const expiresAt = Math.min(this.now + limits.refresh, familyExpiresAt)
    const lineage = { replays: 0, successor: undefined, supersededAt: undefined }
    const token: ModelRefresh = { text, clientId, family, familyExpiresAt, expiresAt, ...lineage }
    this.refresh.push(token)
    return token
  }

  /** Whether a token is to be active now. */
  isActive(token: ModelAccess | ModelRefresh): boolean {
    if (token.expiresAt <= this.now || token.family?.isRevoked === true) return false
    return 'isRevoked' in token ? !token.isRevoked : token.supersededAt === undefined
  }

  /** A client revokes a token of its own; a refresh token ends its family, also when it is not the newest. */
  revoke(token: ModelAccess | ModelRefresh): 'done' | 'invalid_client' {
    if (this.disabled.has(token.clientId)) return 'invalid_client'
    if (token.expiresAt <= this.now) return 'done'
    if ('isRevoked' in token) token.isRevoked = true
    else token.family.isRevoked = true
    return 'done'
  }
}
