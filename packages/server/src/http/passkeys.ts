import type { HttpResponse } from 'grantry'
import type { Session } from '../accounts/account-tables.ts'
import { createPasskeyPage, passkeysPage, removePasskeyPage } from '../pages/passkeys.ts'
import { withDeadline } from '../request-deadline.ts'
import { waysInOf } from './account-logins.ts'
import { byPasskey } from './authentication-classes.ts'
import { confirmationFor, confirmUser, problemPage, type Problem } from './confirm-user.ts'
import { formToken, type BoundForm } from './forgery.ts'
import { queryOf } from './form.ts'
import { frameOf } from './frame.ts'
import { loginTo } from './login.ts'
import { readOwnForm, type OwnForm } from './own-form.ts'
import { page, seeOther, type PageRequest } from './page-response.ts'
import { refusePasskey } from './refuse-passkey.ts'
import { sessionOf } from './session.ts'
import type { Site } from './site.ts'

const longestName = 60

const pathOf = ({ issuer }: Site): string => `${issuer.path}/account/passkeys`

/** What is shown again: what was typed, and what was wrong. */
interface Refused {
  readonly name?: string
  readonly problem: Problem
}

const doneIn = ({ url, messages }: PageRequest): string | undefined => {
  const done = new URLSearchParams(queryOf(url)).get('done') ?? ''
  const texts: Readonly<Record<string, string>> = messages.passkeys.done
  return Object.hasOwn(texts, done) ? texts[done] : undefined
}

const list = async (site: Site, http: PageRequest, session: Session, refused?: Refused): Promise<HttpResponse> => {
  const passkeys = await site.passkeys.list(session.userId)
  const confirmation = await confirmationFor(site, session, pathOf(site), refused?.problem)
  const body = passkeysPage({
    ...{ ...frameOf(site, http), ...confirmation, passkeys },
    csrf: formToken(session, { form: 'add_passkey', shown: '' }),
    name: refused?.name ?? http.messages.passkeys.nameOf(passkeys.length + 1),
    done: refused === undefined ? doneIn(http) : undefined,
  })
  return problemPage(body, refused?.problem, { hasScript: confirmation.passkey !== undefined })
}

/** Shows the passkeys of who is logged in. */
export const showPasskeys = async (site: Site, http: PageRequest): Promise<HttpResponse> => {
  const session = await sessionOf(site, http)
  return session === undefined ? seeOther(loginTo(site.issuer.path, pathOf(site))) : list(site, http, session)
}

const readPasskeyForm = (
  site: Site,
  http: PageRequest,
  form: BoundForm['form'],
  shown?: string,
): Promise<OwnForm | HttpResponse> =>
  readOwnForm(site, http, {
    form,
    shown: (fields) => (shown === undefined ? '' : (fields.get(shown) ?? '')),
    page: () => pathOf(site),
  })

const nameIn = (fields: URLSearchParams): string => (fields.get('name') ?? '').trim().slice(0, longestName)

/** Asks the browser for a new passkey, where it is the user who wants it. */
export const addPasskey = async (site: Site, http: PageRequest): Promise<HttpResponse> => {
  const form = await readPasskeyForm(site, http, 'add_passkey')
  if ('status' in form) return form
  const { session, fields } = form
  const typed = nameIn(fields)
  const problem = await confirmUser(site, http, form)
  return withDeadline(async () => {
    if (problem !== undefined) return list(site, http, session, { name: typed, problem })
    const name = typed === '' ? http.messages.passkeys.nameOf(1) : typed
    const csrf = formToken(session, { form: 'create_passkey', shown: name })
    const { id: browser, userId, username } = session
    const options = await site.passkeys.createOptions({ id: userId, username }, browser, site.theme.name)
    const body = createPasskeyPage({ ...frameOf(site, http), csrf, name, prompt: { options } })
    return page(200, body, { hasScript: true })
  })
}

/** Saves the new passkey. Its challenge is given only to who was confirmed just before. */
export const createPasskey = async (site: Site, http: PageRequest): Promise<HttpResponse> => {
  const form = await readPasskeyForm(site, http, 'create_passkey', 'name')
  if ('status' in form) return form
  const { session, fields } = form
  const { id: browser, userId } = session
  const name = fields.get('name') ?? ''
  const refusal = await site.passkeys.enrol(fields.get('credential') ?? '', { userId, browser, name })
  if (refusal !== undefined) {
    const problem = { status: 400, text: refusePasskey(site, http, 'passkey.refused', { ...refusal, userId }) }
    return list(site, http, session, { name, problem })
  }
  if (!session.amr.includes('mfa')) await site.accounts.changeMethods(session.id, [...session.amr, ...byPasskey])
  site.log({ type: 'passkey.added', userId })
  return seeOther(`${pathOf(site)}?done=added`)
}

const showRemovalOf = async (
  site: Site,
  http: PageRequest,
  session: Session,
  { id, problem }: { readonly id: string; readonly problem?: Problem },
): Promise<HttpResponse> => {
  const passkey = (await site.passkeys.list(session.userId)).find((each) => each.id === id)
  if (passkey === undefined) return seeOther(pathOf(site)) // it was removed meanwhile
  const confirmation = await confirmationFor(site, session, pathOf(site), problem)
  const csrf = formToken(session, { form: 'remove_passkey', shown: id })
  const body = removePasskeyPage({ ...frameOf(site, http), ...confirmation, id, name: passkey.name, csrf })
  return problemPage(body, problem, { hasScript: confirmation.passkey !== undefined })
}

/** Shows the passkey that is to be removed. */
export const showPasskeyRemoval = async (site: Site, http: PageRequest): Promise<HttpResponse> => {
  const session = await sessionOf(site, http)
  if (session === undefined) return seeOther(loginTo(site.issuer.path, pathOf(site)))
  return showRemovalOf(site, http, session, { id: new URLSearchParams(queryOf(http.url)).get('id') ?? '' })
}

const isThere = async ({ passkeys }: Site, userId: string, id: string): Promise<boolean> =>
  (await passkeys.list(userId)).some((each) => each.id === id)

/** Removes it, and ends the other sessions: it may have begun them. */
export const removePasskey = async (site: Site, http: PageRequest): Promise<HttpResponse> => {
  const form = await readPasskeyForm(site, http, 'remove_passkey', 'id')
  if ('status' in form) return form
  const { session, fields } = form
  const id = fields.get('id') ?? ''
  const problem = await confirmUser(site, http, form)
  return withDeadline(async () => {
    if (problem !== undefined) return showRemovalOf(site, http, session, { id, problem })
    const { userId } = session
    if (await site.passkeys.remove(userId, id, await waysInOf(site, userId)))
      site.log({ type: 'passkey.removed', userId })
    else if (await isThere(site, userId, id))
      return showRemovalOf(site, http, session, { id, problem: { status: 400, text: http.messages.passkeys.lastOne } })
    await site.links.endOthers(session)
    return seeOther(`${pathOf(site)}?done=removed`)
  })
}
