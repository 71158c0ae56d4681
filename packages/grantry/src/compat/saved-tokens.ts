import type { TokenResponse } from '../core/records.ts'
import type { TokenContext } from '../core/token-context.ts'
import type { ModelScope, ModelToken, NewModelToken } from './model.ts'
import { fromDate, modelError, scopesOf, toDate } from './read-model.ts'

/**
 * Tokens for a model. They have the names of early releases of version 3 as well, by which its example for MongoDB reads them, but not
 * as members of their own, which a model may copy into a table.
 */
class TokensToSave {
  constructor(tokens: NewModelToken) {
    Object.assign(this, tokens)
  }

  get accessTokenExpiresOn(): Date | undefined {
    return (this as unknown as NewModelToken).accessTokenExpiresAt // assigned above
  }

  get refreshTokenExpiresOn(): Date | undefined {
    return (this as unknown as NewModelToken).refreshTokenExpiresAt // assigned above
  }
}

/** What is known beside the tokens. */
interface Circumstances {
  readonly scope: ModelScope
  readonly refreshLifetime: number
  readonly authorizationCode: string | undefined
}

/** What a model is to save. */
export const tokensToSave = (
  token: TokenResponse,
  { issuedAt, expiresIn, refreshToken }: TokenContext,
  { scope, refreshLifetime, authorizationCode }: Circumstances,
): NewModelToken => {
  const fresh = refreshToken === undefined ? undefined : token.refresh_token // else it is the presented one, which stays
  const tokens: NewModelToken = {
    accessToken: token.access_token,
    accessTokenExpiresAt: toDate(issuedAt + expiresIn),
    ...(fresh !== undefined && { refreshToken: fresh, refreshTokenExpiresAt: toDate(issuedAt + refreshLifetime) }),
    ...(authorizationCode !== undefined && { authorizationCode }),
    scope,
  }
  return new TokensToSave(tokens) as unknown as NewModelToken // it has been assigned all of them
}

const known = [
  'accessToken',
  'accessTokenExpiresAt',
  'refreshToken',
  'refreshTokenExpiresAt',
  'scope',
  'client',
  'user',
]

const ownMembers = (saved: ModelToken): object =>
  Object.fromEntries(Object.entries(saved).filter(([name]) => !known.includes(name)))

/** The response for what a model saved, where that differs from what it was given. */
export const responseOf = (
  saved: ModelToken,
  token: TokenResponse,
  { now, sendsOwnMembers }: { readonly now: number; readonly sendsOwnMembers: boolean },
): TokenResponse => {
  const { accessToken, refreshToken, scope, accessTokenExpiresAt } = saved
  const expiresIn = accessTokenExpiresAt && fromDate(accessTokenExpiresAt, 'accessTokenExpiresAt of saveToken') - now
  if (expiresIn !== undefined && expiresIn <= 0) throw modelError('saveToken returned an access token that has expired')
  return {
    ...(sendsOwnMembers && ownMembers(saved)),
    ...token,
    ...(accessToken && { access_token: accessToken }),
    ...(refreshToken && token.refresh_token !== undefined && { refresh_token: refreshToken }),
    ...(scope && { scope: scopesOf(scope).join(' ') || undefined }),
    ...(expiresIn !== undefined && { expires_in: expiresIn }),
  }
}
