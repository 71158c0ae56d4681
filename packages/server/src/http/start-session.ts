import type { HttpResponse } from 'grantry'
import type { Account } from '../accounts/account-tables.ts'
import { authorizePath, markDone } from './done.ts'
import { requestIn } from './login-target.ts'
import type { PendingAccount } from './pending-login.ts'
import { seeOther, type PageRequest } from './page-response.ts'
import { sessionOf } from './session.ts'
import type { Site } from './site.ts'

/** Who logged in, how, and where to go on. */
export interface LoggedIn {
  readonly account: Pick<Account, 'id' | 'username' | 'passwordVersion'>
  /** The methods (RFC 8176). */
  readonly amr: readonly string[]
  readonly to: string
  /** When, in seconds. Default: now. */
  readonly authTime?: number | undefined
  /** The provider that the login was at. */
  readonly upstream?: PendingAccount['upstream']
}

/**
 * A new session id at every login, so that one planted before is worth nothing; the old session ends. Where it was of the same user, clients
 * that know it by its `sid` go on knowing it.
 */
export const startSession = async (
  site: Site,
  request: PageRequest,
  { account, amr, to, authTime, upstream }: LoggedIn,
): Promise<HttpResponse> => {
  const now = site.now()
  const old = await sessionOf(site, request)
  const sid = old?.userId === account.id ? old.sid : undefined
  if (old !== undefined) await (sid === undefined ? site.links.end(old) : site.links.carryOn(old))
  const session = await site.accounts.startSession(account, now, { sid, amr, authTime, upstream })
  site.log({ type: 'login.accepted', userId: account.id, amr, upstream: upstream?.id })
  const known = site.devices.remember(request, account.username, now)
  return seeOther(
    afterLogin(site, session, to),
    site.cookies.session.write(session),
    known,
    ...site.secondFactor.clear(request),
  )
}

/** Where the browser goes: back to its authorization request with a mark that the user logged in for it. */
const afterLogin = ({ issuer: { path }, pageSecret: secret, now }: Site, sessionId: string, to: string): string => {
  const query = requestIn(to, path)
  return query === undefined
    ? to
    : authorizePath(path, query, markDone('login', { secret, sessionId, query, now: now() }))
}
