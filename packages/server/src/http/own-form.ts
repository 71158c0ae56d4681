import type { HttpResponse } from 'grantry'
import type { Session } from '../accounts/account-tables.ts'
import { isCrossSite, isOwnForm, type BoundForm } from './forgery.ts'
import { readForm } from './form.ts'
import { loginTo } from './login.ts'
import { seeOther, type PageRequest } from './page-response.ts'
import { foreignForm, sessionOf } from './session.ts'
import type { Site } from './site.ts'

/** A form of one of our pages, with who sent it. */
export interface OwnForm {
  readonly session: Session
  readonly fields: URLSearchParams
}

/** Which form it must be. */
export interface ExpectedForm {
  readonly form: BoundForm['form']
  /** What it must have shown, as its fields say it. Default: nothing. */
  readonly shown?: (fields: URLSearchParams) => string
  /** The page to come back to after a login, where nobody is logged in. */
  readonly page: (fields: URLSearchParams) => string
}

/** Reads a form that a page showed to who is logged in; or gives the answer to send, where another site or nobody sent it. */
export const readOwnForm = async (
  site: Site,
  http: PageRequest,
  { form, shown = () => '', page }: ExpectedForm,
): Promise<HttpResponse | OwnForm> => {
  const fields = (await readForm(http)) ?? new URLSearchParams()
  if (isCrossSite(http, site.issuer.origin)) return foreignForm(site, http)
  const session = await sessionOf(site, http)
  if (session === undefined) return seeOther(loginTo(site.issuer.path, page(fields)))
  return isOwnForm(fields, session, { form, shown: shown(fields) }) ? { session, fields } : foreignForm(site, http)
}
