import { randomBytes } from 'node:crypto'
import type { Claims, HttpResponse } from 'grantry'
import { foldUsername } from '../accounts/account-store.ts'
import type { OneTimeLink } from '../accounts/one-time-links.ts'
import { usernameProblem } from '../accounts/username.ts'
import { passwordLengths } from '../accounts/password-policy.ts'
import { signUpFields, signUpPage, type SignUpField, type SignUpPage } from '../pages/sign-up.ts'
import { withDeadline } from '../request-deadline.ts'
import { byPassword } from './authentication-classes.ts'
import { queryOf } from './form.ts'
import { frameOf, shownClient } from './frame.ts'
import { readLoginForm, type LoginForm } from './login-form.ts'
import { foreignTarget, isOwnTarget, purposeOf } from './login-target.ts'
import { newPasswordProblem } from './new-password.ts'
import { page, problem, retryLater, type PageRequest } from './page-response.ts'
import type { Site } from './site.ts'
import { startSession } from './start-session.ts'

/** Fewer letters than operators may give, so that no name looks like another one; no @, so that none looks like a verified address. */
const usernameSyntax = /^[a-z0-9][a-z0-9._-]{1,62}[a-z0-9]$/i
const emailSyntax = /^[^\s@\p{Cc}]{1,64}@[^\s@\p{Cc}]{1,190}$/u
const nameSyntax = /^[^\p{Cc}\p{Cf}]{0,100}$/u

interface Shown extends Pick<LoginForm, 'csrf' | 'to'> {
  readonly ticket: string
  readonly link: OneTimeLink | undefined
  readonly typed?: SignUpPage['typed']
  readonly problem?: SignUpPage['problem']
}

const form = async (site: Site, http: PageRequest, shown: Shown): Promise<HttpResponse> => {
  const { csrf, to, ticket, link, typed = {}, problem } = shown
  const known = (['name', 'email'] as const).filter((each) => link?.payload[each] !== undefined)
  const { least: leastPassword, most } = passwordLengths
  const { termsUri } = site.accountSettings
  const purpose = await purposeOf(site, http, to)
  const goOn = purpose && shownClient(site, purpose.client)
  const body = signUpPage({
    ...{ ...frameOf(site, http), csrf, to, client: goOn?.client, ticket, typed, known, termsUri, problem },
    ...{ leastPassword, longestPassword: most * 4 },
  })
  const allowed = { formTarget: purpose?.formTarget, imageSource: goOn?.imageSource }
  return page(problem === undefined ? 200 : 400, body, { ...allowed, cookie: site.cookies.login.write(csrf) })
}

/** The page for who may not make an account. */
const refuseTicket = (site: Site, http: PageRequest, ticket: string): HttpResponse => {
  const { ticketGone, invitedOnly } = http.messages.signUp
  return problem(ticket === '' ? 403 : 400, ticket === '' ? invitedOnly : ticketGone, frameOf(site, http))
}

const linkOf = async (site: Site, ticket: string): Promise<OneTimeLink | undefined> =>
  ticket === '' ? undefined : site.oneTimeLinks.find('sign_up', ticket)

const needsTicket = ({ accountSettings: { signUp } }: Site, ticket: string): boolean =>
  signUp === 'invite' || ticket !== ''

/** Shows the page for a new account. */
export const showSignUp = async (site: Site, http: PageRequest): Promise<HttpResponse> => {
  const query = new URLSearchParams(queryOf(http.url))
  const to = query.get('to') ?? `${site.issuer.path}/`
  if (!isOwnTarget(to, site.issuer.path)) return foreignTarget(site, http)
  const ticket = query.get('ticket') ?? ''
  const link = await linkOf(site, ticket)
  if (link === undefined && needsTicket(site, ticket)) return refuseTicket(site, http, ticket)
  const csrf = site.cookies.login.read(http) ?? randomBytes(32).toString('base64url')
  return form(site, http, { csrf, to, ticket, link })
}

/** What is wrong with what was typed, as far as that can be told without the database. */
const problemOf = async (site: Site, http: PageRequest, value: (name: SignUpField) => string, link?: OneTimeLink) => {
  const { problems } = http.messages.signUp
  const { termsUri } = site.accountSettings
  const at = (field: SignUpField, text: string) => ({ field, text })
  const username = value('username')
  if (usernameProblem(username) !== undefined || !usernameSyntax.test(username))
    return at('username', problems.username)
  if (link?.payload['email'] === undefined && !emailSyntax.test(value('email'))) return at('email', problems.email)
  if (!nameSyntax.test(value('name'))) return at('name', problems.name)
  const password = { password: value('password'), repeated: value('repeat_password') }
  const wrong = await newPasswordProblem(password, username, http.messages)
  if (wrong !== undefined) return at(wrong.isRepeated ? 'repeat_password' : 'password', wrong.text)
  return termsUri !== undefined && value('terms') !== 'accepted' ? at('terms', problems.terms) : undefined
}

/** What the invitation says goes first. What a stranger typed is not verified. */
const claimsOf = (value: (name: SignUpField) => string, link?: OneTimeLink): Claims => ({
  ...(value('name') !== '' && { name: value('name') }),
  ...{ email: value('email'), email_verified: false },
  ...link?.payload,
})

/** Makes an account, and goes on as after a login. */
export const submitSignUp = async (site: Site, http: PageRequest): Promise<HttpResponse> => {
  const read = await readLoginForm(site, http)
  if ('status' in read) return read
  const { fields, csrf, to } = read
  const { signUp } = http.messages
  if (!(await site.accountLimits.maySignUp(http.address)))
    return retryLater(problem(429, signUp.limited, frameOf(site, http)), site.accountLimits.retryAfter)
  const ticket = fields.get('ticket') ?? ''
  const link = await linkOf(site, ticket)
  if (link === undefined && needsTicket(site, ticket)) return refuseTicket(site, http, ticket)
  const value = (name: SignUpField): string => {
    const text = fields.get(name) ?? ''
    return name.includes('password') ? text : text.trim()
  }
  const typed = Object.fromEntries(signUpFields.filter((name) => fields.has(name)).map((name) => [name, value(name)]))
  const again = (problem: SignUpPage['problem'], as = ticket) =>
    form(site, http, { csrf, to, ticket: as, link, typed, problem })
  const wrong = await problemOf(site, http, value, link)
  if (wrong !== undefined) return again(wrong)
  const username = value('username')
  const taken = { field: 'username', text: signUp.problems.taken } as const
  if ((await site.accounts.find(username)) !== undefined) return again(taken)
  const hash = await site.passwords.hash(value('password'))
  return withDeadline(async () => {
    if (link !== undefined && (await site.oneTimeLinks.use('sign_up', ticket)) === undefined)
      return refuseTicket(site, http, ticket)
    const id = await site.accounts.create(username, hash, site.now(), claimsOf(value, link))
    if (id === undefined) return again(taken, link && (await site.oneTimeLinks.make('sign_up', link))) // taken just now: the link is to be good still
    const { termsUri: terms } = site.accountSettings
    site.log({ type: 'user.signed_up', userId: id, isInvited: link !== undefined, terms })
    const account = { id, username: foldUsername(username), passwordVersion: 1 }
    return startSession(site, http, { account, amr: byPassword, to })
  }) // hashing took its time, which is not the database's
}
