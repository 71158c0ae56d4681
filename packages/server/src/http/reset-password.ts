import type { HttpResponse } from 'grantry'
import { passwordLengths } from '../accounts/password-policy.ts'
import type { ResetTicket } from '../accounts/reset-tickets.ts'
import { messagePage } from '../pages/message.ts'
import { resetPasswordPage, type ResetPasswordPage } from '../pages/reset-password.ts'
import { withDeadline } from '../request-deadline.ts'
import { isCrossSite } from './forgery.ts'
import { queryOf, readForm } from './form.ts'
import { frameOf } from './frame.ts'
import { loginTo } from './login.ts'
import { newPasswordProblem } from './new-password.ts'
import { page, problem, type PageRequest } from './page-response.ts'
import { foreignForm } from './session.ts'
import type { Site } from './site.ts'

const gone = (site: Site, http: PageRequest): HttpResponse =>
  problem(400, http.messages.signUp.ticketGone, frameOf(site, http))

const form = (
  site: Site,
  http: PageRequest,
  { ticket, username }: { readonly ticket: string; readonly username: string },
  problem?: ResetPasswordPage['problem'],
): HttpResponse => {
  const { least: leastPassword, most } = passwordLengths
  const lengths = { leastPassword, longestPassword: most * 4 }
  const body = resetPasswordPage({ ...frameOf(site, http), ...lengths, ticket, username, problem })
  return page(problem === undefined ? 200 : 400, body)
}

/** Shows the page that a link for a new password leads to. Looking at it does not use the link up: mail programs do that, too. */
export const showResetPassword = async (site: Site, http: PageRequest): Promise<HttpResponse> => {
  const ticket = new URLSearchParams(queryOf(http.url)).get('ticket') ?? ''
  const found = await site.resetTickets.find(ticket)
  return found === undefined ? gone(site, http) : form(site, http, { ticket, username: found.username })
}

/** Sets the password, and ends all sessions. The other factors stay, so that a link alone is not enough where there are two. */
const replace = async (site: Site, http: PageRequest, used: ResetTicket, hash: string): Promise<HttpResponse> => {
  if (!(await site.accounts.changePassword(used, hash))) return gone(site, http) // the password is another one by now
  await site.links.endAllOf(used.id)
  const { username, id: userId, to } = used
  const device = site.devices.find(http, username, site.now())
  await site.limits.clear({ username, address: http.address, device })
  site.log({ type: 'password.reset', userId })
  const { signUp, login } = http.messages
  const link = { href: loginTo(site.issuer.path, to || `${site.issuer.path}/`), text: login.submit } // a command knows of no page to go on to
  return page(
    200,
    messagePage({ ...frameOf(site, http), title: signUp.resetDoneTitle, message: signUp.resetDone, link }),
  )
}

/** Takes the new password. */
export const submitResetPassword = async (site: Site, http: PageRequest): Promise<HttpResponse> => {
  const fields = (await readForm(http)) ?? new URLSearchParams()
  if (isCrossSite(http, site.issuer.origin)) return foreignForm(site, http)
  const ticket = fields.get('ticket') ?? ''
  const found = await site.resetTickets.find(ticket)
  if (found === undefined) return gone(site, http)
  const { username } = found
  const given = { password: fields.get('new_password') ?? '', repeated: fields.get('repeat_password') ?? '' }
  const wrong = await newPasswordProblem(given, username, http.messages)
  if (wrong !== undefined) {
    const field = wrong.isRepeated ? 'repeat_password' : 'new_password'
    return form(site, http, { ticket, username }, { field, text: wrong.text })
  }
  const hash = await site.passwords.hash(given.password)
  return withDeadline(async () => {
    const used = await site.resetTickets.use(ticket)
    return used === undefined ? gone(site, http) : replace(site, http, used, hash)
  }) // hashing took its time, which is not the database's
}
