import { detailsOf, type Client, type DeviceAuthorization, type HttpResponse } from 'grantry'
import type { Session } from '../accounts/account-tables.ts'
import { deviceDecisionPage, devicePage } from '../pages/device.ts'
import { messagePage } from '../pages/message.ts'
import { formToken } from './forgery.ts'
import { queryOf } from './form.ts'
import { frameOf, shownClient } from './frame.ts'
import { loginTo } from './login.ts'
import { readOwnForm, type OwnForm } from './own-form.ts'
import { page, problem, seeOther, type PageRequest } from './page-response.ts'
import { sessionOf } from './session.ts'
import { chosenDetails, shownDetails } from './shown-details.ts'
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

type Refusal = 'unknown' | 'limited'

interface Entry {
  readonly session: Session
  readonly userCode: string
  readonly refusal?: Refusal
}

const statuses: Readonly<Record<Refusal, number>> = { unknown: 400, limited: 429 }

const showEntry = (site: Site, http: PageRequest, { session, userCode, refusal }: Entry): HttpResponse => {
  const csrf = formToken(session, { form: 'device', shown: '' })
  const problem = refusal && http.messages.device[refusal]
  const body = devicePage({ ...frameOf(site, http), csrf, userCode, problem })
  return page(refusal === undefined ? 200 : statuses[refusal], body)
}

/** What the form of the decision is bound to. */
const shownIn = (userCode: string, clientId: string): string => `${userCode}\n${clientId}`

const showDecision = (site: Site, http: PageRequest, session: Session, waiting: Waiting): HttpResponse => {
  const { device, userCode } = waiting
  const { client, imageSource } = shownClient(site, waiting.client)
  const body = deviceDecisionPage({
    ...frameOf(site, http),
    csrf: formToken(session, { form: 'device_decision', shown: shownIn(userCode, client.id) }),
    userCode,
    client,
    scopes: device.scopes,
    allowedBefore: [],
    claims: [],
    resources: device.resources,
    details: shownDetails(device.authorizationDetails, site.detailTypes, http.messages.lang),
    username: session.username,
  })
  return page(200, body, { imageSource })
}

/** Shows the page where users enter the code of a device. One in the URL is filled in, and compared by the user all the same. */
export const showDevice = async (site: Site, http: PageRequest): Promise<HttpResponse> => {
  const userCode = (new URLSearchParams(queryOf(http.url)).get('user_code') ?? '').slice(0, longestCode)
  const session = await sessionOf(site, http)
  if (session === undefined) return seeOther(loginTo(site.issuer.path, pathOf(site, userCode)))
  return showEntry(site, http, { session, userCode })
}

/** The session and the fields of a form of ours, or the answer to send. */
const readDeviceForm = async (
  site: Site,
  http: PageRequest,
  form: 'device' | 'device_decision',
): Promise<HttpResponse | (OwnForm & { readonly userCode: string })> => {
  const codeIn = (fields: URLSearchParams): string => (fields.get('user_code') ?? '').slice(0, longestCode)
  const read = await readOwnForm(site, http, {
    form,
    shown: (fields) => (form === 'device' ? '' : shownIn(codeIn(fields), fields.get('client_id') ?? '')),
    page: (fields) => pathOf(site, codeIn(fields)),
  })
  return 'status' in read ? read : { ...read, userCode: codeIn(read.fields) }
}

const find = async (site: Site, http: PageRequest, session: Session, userCode: string): Promise<Waiting | Refusal> => {
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
  if (typeof waiting === 'string') return showEntry(site, http, { session, userCode, refusal: waiting })
  return showDecision(site, http, session, waiting)
}

/**
 * Notes on the page of the account what the user let a client have on a device. It stands back behind a consent that is there, which
 * says where answers in a browser may go.
 */
const remember = async (site: Site, session: Session, clientId: string, scopes: readonly string[]): Promise<void> => {
  const given = { scopes, resources: [], claims: [], receivers: [] }
  await site.consents.remember({ userId: session.userId, clientId }, undefined, given, site.now())
}

/** Takes the decision about a device. Its form has a token for the code, so a code cannot be guessed here. */
export const submitDeviceDecision = async (site: Site, http: PageRequest): Promise<HttpResponse> => {
  const read = await readDeviceForm(site, http, 'device_decision')
  if ('status' in read) return read
  const { session, fields, userCode } = read
  const { device: texts, common } = http.messages
  const frame = frameOf(site, http)
  const isApproved = fields.get('decision') === 'approve'
  if (!isApproved && fields.get('decision') !== 'deny') return problem(400, common.chooseButton, frame)
  const scopes = [...new Set(fields.getAll('scope'))]
  const waiting = await site.validator.findDeviceAuthorization(userCode, site.now())
  const authorizationDetails = chosenDetails(fields, detailsOf(waiting?.claims))
  if (isApproved && scopes.length + authorizationDetails.length === 0) return problem(400, common.checkOne, frame)
  const user = { id: session.userId }
  const isTaken = await site.server.device?.decide(
    userCode,
    isApproved ? { approved: true, user, scopes, authorizationDetails } : { approved: false },
  )
  if (isTaken !== true) return problem(400, texts.late, frame)
  const who = { userId: session.userId, clientId: fields.get('client_id') ?? '' }
  if (!isApproved) {
    site.log({ type: 'consent.denied', ...who, device: true })
    return page(200, messagePage({ ...frame, title: texts.deniedTitle, message: texts.denied }))
  }
  await remember(site, session, who.clientId, scopes)
  site.log({ type: 'consent.given', ...who, scopes, device: true })
  return page(200, messagePage({ ...frame, title: texts.connectedTitle, message: texts.connected }))
}
