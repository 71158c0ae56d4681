import type { HttpResponse } from 'grantry'
import type { Session } from '../accounts/account-tables.ts'
import type { KnownUser } from '../accounts/password-login.ts'
import { passwordFault } from '../accounts/password-policy.ts'
import type { Messages } from '../messages/messages.ts'
import type { PasswordProblem } from '../pages/account.ts'
import { withDeadline } from '../request-deadline.ts'
import { accountOf, backToAccount, readAccountForm } from './account.ts'
import { passwordAt } from './account-logins.ts'
import { confirmPassword } from './confirm-password.ts'
import { retryLater, type PageRequest } from './page-response.ts'
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
const problemOf = async (
  { current, next, repeated }: Passwords,
  username: string,
  { account }: Messages,
): Promise<PasswordProblem | undefined> => {
  const fault = await passwordFault(next, username)
  if (fault !== undefined) return { field: 'new_password', text: account.passwordFaults[fault] }
  if (next === current) return { field: 'new_password', text: account.samePassword }
  return next === repeated ? undefined : { field: 'repeat_password', text: account.otherPassword }
}

/** Changes the password of who is logged in and knows it, and ends the other sessions. */
export const changePassword = async (site: Site, http: PageRequest): Promise<HttpResponse> => {
  const read = await readAccountForm(site, http, 'account_password')
  if ('status' in read) return read
  const { session } = read
  if ((await passwordAt(site, session.userId)) !== 'here') return backToAccount(site, '') // the page has no such form then
  const passwords = passwordsIn(read.fields)
  const problem = await problemOf(passwords, session.username, http.messages)
  if (problem !== undefined) return accountOf(site, http, session, { status: 400, problem })
  const confirmed = await confirmPassword(site, http, session, passwords.current)
  if ('reason' in confirmed) {
    const { status, reason, retryAfter } = confirmed
    if (reason === 'wrong') site.log({ type: 'password.refused', userId: session.userId })
    const text = http.messages.account.unconfirmed[reason]
    const refused = { status, problem: { field: 'current_password', text } } as const
    const answer = await withDeadline(() => accountOf(site, http, session, refused))
    return retryAfter === undefined ? answer : retryLater(answer, retryAfter)
  }
  const hash = await site.passwords.hash(passwords.next)
  return withDeadline(() => replace(site, session, confirmed, hash)) // hashing took its time, which is not the database's
}

/** All sessions end with the old password, this one too, so that it goes on under a new id. */
const replace = async (site: Site, session: Session, account: KnownUser, hash: string): Promise<HttpResponse> => {
  const { id, passwordVersion } = account
  if (!(await site.accounts.changePassword(account, hash))) return backToAccount(site, '') // it was changed meanwhile: log in with that one
  const { sid, amr } = session
  const next = await site.accounts.startSession({ id, passwordVersion: passwordVersion + 1 }, site.now(), { sid, amr })
  await site.links.carryOn(session)
  await site.links.endOthers({ ...session, id: next })
  site.log({ type: 'password.changed', userId: id })
  return backToAccount(site, 'password', site.cookies.session.write(next))
}
