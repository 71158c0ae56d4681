import type { HttpResponse } from 'grantry'
import { secondFactorPage } from '../pages/second-factor.ts'
import { byCode, byPasswordAndCode } from './authentication-classes.ts'
import { queryOf } from './form.ts'
import { frameOf } from './frame.ts'
import { readLoginForm } from './login-form.ts'
import { loginTo } from './login.ts'
import { foreignTarget, isOwnTarget, purposeOf } from './login-target.ts'
import { page, retryLater, seeOther, type PageRequest } from './page-response.ts'
import type { PendingAccount } from './pending-login.ts'
import type { Site } from './site.ts'
import { startSession } from './start-session.ts'

interface Shown {
  readonly status: number
  readonly csrf: string
  readonly to: string
  /** Whose password was right. */
  readonly pending: PendingAccount
  readonly problem?: string
  readonly passkeyProblem?: string
}

/** The page that asks for the second factor: for the code of an app, for a passkey, or for either. */
export const showSecondFactorForm = async (site: Site, http: PageRequest, state: Shown): Promise<HttpResponse> => {
  const { status, csrf, to, pending, problem, passkeyProblem } = state
  const { id: userId } = pending
  const hasPasskey = await site.passkeys.has(userId)
  const options = hasPasskey ? await site.passkeys.askOptions({ purpose: 'second', browser: csrf, userId }) : undefined
  const body = secondFactorPage({
    ...{ ...frameOf(site, http), csrf, to, problem },
    hasApp: await site.factors.has(userId),
    passkey: options && { options, problem: passkeyProblem },
  })
  return page(status, body, { formTarget: (await purposeOf(site, http, to))?.formTarget, hasScript: hasPasskey })
}

/** Shows it to a browser that gave the right password. */
export const showSecondFactor = async (site: Site, request: PageRequest): Promise<HttpResponse> => {
  const { path } = site.issuer
  const to = new URLSearchParams(queryOf(request.url)).get('to') ?? `${path}/`
  if (!isOwnTarget(to, path)) return foreignTarget(site, request)
  const csrf = site.cookies.login.read(request)
  const pending = csrf === undefined ? undefined : site.secondFactor.read(request, csrf)
  if (csrf === undefined || pending === undefined) return seeOther(loginTo(path, to))
  return showSecondFactorForm(site, request, { status: 200, csrf, to, pending })
}

/** Takes the code, and starts the session. */
export const submitSecondFactor = async (site: Site, request: PageRequest): Promise<HttpResponse> => {
  const form = await readLoginForm(site, request)
  if ('status' in form) return form
  const { fields, csrf, to } = form
  const pending = site.secondFactor.read(request, csrf)
  if (pending === undefined) return seeOther(loginTo(site.issuer.path, to))
  const { username } = pending
  const attempt = { username, address: request.address, device: site.devices.find(request, username, site.now()) }
  const again = (status: number, problem: string) =>
    showSecondFactorForm(site, request, { status, csrf, to, pending, problem })
  const refusal = await site.limits.takeCode(attempt)
  if (refusal !== undefined) {
    site.log({ type: 'login.limited', limit: refusal.limit, userId: pending.id })
    return retryLater(await again(429, request.messages.secondFactor.limited), refusal.retryAfter)
  }
  if (!(await site.factors.check(pending.id, (fields.get('code') ?? '').slice(0, 64)))) {
    site.log({ type: 'login.refused', factor: 'second', userId: pending.id })
    return again(400, request.messages.secondFactor.wrong)
  }
  await site.limits.clearCode(attempt)
  return startSession(site, request, {
    account: pending,
    amr: pending.upstream === undefined ? byPasswordAndCode : byCode,
    upstream: pending.upstream,
    to,
  })
}
