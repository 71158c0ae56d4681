import type { HttpResponse } from 'grantry'
import type { Session } from '../accounts/account-tables.ts'
import { passwordLengths } from '../accounts/password-policy.ts'
import { handleOf } from '../accounts/user-sessions.ts'
import { accountPage, type PasswordProblem, type ShownApp, type ShownSession } from '../pages/account.ts'
import { hostsOf, nameOf } from '../pages/client.ts'
import { loginsOf, passwordAt } from './account-logins.ts'
import { formToken, type BoundForm } from './forgery.ts'
import { queryOf } from './form.ts'
import { frameOf } from './frame.ts'
import { loginTo } from './login.ts'
import { readOwnForm, type OwnForm } from './own-form.ts'
import { page, seeOther, type PageRequest } from './page-response.ts'
import { sessionOf } from './session.ts'
import type { Site } from './site.ts'

const appsOf = async (site: Site, session: Session): Promise<readonly ShownApp[]> => {
  const apps = await site.apps.list(session.userId)
  return apps.map(({ client, scopes, claims, resources, allowedAt }) => ({
    ...{ clientId: client.id, name: nameOf(client), hosts: hostsOf(client) },
    ...{ scopes, claims, resources, allowedAt },
    csrf: formToken(session, { form: 'account_revoke', shown: client.id }),
  }))
}

const sessionsOf = async (site: Site, session: Session): Promise<readonly ShownSession[]> => {
  const own = handleOf(session.id)
  const sessions = await site.links.listOf(session)
  return sessions.map(({ handle, startedAt, lastUsedAt }) => ({
    ...{ handle, startedAt, lastUsedAt, isThis: handle === own },
    csrf: formToken(session, { form: 'account_end_session', shown: handle }),
  }))
}

const doneIn = ({ url, messages }: PageRequest): string | undefined => {
  const done = new URLSearchParams(queryOf(url)).get('done') ?? ''
  const texts: Readonly<Record<string, string>> = messages.account.done
  return Object.hasOwn(texts, done) ? texts[done] : undefined
}

/** What is shown again with what was wrong with a new password. */
export interface Refused {
  readonly status: 400 | 429 | 503
  readonly problem: PasswordProblem
}

/** The page of the account. */
export const accountOf = async (
  site: Site,
  http: PageRequest,
  session: Session,
  refused?: Refused,
): Promise<HttpResponse> => {
  const body = accountPage({
    ...frameOf(site, http),
    username: session.username,
    apps: await appsOf(site, session),
    sessions: await sessionsOf(site, session),
    csrf: {
      others: formToken(session, { form: 'account_end_others', shown: '' }),
      password: formToken(session, { form: 'account_password', shown: '' }),
    },
    passwordAt: await passwordAt(site, session.userId),
    logins: await loginsOf(site, session),
    hasPasskeys: site.passkeys.isOffered,
    ...{ leastPassword: passwordLengths.least, longestPassword: passwordLengths.most * 4 },
    done: refused === undefined ? doneIn(http) : undefined,
    problem: refused?.problem,
  })
  return page(refused?.status ?? 200, body)
}

const pathOf = ({ issuer }: Site): string => `${issuer.path}/account`

/** Shows who is logged in what has access to the account. */
export const showAccount = async (site: Site, http: PageRequest): Promise<HttpResponse> => {
  const session = await sessionOf(site, http)
  if (session === undefined) return seeOther(loginTo(site.issuer.path, pathOf(site)))
  return accountOf(site, http, session)
}

/** Reads a form of the page, which is bound to the field `shown`; or gives the answer to send. */
export const readAccountForm = (
  site: Site,
  http: PageRequest,
  form: BoundForm['form'],
  shown?: string,
): Promise<HttpResponse | OwnForm> =>
  readOwnForm(site, http, {
    form,
    shown: (fields) => (shown === undefined ? '' : (fields.get(shown) ?? '')),
    page: () => pathOf(site),
  })

/** Back to the page, which says what was done. */
export const backToAccount = (site: Site, done: string, cookie?: string): HttpResponse =>
  seeOther(`${pathOf(site)}?done=${done}`, ...(cookie === undefined ? [] : [cookie]))

/** Takes the access of an app away. */
export const revokeApp = async (site: Site, http: PageRequest): Promise<HttpResponse> => {
  const read = await readAccountForm(site, http, 'account_revoke', 'client_id')
  if ('status' in read) return read
  const { userId } = read.session
  const clientId = read.fields.get('client_id') ?? ''
  await site.apps.revoke({ userId, clientId })
  site.log({ type: 'access.revoked', userId, clientId })
  return backToAccount(site, 'revoked')
}

/** Ends one of the other sessions. */
export const endSession = async (site: Site, http: PageRequest): Promise<HttpResponse> => {
  const read = await readAccountForm(site, http, 'account_end_session', 'session')
  if ('status' in read) return read
  await site.links.endOther(read.session, read.fields.get('session') ?? '')
  site.log({ type: 'session.ended', userId: read.session.userId })
  return backToAccount(site, 'ended')
}

/** Ends all of them. */
export const endOthers = async (site: Site, http: PageRequest): Promise<HttpResponse> => {
  const read = await readAccountForm(site, http, 'account_end_others')
  if ('status' in read) return read
  await site.links.endOthers(read.session)
  site.log({ type: 'session.ended', userId: read.session.userId })
  return backToAccount(site, 'others')
}
