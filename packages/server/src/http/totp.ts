import { createHmac, randomBytes } from 'node:crypto'
import type { HttpResponse } from 'grantry'
import type { Session } from '../accounts/account-tables.ts'
import { otpauthUri, toBase32 } from '../accounts/totp.ts'
import { messagePage } from '../pages/message.ts'
import { enrolTotpPage, recoveryCodesPage, removeTotpPage } from '../pages/totp.ts'
import { withDeadline } from '../request-deadline.ts'
import { confirmationFor, confirmUser, problemPage, type Problem } from './confirm-user.ts'
import { frameOf } from './frame.ts'
import { byCode } from './authentication-classes.ts'
import { formToken, type BoundForm } from './forgery.ts'
import { loginTo } from './login.ts'
import { readOwnForm, type OwnForm } from './own-form.ts'
import { page, seeOther, type PageRequest } from './page-response.ts'
import { sessionOf } from './session.ts'
import type { Site } from './site.ts'

const pathOf = ({ issuer }: Site): string => `${issuer.path}/account/totp`

/** The secret that a page shows: nothing is stored until it is confirmed. Only this login of this browser gets it from a nonce. */
const secretOf = ({ pageSecret }: Site, { id }: Session, nonce: string): Uint8Array =>
  createHmac('sha256', pageSecret).update(['totp', id, nonce].join('\n')).digest().subarray(0, 20)

interface Enrolment {
  readonly session: Session
  readonly nonce: string
}

const showEnrolment = async (
  site: Site,
  http: PageRequest,
  { session, nonce }: Enrolment,
  problem?: Problem,
): Promise<HttpResponse> => {
  const confirmation = await confirmationFor(site, session, pathOf(site), problem)
  const secret = secretOf(site, session, nonce)
  const body = enrolTotpPage({
    ...{ ...frameOf(site, http), ...confirmation },
    csrf: formToken(session, { form: 'totp', shown: nonce }),
    nonce,
    secret: toBase32(secret),
    uri: otpauthUri(secret, new URL(site.issuer.url).host, session.username),
  })
  return problemPage(body, problem, { hasScript: confirmation.passkey !== undefined })
}

const showRemoval = async (
  site: Site,
  http: PageRequest,
  session: Session,
  problem?: Problem,
): Promise<HttpResponse> => {
  const codesLeft = (await site.factors.recoveryCodesLeft(session.userId)) ?? 0
  const csrf = formToken(session, { form: 'remove_totp', shown: '' })
  const confirmation = await confirmationFor(site, session, pathOf(site), problem)
  const body = removeTotpPage({ ...frameOf(site, http), ...confirmation, csrf, codesLeft })
  return problemPage(body, problem, { hasScript: confirmation.passkey !== undefined })
}

/** Shows how to turn the second factor on, or off where it is on. */
export const showTotp = async (site: Site, http: PageRequest): Promise<HttpResponse> => {
  const session = await sessionOf(site, http)
  if (session === undefined) return seeOther(loginTo(site.issuer.path, pathOf(site)))
  if (await site.factors.has(session.userId)) return showRemoval(site, http, session)
  return showEnrolment(site, http, { session, nonce: randomBytes(16).toString('base64url') })
}

const readTotpForm = (site: Site, http: PageRequest, form: BoundForm['form']): Promise<OwnForm | HttpResponse> =>
  readOwnForm(site, http, { form, shown: (fields) => fields.get('nonce') ?? '', page: () => pathOf(site) })

/** Turns the second factor on, where password and code are right, and shows the recovery codes. */
export const submitTotp = async (site: Site, http: PageRequest): Promise<HttpResponse> => {
  const form = await readTotpForm(site, http, 'totp')
  if ('status' in form) return form
  const { session, fields } = form
  const nonce = fields.get('nonce') ?? ''
  const problem = await confirmUser(site, http, form)
  if (problem !== undefined) return withDeadline(() => showEnrolment(site, http, { session, nonce }, problem))
  return withDeadline(async () => {
    const secret = secretOf(site, session, nonce)
    const codes = await site.factors.enrol(session.userId, secret, (fields.get('code') ?? '').slice(0, 16))
    if (codes === undefined) {
      const text = http.messages.totp.wrong
      return showEnrolment(site, http, { session, nonce }, { status: 400, text })
    }
    await site.accounts.changeMethods(session.id, [...new Set([...session.amr, ...byCode])])
    site.log({ type: 'second_factor.added', userId: session.userId })
    return page(200, recoveryCodesPage(frameOf(site, http), codes))
  })
}

/** Turns it off, where the password is right. */
export const submitTotpRemoval = async (site: Site, http: PageRequest): Promise<HttpResponse> => {
  const form = await readTotpForm(site, http, 'remove_totp')
  if ('status' in form) return form
  const { session } = form
  const problem = await confirmUser(site, http, form)
  return withDeadline(async () => {
    if (problem !== undefined) return showRemoval(site, http, session, problem)
    if (await site.factors.remove(session.userId)) site.log({ type: 'second_factor.removed', userId: session.userId })
    return page(
      200,
      messagePage({ ...frameOf(site, http), title: http.messages.totp.title, message: http.messages.totp.off }),
    )
  })
}
