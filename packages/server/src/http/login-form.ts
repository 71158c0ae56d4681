import type { HttpResponse } from 'grantry'
import { equalSecrets, isCrossSite } from './forgery.ts'
import { readForm } from './form.ts'
import { foreignTarget, isOwnTarget } from './login-target.ts'
import type { PageRequest } from './page-response.ts'
import { foreignForm } from './session.ts'
import type { Site } from './site.ts'

/** A form of a page for those who are not logged in. */
export interface LoginForm {
  readonly fields: URLSearchParams
  /** The secret of the browser, which its cookie and the form have. */
  readonly csrf: string
  /** Where the browser goes afterwards: a page of this server. */
  readonly to: string
}

/** Reads a form that a page of ours showed to this browser; or gives the answer to send. */
export const readLoginForm = async (site: Site, request: PageRequest): Promise<LoginForm | HttpResponse> => {
  const { path, origin } = site.issuer
  const fields = (await readForm(request)) ?? new URLSearchParams()
  const csrf = site.cookies.login.read(request)
  if (isCrossSite(request, origin) || csrf === undefined || !equalSecrets(fields.get('csrf') ?? '', csrf))
    return foreignForm(site, request)
  const to = fields.get('to') ?? ''
  return isOwnTarget(to, path) ? { fields, csrf, to } : foreignTarget(site, request)
}
