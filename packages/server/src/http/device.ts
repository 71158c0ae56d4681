import type { Client, DeviceAuthorization, HttpResponse } from 'grantry'
import type { Session } from '../accounts/account-tables.ts'
import { deviceDecisionPage, devicePage } from '../pages/device.ts'
import { messagePage } from '../pages/message.ts'
import { formToken, isCrossSite, isOwnForm } from './forgery.ts'
import { queryOf, readForm } from './form.ts'
import { loginTo } from './login.ts'
import { page, problem, seeOther, type PageRequest } from './page-response.ts'
import { foreignForm, sessionOf } from './session.ts'
import type { Site } from './site.ts'

/** A device that waits, with the code as the user typed it. */
interface Waiting {
  readonly device: DeviceAuthorization
  readonly client: Client
  readonly userCode: string
}

const longestCode = 64

/** Where the page is, with a code that came in the URL. */
const pathOf = ({ issuer: { path } }: Site, userCode: string): string =>
  `${path}/device${userCode === '' ? '' : `?${new URLSearchParams({ user_code: userCode }).toString()}`}`

const showEntry = (
  site: Site,
  session: Session,
  userCode: string,
  refusal?: { status: number; text: string },
): HttpResponse => {
  const csrf = formToken(session, { form: 'device', shown: '' })
  const body = devicePage({ path: site.issuer.path, csrf, userCode, problem: refusal?.text })
  return page(refusal?.status ?? 200, body)
}

const showDecision = (site: Site, session: Session, waiting: Waiting): HttpResponse => {
  const { device, client, userCode } = waiting
  const body = deviceDecisionPage({
    path: site.issuer.path,
    csrf: formToken(session, { form: 'device_decision', shown: userCode }),
    userCode,
    client,
    scopes: device.scopes,
    claims: [],
    resources: device.resources,
    username: session.username,
  })
  return page(200, body)
}

/** Shows the page where users enter the code of a device. One in the URL is filled in, and compared by the user all the same. */
export const showDevice = async (site: Site, http: PageRequest): Promise<HttpResponse> => {
  const userCode = (new URLSearchParams(queryOf(http.url)).get('user_code') ?? '').slice(0, longestCode)
  const session = await sessionOf(site, http)
  if (session === undefined) return seeOther(loginTo(site.issuer.path, pathOf(site, userCode)))
  return showEntry(site, session, userCode)
}

const refusals = {
  unknown: { status: 400, text: 'There is no such code, or it is too old. Look at your device again.' },
  limited: { status: 429, text: 'Too many tries. Wait ten minutes, then start again on your device.' },
}

/** The session and the fields of a form of ours, or the answer to send. `shown` tells what the form was bound to. */
const readDeviceForm = async (
  site: Site,
  http: PageRequest,
  form: 'device' | 'device_decision',
): Promise<
  HttpResponse | { readonly session: Session; readonly fields: URLSearchParams; readonly userCode: string }
> => {
  const fields = (await readForm(http)) ?? new URLSearchParams()
  const userCode = (fields.get('user_code') ?? '').slice(0, longestCode)
  if (isCrossSite(http, site.issuer.origin)) return foreignForm(site, 'device')
  const session = await sessionOf(site, http)
  if (session === undefined) return seeOther(loginTo(site.issuer.path, pathOf(site, userCode)))
  const shown = form === 'device' ? '' : userCode
  return isOwnForm(fields, session, { form, shown }) ? { session, fields, userCode } : foreignForm(site, 'device')
}

const find = async (
  site: Site,
  http: PageRequest,
  session: Session,
  userCode: string,
): Promise<Waiting | 'unknown' | 'limited'> => {
  const found = await site.server.device?.find(http, { userCode, by: session.userId })
  if (found?.ok !== true) return found?.problem ?? 'unknown'
  return { device: found.device, client: found.client, userCode }
}

/** Takes a code, and asks about the device that shows it. */
export const submitDevice = async (site: Site, http: PageRequest): Promise<HttpResponse> => {
  const read = await readDeviceForm(site, http, 'device')
  if ('status' in read) return read
  const { session, userCode } = read
  const waiting = await find(site, http, session, userCode)
  if (typeof waiting === 'string') return showEntry(site, session, userCode, refusals[waiting])
  return showDecision(site, session, waiting)
}

/** Takes the decision about a device. Its form has a token for the code, so a code cannot be guessed here. */
export const submitDeviceDecision = async (site: Site, http: PageRequest): Promise<HttpResponse> => {
  const read = await readDeviceForm(site, http, 'device_decision')
  if ('status' in read) return read
  const { session, fields, userCode } = read
  const { path } = site.issuer
  const isApproved = fields.get('decision') === 'approve'
  if (!isApproved && fields.get('decision') !== 'deny') return problem(400, 'Choose one of the two buttons.', { path })
  const scopes = [...new Set(fields.getAll('scope'))]
  if (isApproved && scopes.length === 0) return problem(400, 'Leave at least one box checked, or deny.', { path })
  const user = { id: session.userId }
  const isTaken = await site.server.device?.decide(
    userCode,
    isApproved ? { approved: true, user, scopes } : { approved: false },
  )
  if (isTaken !== true) return problem(400, 'The device waits no longer. Start again on it.', { path })
  const message = isApproved ? 'Your device is connected. Go back to it.' : 'Your device was denied access.'
  return page(200, messagePage({ path, title: isApproved ? 'Device connected' : 'Device denied', message }))
}
