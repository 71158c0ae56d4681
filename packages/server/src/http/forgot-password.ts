import { randomBytes } from 'node:crypto'
import type { HttpResponse } from 'grantry'
import { messagePage } from '../pages/message.ts'
import { forgotPasswordPage } from '../pages/reset-password.ts'
import { queryOf } from './form.ts'
import { frameOf } from './frame.ts'
import { readLoginForm } from './login-form.ts'
import { foreignTarget, isOwnTarget } from './login-target.ts'
import { page, problem, retryLater, type PageRequest } from './page-response.ts'
import type { Site } from './site.ts'

const longestUsername = 256

/** Shows the page for who has forgotten a password. */
export const showForgotPassword = async (site: Site, http: PageRequest): Promise<HttpResponse> => {
  const to = new URLSearchParams(queryOf(http.url)).get('to') ?? `${site.issuer.path}/`
  if (!isOwnTarget(to, site.issuer.path)) return foreignTarget(site, http)
  const csrf = site.cookies.login.read(http) ?? randomBytes(32).toString('base64url')
  const body = forgotPasswordPage({ ...frameOf(site, http), csrf, to, username: '', problem: undefined })
  return page(200, body, { cookie: site.cookies.login.write(csrf) })
}

/** Takes the request. The same answer after the same work for every name: what comes of it is done beside requests. */
export const submitForgotPassword = async (site: Site, http: PageRequest): Promise<HttpResponse> => {
  const form = await readLoginForm(site, http)
  if ('status' in form) return form
  const { fields, to } = form
  const { signUp, lang: language } = http.messages
  if (!(await site.accountLimits.mayAskForReset(http.address)))
    return retryLater(problem(429, signUp.forgotLimited, frameOf(site, http)), site.accountLimits.retryAfter)
  const username = (fields.get('username') ?? '').trim().slice(0, longestUsername)
  const mayBeSent = await site.accountLimits.mayBeSentReset(username)
  const account = await site.accounts.find(username)
  const userId = mayBeSent ? account?.id : undefined
  await site.requestReset({ userId, to, language, requestedAt: site.now() })
  site.log({ type: 'password.reset_requested', userId: account?.id, isSent: userId !== undefined })
  const shown = { title: signUp.forgotSentTitle, message: signUp.forgotSent, link: undefined }
  return page(200, messagePage({ ...frameOf(site, http), ...shown }))
}
