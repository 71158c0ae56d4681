import { createHmac, randomBytes } from 'node:crypto'
import type { HttpResponse } from 'grantry'
import type { Session } from '../accounts/account-tables.ts'
import { PasswordPoolBusyError } from '../accounts/password-pool.ts'
import { otpauthUri, toBase32 } from '../accounts/totp.ts'
import { messagePage } from '../pages/message.ts'
import { enrolTotpPage, recoveryCodesPage, removeTotpPage, totpTexts } from '../pages/totp.ts'
import { withDeadline } from '../request-deadline.ts'
import { byPasswordAndCode } from './authentication-classes.ts'
import { formToken, isCrossSite, isOwnForm, type BoundForm } from './forgery.ts'
import { readForm } from './form.ts'
import { loginTo } from './login.ts'
import { page, retryLater, seeOther, type PageRequest } from './page-response.ts'
import { foreignForm, sessionOf } from './session.ts'
import type { Site } from './site.ts'

const pathOf = ({ issuer }: Site): string => `${issuer.path}/account/totp`

/** The secret that a page shows: nothing is stored until it is confirmed. Only this login of this browser gets it from a nonce. */
const secretOf = ({ pageSecret }: Site, { id }: Session, nonce: string): Uint8Array =>
  createHmac('sha256', pageSecret).update(['totp', id, nonce].join('\n')).digest().subarray(0, 20)

interface Problem {
  readonly status: number
  readonly text: string
  readonly retryAfter?: number
}

const answer = (body: string, problem: Problem | undefined): HttpResponse => {
  const shown = page(problem?.status ?? 200, body)
  return problem?.retryAfter === undefined ? shown : retryLater(shown, problem.retryAfter)
}

const showEnrolment = (site: Site, session: Session, nonce: string, problem?: Problem): HttpResponse => {
  const secret = secretOf(site, session, nonce)
  const body = enrolTotpPage({
    path: site.issuer.path,
    csrf: formToken(session, { form: 'totp', shown: nonce }),
    nonce,
    secret: toBase32(secret),
    uri: otpauthUri(secret, new URL(site.issuer.url).host, session.username),
    problem: problem?.text,
  })
  return answer(body, problem)
}

const showRemoval = async (site: Site, session: Session, problem?: Problem): Promise<HttpResponse> => {
  const codesLeft = (await site.factors.recoveryCodesLeft(session.userId)) ?? 0
  const csrf = formToken(session, { form: 'remove_totp', shown: '' })
  return answer(removeTotpPage({ path: site.issuer.path, csrf, codesLeft, problem: problem?.text }), problem)
}

/** Shows how to turn the second factor on, or off where it is on. */
export const showTotp = async (site: Site, http: PageRequest): Promise<HttpResponse> => {
  const session = await sessionOf(site, http)
  if (session === undefined) return seeOther(loginTo(site.issuer.path, pathOf(site)))
  if (await site.factors.has(session.userId)) return showRemoval(site, session)
  return showEnrolment(site, session, randomBytes(16).toString('base64url'))
}

type OwnForm = { readonly session: Session; readonly fields: URLSearchParams }

const readOwnForm = async (site: Site, http: PageRequest, form: BoundForm['form']): Promise<OwnForm | HttpResponse> => {
  const fields = (await readForm(http)) ?? new URLSearchParams()
  if (isCrossSite(http, site.issuer.origin)) return foreignForm(site, 'account')
  const session = await sessionOf(site, http)
  if (session === undefined) return seeOther(loginTo(site.issuer.path, pathOf(site)))
  const shown = fields.get('nonce') ?? ''
  return isOwnForm(fields, session, { form, shown }) ? { session, fields } : foreignForm(site, 'account')
}

/** Asks whoever is at the browser for the password again: the user may have left it. Counted as a login. */
const passwordProblemOf = async (site: Site, http: PageRequest, form: OwnForm): Promise<Problem | undefined> => {
  const { username } = form.session
  const attempt = { username, address: http.address, device: site.devices.find(http, username, site.now()) }
  const refusal = await site.limits.take(attempt)
  if (refusal !== undefined) return { status: 429, text: totpTexts.limited, retryAfter: refusal.retryAfter }
  try {
    const account = await site.passwords.check(username, form.fields.get('password') ?? '')
    if (account?.id !== form.session.userId) return { status: 400, text: totpTexts.wrongPassword }
  } catch (thrown) {
    if (!(thrown instanceof PasswordPoolBusyError)) throw thrown
    return { status: 503, text: totpTexts.busy, retryAfter: thrown.retryAfter }
  }
  return withDeadline(async () => {
    await site.limits.clear(attempt)
    return undefined
  })
}

/** Turns the second factor on, where password and code are right, and shows the recovery codes. */
export const submitTotp = async (site: Site, http: PageRequest): Promise<HttpResponse> => {
  const form = await readOwnForm(site, http, 'totp')
  if ('status' in form) return form
  const { session, fields } = form
  const nonce = fields.get('nonce') ?? ''
  const problem = await passwordProblemOf(site, http, form)
  if (problem !== undefined) return showEnrolment(site, session, nonce, problem)
  return withDeadline(async () => {
    const secret = secretOf(site, session, nonce)
    const codes = await site.factors.enrol(session.userId, secret, (fields.get('code') ?? '').slice(0, 16))
    if (codes === undefined) return showEnrolment(site, session, nonce, { status: 400, text: totpTexts.wrong })
    await site.accounts.changeMethods(session.id, byPasswordAndCode)
    site.log({ type: 'second_factor.added', userId: session.userId })
    return page(200, recoveryCodesPage(site.issuer.path, codes))
  })
}

/** Turns it off, where the password is right. */
export const submitTotpRemoval = async (site: Site, http: PageRequest): Promise<HttpResponse> => {
  const form = await readOwnForm(site, http, 'remove_totp')
  if ('status' in form) return form
  const { session } = form
  const problem = await passwordProblemOf(site, http, form)
  return withDeadline(async () => {
    if (problem !== undefined) return showRemoval(site, session, problem)
    if (await site.factors.remove(session.userId)) site.log({ type: 'second_factor.removed', userId: session.userId })
    return page(200, messagePage({ path: site.issuer.path, title: totpTexts.title, message: totpTexts.off }))
  })
}
