import type { HttpResponse } from 'grantry'
import { foldUsername } from '../accounts/account-store.ts'
import type { Account, Session } from '../accounts/account-tables.ts'
import { checkLogin, hashPassword, leastPassword, longestPassword } from '../accounts/password.ts'
import type { Messages } from '../messages/messages.ts'
import type { PasswordProblem } from '../pages/account.ts'
import { withDeadline } from '../request-deadline.ts'
import { accountOf, backToAccount, readAccountForm } from './account.ts'
import type { PageRequest } from './page-response.ts'
import type { Site } from './site.ts'

interface Passwords {
  readonly current: string
  readonly next: string
  readonly repeated: string
}

const passwordsIn = (fields: URLSearchParams): Passwords => ({
  current: fields.get('current_password') ?? '',
  next: fields.get('new_password') ?? '',
  repeated: fields.get('repeat_password') ?? '',
})

/** What is wrong with a new password, as far as that can be told without the old one. */
const problemOf = (
  { current, next, repeated }: Passwords,
  username: string,
  { account }: Messages,
): PasswordProblem | undefined => {
  const wrongNew = (text: string): PasswordProblem => ({ field: 'new_password', text })
  if (Array.from(next).length < leastPassword) return wrongNew(account.shortPassword(leastPassword))
  if (next.length > longestPassword) return wrongNew(account.longPassword(longestPassword))
  if (foldUsername(next) === username) return wrongNew(account.ownName)
  if (next === current) return wrongNew(account.samePassword)
  return next === repeated ? undefined : { field: 'repeat_password', text: account.otherPassword }
}

/** Changes the password of who is logged in and knows it, and ends the other sessions. Tries are limited like those of logins. */
export const changePassword = async (site: Site, http: PageRequest): Promise<HttpResponse> => {
  const read = await readAccountForm(site, http, 'account_password')
  if ('status' in read) return read
  const { session } = read
  const { account: texts } = http.messages
  const passwords = passwordsIn(read.fields)
  const problem = problemOf(passwords, session.username, http.messages)
  if (problem !== undefined) return accountOf(site, http, session, { status: 400, problem })
  const wrongCurrent = (text: string): PasswordProblem => ({ field: 'current_password', text })
  const key = `password ${session.userId}`
  if (!site.limiter.take(key, site.now()))
    return accountOf(site, http, session, { status: 429, problem: wrongCurrent(texts.limited) })
  const account = await checkLogin(site.accounts, session.username, passwords.current)
  if (account === undefined) {
    site.log({ type: 'password.refused', userId: session.userId })
    const refused = { status: 400, problem: wrongCurrent(texts.wrongPassword) } as const
    return withDeadline(() => accountOf(site, http, session, refused)) // hashing took its time, which is not the database's
  }
  site.limiter.clear(key)
  const hash = await hashPassword(passwords.next)
  return withDeadline(() => replace(site, session, account, hash))
}

/** All sessions end with the old password, this one too, so that it goes on under a new id. */
const replace = async (site: Site, session: Session, account: Account, hash: string): Promise<HttpResponse> => {
  const { id, passwordVersion } = account
  if (!(await site.accounts.changePassword(account, hash))) return backToAccount(site, '') // it was changed meanwhile: log in with that one
  const next = await site.accounts.startSession({ id, passwordVersion: passwordVersion + 1 }, site.now(), session.sid)
  await site.links.carryOn(session)
  await site.links.endOthers({ ...session, id: next })
  site.log({ type: 'password.changed', userId: id })
  return backToAccount(site, 'password', site.cookies.session.write(next))
}
