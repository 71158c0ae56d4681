import type { Claims } from '../core/claims.ts'
import { ConfigurationError } from '../core/errors.ts'
import { randomString } from '../util/random.ts'
import type { TicketStore } from './store.ts'
import { TokenDigest, type DigestOptions } from './token-digest.ts'

/** The kind of the tickets of initial access tokens. */
export const initialAccessTicket = 'initial_access_token'

/** An initial access token to make. The keys of digests are those of the `StoreValidator`. */
export interface InitialAccessTokenOptions extends Pick<DigestOptions, 'digestKeys'> {
  /** Seconds since the epoch. */
  readonly now: number
  /** Lifetime in seconds. Default: 86400, one day. */
  readonly expiresIn?: number | undefined
  /** Whether it registers any number of clients until it expires. Default: false, one client. */
  readonly isReusable?: boolean | undefined
  /** Whatever the policy should know of who registers with it. Default: nothing. */
  readonly claims?: Claims | undefined
}

/** Makes a token that lets its holder register a client (RFC 7591 §1.2). It is shown here and never again; the store has its digest. */
export const createInitialAccessToken = async (
  store: Pick<TicketStore, 'putTicket'>,
  { now, expiresIn = 86_400, isReusable = false, claims = {}, digestKeys }: InitialAccessTokenOptions,
): Promise<string> => {
  if (!Number.isSafeInteger(expiresIn) || expiresIn < 1)
    throw new ConfigurationError('expiresIn must be whole seconds above 0.')
  const token = randomString()
  const digest = new TokenDigest({ digestKeys }).of(token)
  const isSaved = await store.putTicket(
    {
      ...{ kind: initialAccessTicket, digest, altDigest: digest, clientId: '', grantId: undefined },
      ...{ state: isReusable ? 'reusable' : 'single', payload: claims, interval: 0, expiresAt: now + expiresIn },
    },
    now,
  )
  if (!isSaved) throw new Error('a random token is taken')
  return token
}
