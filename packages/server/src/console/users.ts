import type { Claims, HttpResponse } from 'grantry'
import type { UserRecord } from '../accounts/user-directory.ts'
import { AdminRefusal } from '../admin/refusal.ts'
import { html, type Html } from '../pages/html.ts'
import { doneAt, show, textOf, tryTo, type ConsoleCall, type ConsoleHandler } from './call.ts'
import { action, checkbox, facts, form, input, minute, nextPage, table, tag, type ConsoleFrame } from './page.ts'

const pathOf = (id: string): string => `/users/${encodeURIComponent(id)}`
const idOf = ({ path: { id = '' } }: ConsoleCall): string => id

const emailOf = ({ claims: { email } }: Pick<UserRecord, 'claims'>): string => (typeof email === 'string' ? email : '')

const stateOf = ({ texts }: ConsoleFrame, { disabledAt }: UserRecord): Html =>
  tag(disabledAt === undefined, disabledAt === undefined ? texts.state.enabled : texts.state.disabled)

/** All users. */
export const listUsers: ConsoleHandler = async (call) => {
  const { admin, frame, query } = call
  const { texts } = frame
  const search = query.get('search') ?? ''
  const { items, next } = await admin.users.list({ search, cursor: query.get('cursor') ?? undefined })
  const rows = items.map((user) => [
    html`<a href="${pathOf(user.id)}"><bdi>${user.shownName}</bdi></a>`,
    html`<bdi>${emailOf(user)}</bdi>`,
    stateOf(frame, user),
    user.isAdmin ? texts.yes : '',
    minute(user.createdAt),
  ])
  const { name, email, role, since } = texts.users
  return show(
    call,
    { title: texts.nav.users, section: 'users' },
    html`<form class="row" method="get" action="/users">
        ${input({ name: 'search', label: texts.search, value: search })}
        <button type="submit" class="quiet">${texts.find}</button>
      </form>
      ${table(texts.nav.users, [name, email, texts.clients.state, role, since], rows, texts.none)}
      ${nextPage(frame, '/users', { search }, next)}
      <p class="more"><a href="/users/new">${texts.users.new}</a></p>`,
  )
}

/** The form for a new user. */
export const newUser: ConsoleHandler = async (call) => newForm(call)

const newForm = (call: ConsoleCall, refused?: AdminRefusal): HttpResponse => {
  const { frame, fields } = call
  const { texts } = frame
  const problems = refused?.problems ?? []
  const field = (name: string, label: string, isRequired = false) =>
    input({ name, label, value: fields.get(name) ?? '', problems, isRequired })
  const content = html`${field('username', texts.users.name, true)} ${field('name', texts.users.fullName)}
    ${field('email', texts.users.email)}
    ${checkbox({ name: 'admin', label: texts.users.role, isChecked: fields.has('admin') })}
    <button type="submit">${texts.create}</button>`
  const page = { title: texts.users.new, section: 'users', problem: refused?.message } as const
  return show(call, page, html`<div class="card">${form(frame, '/users/new', content)}</div>`)
}

/** Makes a user, and shows the password. */
export const createUser: ConsoleHandler = async (call) => {
  const { admin, fields } = call
  const claims: Claims = { name: textOf(fields, 'name'), email: textOf(fields, 'email') }
  const username = textOf(fields, 'username') ?? ''
  const made = await tryTo(() => admin.users.create({ username, claims, isAdmin: fields.has('admin') }))
  if (made instanceof AdminRefusal) return newForm(call, made)
  return passwordPage(call, made.user, made.password)
}

const passwordPage = (call: ConsoleCall, user: UserRecord, password: string | undefined): HttpResponse => {
  const { texts } = call.frame
  const content = html`<div class="card">
    <h2>${texts.users.password}</h2>
    <code class="secret" id="password">${password}</code>
    <p class="warning">${texts.once}</p>
    <p class="more"><a href="${pathOf(user.id)}">${texts.back}</a></p>
  </div>`
  return show(call, { title: user.shownName, section: 'users', done: texts.done }, content)
}

/** One user. */
export const showUser: ConsoleHandler = async (call) => userPage(call)

const logins = async ({ admin, frame }: ConsoleCall, { id }: UserRecord): Promise<Html> => {
  const { texts } = frame
  const sessions = await admin.sessions.list(id)
  const rows = sessions.map(({ handle, startedAt, lastUsedAt }) => [
    minute(startedAt),
    minute(lastUsedAt),
    action(frame, `${pathOf(id)}/sessions/${handle}/end`, { label: texts.users.end }),
  ])
  return html`<h2>${texts.users.sessions}</h2>
    ${table(texts.users.sessions, [texts.users.since, texts.users.lastUsed, texts.users.end], rows, texts.none)}`
}

const apps = async ({ admin, frame }: ConsoleCall, { id }: UserRecord): Promise<Html> => {
  const { texts } = frame
  const consents = await admin.users.consents(id)
  const rows = consents.map(({ clientId, scopes, allowedAt }) => [
    html`<a href="/clients/${encodeURIComponent(clientId)}"><bdi>${clientId}</bdi></a>`,
    scopes.join(' '),
    minute(allowedAt),
    html`<a href="/grants?${new URLSearchParams({ user: id, client: clientId }).toString()}">${texts.nav.grants}</a>`,
  ])
  const headings = [texts.clients.id, 'Scopes', texts.users.since, texts.nav.grants]
  return html`<h2>${texts.users.apps}</h2>
    ${table(texts.users.apps, headings, rows, texts.none)}`
}

const userPage = async (call: ConsoleCall, refused?: string): Promise<HttpResponse> => {
  const { admin, frame } = call
  const { texts } = frame
  const user = await admin.users.show(idOf(call))
  const { id, claims } = user
  const text = refused === undefined ? JSON.stringify(claims, undefined, 2) : (call.fields.get('claims') ?? '')
  const edit = html`<input type="hidden" name="version" value="${user.version}" />
    ${input({ name: 'claims', label: texts.users.claims, hint: texts.users.claimsHint, rows: 8, value: text })}
    <button type="submit">${texts.save}</button>`
  const rows = [
    [texts.users.name, html`<bdi>${user.username}</bdi>`],
    [texts.audit.user, html`<code>${id}</code>`],
    [texts.clients.state, stateOf(frame, user)],
    [texts.users.role, user.isAdmin ? texts.yes : texts.no],
    [texts.users.since, minute(user.createdAt)],
    [texts.users.factors, user.hasSecondFactor ? texts.yes : texts.no],
    [texts.users.passkeys, user.passkeys],
  ] as const
  const content = html`<div class="card">${facts(rows)}</div>
    <div class="card">${form(frame, pathOf(id), edit)}</div>
    ${await logins(call, user)} ${await apps(call, user)} ${changes(call, user, user.hasSecondFactor)}`
  return show(call, { title: user.shownName, section: 'users', problem: refused }, content)
}

const changes = ({ frame, userId }: ConsoleCall, { id, disabledAt, isAdmin }: UserRecord, hasFactor: boolean): Html => {
  const { users } = frame.texts
  const at = (path: string): string => `${pathOf(id)}/${path}`
  const role = isAdmin
    ? action(frame, at('unmake-admin'), { label: users.unmakeAdmin })
    : action(frame, at('make-admin'), { label: users.makeAdmin })
  const isSelf = id === userId
  const ending =
    disabledAt === undefined
      ? action(frame, at('disable'), { label: users.disable, isDanger: true })
      : action(frame, at('enable'), { label: users.enable })
  return html`<div class="columns">
    <div class="card">
      <p>${users.newPasswordHint}</p>
      ${action(frame, at('password'), { label: users.newPassword })}
    </div>
    ${
      hasFactor &&
      html`<div class="card">
        <p>${users.factors}</p>
        ${action(frame, at('remove-factor'), { label: users.removeFactor })}
      </div>`
    }
    ${
      isSelf
        ? html`<div class="card"><p>${users.self}</p></div>`
        : html`<div class="card">${role}</div>
            <div class="card">
              <p>${users.disableHint}</p>
              ${ending}
            </div>
            <div class="card">
              <p>${users.deleteHint}</p>
              ${action(frame, at('delete'), { label: users.delete, isDanger: true })}
            </div>`
    }
  </div>`
}

const readClaims = (text: string): Claims | undefined => {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Claims) : undefined // what JSON.parse gives
  } catch {
    return undefined // said on the page
  }
}

/** Changes the claims of a user as they were seen; what is not there any more is forgotten. */
export const updateUser: ConsoleHandler = async (call) => {
  const { admin, fields, frame } = call
  const given = readClaims(fields.get('claims') ?? '')
  if (given === undefined) return userPage(call, frame.texts.users.wrongJson)
  const { claims: old, id } = await admin.users.show(idOf(call))
  const names = Object.keys({ ...old, ...given }).filter((name) => name !== 'updated_at') // the server sets that
  const change = Object.fromEntries(names.map((name) => [name, given[name]]))
  const changed = await tryTo(() => admin.users.changeClaims(id, change, fields.get('version') ?? ''))
  return changed instanceof AdminRefusal ? userPage(call, changed.message) : doneAt(pathOf(id))
}

/** Does something with a user, and comes back to the page. */
export const userAction =
  (work: (call: ConsoleCall, id: string) => Promise<unknown>): ConsoleHandler =>
  async (call) => {
    await work(call, idOf(call))
    return doneAt(pathOf(idOf(call)))
  }

/** The same for what nobody does to himself at the console, so that the last administrator is not locked out by a slip. */
export const otherUserAction = (work: (call: ConsoleCall, id: string) => Promise<unknown>): ConsoleHandler =>
  userAction(async (call, id) => {
    const user = await call.admin.users.show(id)
    if (user.id === call.userId) throw new AdminRefusal('fixed', call.frame.texts.users.self)
    await work(call, id)
  })

/** Gives a user a new password, and shows it. */
export const resetPassword: ConsoleHandler = async (call) => {
  const { user, password } = await call.admin.users.setPassword(idOf(call))
  return passwordPage(call, user, password)
}

/** Deletes a user. */
export const deleteUser: ConsoleHandler = async (call) => {
  await otherUserAction(({ admin }, id) => admin.users.delete(id))(call)
  return doneAt('/users')
}
