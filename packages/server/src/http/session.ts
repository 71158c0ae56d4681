import type { Session } from '../accounts/account-tables.ts'
import { frameOf } from './frame.ts'
import { problem, type PageRequest } from './page-response.ts'
import type { HttpResponse } from 'grantry'
import type { Site } from './site.ts'

/** The session of the browser, where it is logged in and the user still is who logged in. */
export const sessionOf = async (site: Site, request: Pick<PageRequest, 'headers'>): Promise<Session | undefined> => {
  const id = site.cookies.session.read(request)
  const session = id === undefined ? undefined : await site.accounts.findSession(id, site.now())
  return session !== undefined && (await site.users.stateOf(session.userId)) === 'same' ? session : undefined
}

/** The page for a form that another site posted, or that is of another session. */
export const foreignForm = (site: Site, request: PageRequest): HttpResponse => {
  site.log({ type: 'page.refused', reason: 'form_foreign' })
  return problem(403, request.messages.errors.foreignForm(site.issuer.url), frameOf(site, request))
}
