import { field } from './field.ts'
import { html, type Html } from './html.ts'
import { layout, type PageFrame } from './layout.ts'
import { describeScope } from './scopes.ts'
import { timeOf, timeText } from './time.ts'
import { loginsSection, type ShownLogins } from './upstreams.ts'
import type { Messages } from '../messages/messages.ts'

/** An app that has access. */
export interface ShownApp {
  readonly clientId: string
  readonly name: string
  readonly hosts: readonly string[]
  readonly scopes: readonly string[]
  readonly claims: readonly string[]
  readonly resources: readonly string[]
  /** When the user allowed it the last time, in seconds. */
  readonly allowedAt: number
  readonly csrf: string
}

/** A browser that the user is logged in at. */
export interface ShownSession {
  /** What it is called in the form that ends it. It is no secret. */
  readonly handle: string
  readonly isThis: boolean
  /** In seconds. */
  readonly startedAt: number
  readonly lastUsedAt: number
  readonly csrf: string
}

/** What of a new password is wrong, and where. */
export interface PasswordProblem {
  readonly field: 'current_password' | 'new_password' | 'repeat_password'
  readonly text: string
}

/** What the page of an account shows. */
export interface AccountPage extends PageFrame {
  readonly username: string
  readonly apps: readonly ShownApp[]
  readonly sessions: readonly ShownSession[]
  readonly csrf: { readonly others: string; readonly password: string }
  /** Where the password is changed: on this page, at an address, where this server does not know, or nowhere, as there is none. */
  readonly passwordAt: 'here' | { readonly uri: string } | 'elsewhere' | 'none'
  /** Undefined where nobody logs in elsewhere. */
  readonly logins: ShownLogins | undefined
  /** Whether users can have passkeys. */
  readonly hasPasskeys: boolean
  /** Lengths of passwords. */
  readonly leastPassword: number
  readonly longestPassword: number
  /** What was done just now. */
  readonly done: string | undefined
  readonly problem: PasswordProblem | undefined
}

const appCard = ({ path, messages }: PageFrame, app: ShownApp, index: number): Html => {
  const { account, client, consent } = messages
  const words = [
    ...app.scopes.map((scope) => html`${describeScope(scope, messages)}`),
    ...(app.claims.length > 0 ? [consent.claims(html`${app.claims.join(', ').replaceAll('_', ' ')}`)] : []),
    ...app.resources.map((resource) => consent.resource(html`${resource}`)),
  ]
  return html`<li>
    <div>
      <h3><bdi>${app.name}</bdi></h3>
      ${app.hosts.length > 0 && html`<p class="note">${client.hosts(app.hosts.join(', '))}</p>`}
      <ul class="words">
        ${words.map((each) => html`<li>${each}</li>`)}
      </ul>
      <p class="note">${account.allowedOn(timeOf(app.allowedAt, 'day', messages))}</p>
    </div>
    <form id="revoke_${index + 1}" method="post" action="${path}/account/revoke">
      <input type="hidden" name="csrf" value="${app.csrf}" />
      <input type="hidden" name="client_id" value="${app.clientId}" />
      <button class="quiet" type="submit" aria-label="${account.revokeFrom(app.name)}">${account.revoke}</button>
    </form>
  </li>`
}

const endForm = ({ path, messages }: PageFrame, session: ShownSession, index: number): Html => {
  const label = messages.account.endSessionOf(timeText(session.startedAt, 'minute', messages))
  return html`<form id="end_session_${index + 1}" method="post" action="${path}/account/end-session">
    <input type="hidden" name="csrf" value="${session.csrf}" />
    <input type="hidden" name="session" value="${session.handle}" />
    <button class="quiet" type="submit" aria-label="${label}">${messages.account.endSession}</button>
  </form>`
}

const sessionCard = (page: PageFrame, session: ShownSession, index: number): Html => {
  const { messages } = page
  const { account } = messages
  return html`<li>
    <div>
      <h3>${session.isThis ? account.thisSession : account.otherSession}</h3>
      <p class="note">
        ${account.started(timeOf(session.startedAt, 'minute', messages))}<br />
        ${account.lastUsed(timeOf(session.lastUsedAt, 'minute', messages))}
      </p>
    </div>
    ${session.isThis ? html`<a href="${page.path}/logout">${messages.common.logOut}</a>` : endForm(page, session, index)}
  </li>`
}

const endOthersForm = ({ path, messages, csrf }: AccountPage): Html =>
  html`<form id="end_others" method="post" action="${path}/account/end-others">
    <input type="hidden" name="csrf" value="${csrf.others}" />
    <button class="quiet" type="submit">${messages.account.endOthers}</button>
  </form>`

const passwordFields = (page: AccountPage): readonly Html[] => {
  const { account }: Messages = page.messages
  const common = { type: 'password', maxlength: page.longestPassword } as const
  const problemAt = (name: PasswordProblem['field']): string | undefined =>
    page.problem?.field === name ? page.problem.text : undefined
  return [
    field({
      ...{ ...common, id: 'current_password', label: account.currentPassword, autocomplete: 'current-password' },
      problem: problemAt('current_password'),
    }),
    field({
      ...{ ...common, id: 'new_password', label: account.newPassword, autocomplete: 'new-password' },
      ...{ hint: account.newPasswordHint(page.leastPassword), problem: problemAt('new_password') },
    }),
    field({
      ...{ ...common, id: 'repeat_password', label: account.repeatPassword, autocomplete: 'new-password' },
      problem: problemAt('repeat_password'),
    }),
  ]
}

const passwordForm = (page: AccountPage): Html =>
  html`<form id="change_password" method="post" action="${page.path}/account/password">
    <input type="hidden" name="csrf" value="${page.csrf.password}" />
    <input type="text" autocomplete="username" value="${page.username}" hidden readonly />
    ${passwordFields(page)}
    <p class="note">${page.messages.account.passwordEffect}</p>
    <button type="submit">${page.messages.account.changePassword}</button>
  </form>`

const changeOfPassword = (page: AccountPage, at: Exclude<AccountPage['passwordAt'], 'none'>): Html => {
  const { messages } = page
  if (at === 'elsewhere') return html`<p class="note">${messages.account.passwordElsewhere}</p>`
  if (at === 'here') return passwordForm(page)
  return html`<p><a id="change_password" href="${at.uri}">${messages.account.changePassword}</a></p>`
}

/** What there is where users log in here, and what makes any login safer. */
const password = (page: AccountPage): Html => {
  const { path, passwordAt: at, hasPasskeys, messages } = page
  const { account } = messages
  return html`
    <section id="${at === 'none' ? 'steps' : 'password'}" aria-labelledby="password_title">
      <h2 id="password_title">${at === 'none' ? account.steps : account.password}</h2>
      ${at !== 'none' && changeOfPassword(page, at)}
      <p><a id="two_step" href="${path}/account/totp">${account.twoStep}</a></p>
      ${hasPasskeys && html`<p><a id="passkeys" href="${path}/account/passkeys">${messages.passkeys.title}</a></p>`}
    </section>
  `
}

/** The page on which users see and end what has access to their account. */
export const accountPage = (page: AccountPage): string => {
  const { path, username, apps, sessions, done, messages } = page
  const { account, common } = messages
  return layout(
    { ...page, title: account.title, isWide: true, problem: page.problem?.text },
    html`
      ${done !== undefined && html`<p id="message" class="done" role="status">${done}</p>`}
      <p>${common.loggedInAs(html`<strong><bdi>${username}</bdi></strong>`)}</p>
      <nav>
        <a href="${path}/">${common.startPage(page.theme.name)}</a> <a href="${path}/logout">${common.logOut}</a>
      </nav>
      <section id="apps" aria-labelledby="apps_title">
        <h2 id="apps_title">${account.apps}</h2>
        ${
          apps.length === 0
            ? html`<p class="note">${account.noApps}</p>`
            : html`<ul class="cards">
                ${apps.map((app, index) => appCard(page, app, index))}
              </ul>`
        }
      </section>
      <section id="sessions" aria-labelledby="sessions_title">
        <h2 id="sessions_title">${account.sessions}</h2>
        <ul class="cards">
          ${sessions.map((session, index) => sessionCard(page, session, index))}
        </ul>
        ${sessions.length > 1 && endOthersForm(page)}
      </section>
      ${password(page)} ${page.logins && loginsSection(page, page.logins)}
    `,
  )
}
