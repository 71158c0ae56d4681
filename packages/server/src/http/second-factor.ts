import type { HttpResponse } from 'grantry'
import { secondFactorPage } from '../pages/second-factor.ts'
import { byPasswordAndCode } from './authentication-classes.ts'
import { equalSecrets, isCrossSite } from './forgery.ts'
import { queryOf, readForm } from './form.ts'
import { frameOf } from './frame.ts'
import { loginTo } from './login.ts'
import { foreignTarget, isOwnTarget, purposeOf } from './login-target.ts'
import { page, retryLater, seeOther, type PageRequest } from './page-response.ts'
import { foreignForm } from './session.ts'
import type { Site } from './site.ts'
import { startSession } from './start-session.ts'

interface Shown {
  readonly status: number
  readonly csrf: string
  readonly to: string
  readonly problem?: string
}

const form = async (site: Site, http: PageRequest, { status, csrf, to, problem }: Shown): Promise<HttpResponse> => {
  const body = secondFactorPage({ ...frameOf(site, http), csrf, to, problem })
  return page(status, body, { formTarget: (await purposeOf(site, http, to))?.formTarget })
}

/** Shows the page that asks for the second factor, to a browser that gave the right password. */
export const showSecondFactor = async (site: Site, request: PageRequest): Promise<HttpResponse> => {
  const { path } = site.issuer
  const to = new URLSearchParams(queryOf(request.url)).get('to') ?? `${path}/`
  if (!isOwnTarget(to, path)) return foreignTarget(site, request)
  const csrf = site.cookies.login.read(request)
  if (csrf === undefined || site.secondFactor.read(request, csrf) === undefined) return seeOther(loginTo(path, to))
  return form(site, request, { status: 200, csrf, to })
}

/** Takes the code, and starts the session. */
export const submitSecondFactor = async (site: Site, request: PageRequest): Promise<HttpResponse> => {
  const { path, origin } = site.issuer
  const fields = (await readForm(request)) ?? new URLSearchParams()
  const csrf = site.cookies.login.read(request)
  if (isCrossSite(request, origin) || csrf === undefined || !equalSecrets(fields.get('csrf') ?? '', csrf))
    return foreignForm(site, request)
  const to = fields.get('to') ?? ''
  if (!isOwnTarget(to, path)) return foreignTarget(site, request)
  const account = site.secondFactor.read(request, csrf)
  if (account === undefined) return seeOther(loginTo(path, to))
  const { username } = account
  const attempt = { username, address: request.address, device: site.devices.find(request, username, site.now()) }
  const refusal = await site.limits.takeCode(attempt)
  if (refusal !== undefined) {
    site.log({ type: 'login.limited', limit: refusal.limit, userId: account.id })
    const answer = await form(site, request, { status: 429, csrf, to, problem: request.messages.secondFactor.limited })
    return retryLater(answer, refusal.retryAfter)
  }
  if (!(await site.factors.check(account.id, (fields.get('code') ?? '').slice(0, 64)))) {
    site.log({ type: 'login.refused', factor: 'second', userId: account.id })
    return form(site, request, { status: 400, csrf, to, problem: request.messages.secondFactor.wrong })
  }
  await site.limits.clearCode(attempt)
  return startSession(site, request, { account, amr: byPasswordAndCode, to })
}
