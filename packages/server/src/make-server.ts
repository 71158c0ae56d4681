import { OpenIdServer, StoreValidator, type Claims, type KeyRing, type Store, type User } from 'grantry'
import { accessTokenOptions } from './access-tokens.ts'
import type { Accounts } from './accounts/guarded-accounts.ts'
import { ClientOrigins } from './client-origins.ts'
import { eventsTo } from './log.ts'
import type { Issuer, Settings } from './settings.ts'

/** The validator over a store that also knows the users. */
class ServerValidator extends StoreValidator {
  readonly #accounts: Pick<Accounts, 'findClaims'>

  constructor(store: Store, accounts: Pick<Accounts, 'findClaims'>) {
    super(store, { sweepEvery: 0 }) // the sweeper does it
    this.#accounts = accounts
  }

  async getUserClaims({ id }: User): Promise<Claims> {
    return (await this.#accounts.findClaims(id)) ?? {}
  }
}

/** Scopes with a meaning of their own; those of clients are theirs (RFC 8414 §2 lets some be left out). */
const standardScopes = ['openid', 'profile', 'email', 'address', 'phone', 'offline_access']

/** What the protocol works with. */
export interface ServerParts {
  readonly store: Store
  readonly accounts: Pick<Accounts, 'findClaims'>
  readonly keys: KeyRing
  readonly pairwiseSalt: string
}

/** The OpenID provider behind the pages. */
export const makeServer = (settings: Settings, issuer: Issuer, parts: ServerParts): OpenIdServer => {
  const { log, now, resources, tokenFormat, profile } = settings
  const { store, accounts, keys, pairwiseSalt } = parts
  const origins = new ClientOrigins(store, now)
  return new OpenIdServer(new ServerValidator(store, accounts), {
    issuer: issuer.url,
    resources,
    scopes: standardScopes,
    events: eventsTo(log),
    now,
    device: { verificationUri: `${issuer.origin}${issuer.path}/device` },
    isOriginAllowed: (origin) => origins.has(origin),
    openid: { keys, pairwiseSalt, logoutPath: '/logout', profile },
    ...accessTokenOptions(tokenFormat, issuer.url, keys),
  })
}
