import type { HttpResponse } from 'grantry'
import { backToAccount, readAccountForm } from './account.ts'
import { handleOf, waysInOf } from './account-logins.ts'
import { loginTo } from './login.ts'
import { seeOther, type PageRequest } from './page-response.ts'
import type { Site } from './site.ts'
import { isRecent } from './recent-login.ts'

/** Takes a login elsewhere away, not the last way in. */
export const disconnectLogin = async (site: Site, http: PageRequest): Promise<HttpResponse> => {
  const read = await readAccountForm(site, http, 'account_unlink', 'login')
  if ('status' in read) return read
  const { session, fields } = read
  const { userId } = session
  if (!isRecent(site, session)) return seeOther(loginTo(site.issuer.path, `${site.issuer.path}/account`))
  const identity = (await site.upstreams.listOf(userId)).find((each) => handleOf(each) === fields.get('login'))
  if (identity === undefined || !(await site.upstreams.disconnect(userId, identity, await waysInOf(site, userId))))
    return backToAccount(site, '')
  site.log({ type: 'identity.disconnected', userId })
  return backToAccount(site, 'disconnected')
}
