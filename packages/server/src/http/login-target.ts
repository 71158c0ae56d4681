import { readOpenIdRequest, type Client, type HttpResponse, type OpenIdRequest } from 'grantry'
import { frameOf } from './frame.ts'
import { formTargetOf, problem, type PageRequest } from './page-response.ts'
import type { Site } from './site.ts'

const longestTarget = 8192

/** Whether a browser may be sent there after the login: to a page of this server only. */
export const isOwnTarget = (to: string, path: string): boolean => {
  if (to.length > longestTarget || !/^[\x21-\x7e]+$/.test(to) || /[\\#]/.test(to)) return false
  const isPage = [
    `${path}/`,
    `${path}/device`,
    `${path}/account`,
    `${path}/account/totp`,
    `${path}/account/passkeys`,
  ].includes(to)
  return isPage || to.startsWith(`${path}/authorize?`) || to.startsWith(`${path}/device?`)
}

/** The authorization request that a target leads to, as a query string. */
export const requestIn = (to: string, path: string): string | undefined => {
  const start = `${path}/authorize?`
  return to.startsWith(start) ? to.slice(start.length) : undefined
}

/** What the login page shows of the authorization request that it is for. */
export const purposeOf = async (site: Site, http: PageRequest, to: string): Promise<Purpose | undefined> => {
  if (requestIn(to, site.issuer.path) === undefined) return undefined
  const text = (): Promise<string> => Promise.resolve('')
  const validation = await site.server.validateAuthorizationRequest({ ...http, method: 'GET', url: to, text })
  if (!validation.ok) return undefined
  const { request, client } = validation
  const asked = readOpenIdRequest(request.parameters)
  const { loginHint = '', prompt } = asked
  return {
    ...{ client, asked },
    loginHint: loginHint.slice(0, 256),
    wantsAccount: prompt.includes('create'),
    formTarget: formTargetOf(request.redirectUri),
  }
}

/** The authorization request that a login is for. */
export interface Purpose {
  readonly client: Client
  readonly asked: OpenIdRequest
  readonly loginHint: string
  readonly wantsAccount: boolean
  /** The form may end at the client: where the user has consented before, nothing comes between. */
  readonly formTarget: string
}

/** The page for a target that is not of this server. */
export const foreignTarget = (site: Site, request: PageRequest): HttpResponse => {
  site.log({ type: 'page.refused', reason: 'target_foreign' })
  return problem(400, request.messages.errors.foreignTarget, frameOf(site, request))
}
