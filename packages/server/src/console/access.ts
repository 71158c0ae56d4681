import type { HttpResponse } from 'grantry'
import { AdminRefusal } from '../admin/refusal.ts'
import { describeToken } from '../admin/describe.ts'
import type { InspectedToken } from '../admin/tokens.ts'
import { html, type Html } from '../pages/html.ts'
import { doneAt, show, textOf, tryTo, type ConsoleCall, type ConsoleHandler } from './call.ts'
import { action, facts, form, input, minute, nextPage, table, tag } from './page.ts'

const ownerIn = async ({ admin }: ConsoleCall, given: URLSearchParams) => {
  const [user, client] = [textOf(given, 'user'), textOf(given, 'client')]
  const userId = user === undefined ? undefined : (await admin.users.show(user)).id
  const clientId = client === undefined ? undefined : await admin.grants.clientIdOf(client)
  return { userId, clientId }
}

const searchForm = ({ frame, query }: ConsoleCall): Html => {
  const { texts } = frame
  return html`<p>${texts.grants.about}</p>
    <form class="row" method="get" action="/grants">
      ${input({ name: 'user', label: texts.grants.user, value: query.get('user') ?? '' })}
      ${input({ name: 'client', label: texts.grants.client, value: query.get('client') ?? '' })}
      <button type="submit">${texts.find}</button>
    </form>`
}

const found = async (call: ConsoleCall): Promise<Html> => {
  const { admin, frame, query } = call
  const { texts } = frame
  const cursor = textOf(query, 'cursor')
  const { items, next } = await admin.grants.list({ ...(await ownerIn(call, query)), cursor })
  const rows = items.map(({ id, clientId, userId, createdAt, expiresAt }) => [
    html`<code>${id}</code>`,
    html`<a href="/clients/${encodeURIComponent(clientId)}"><bdi>${clientId}</bdi></a>`,
    userId !== undefined && html`<a href="/users/${encodeURIComponent(userId)}"><bdi>${userId}</bdi></a>`,
    minute(createdAt),
    minute(expiresAt),
    action(frame, `/grants/${id}/revoke`, { label: texts.grants.revoke, name: `${texts.grants.revoke}: ${id}` }),
  ])
  const { grant, client, user, since, expires, revoke } = texts.grants
  const owner = { user: query.get('user') ?? '', client: query.get('client') ?? '' }
  const all = html`<input type="hidden" name="user" value="${owner.user}" /><input
      type="hidden"
      name="client"
      value="${owner.client}"
    />
    <label class="check"><input type="checkbox" name="sure" value="yes" required /> ${texts.confirm}</label>
    <button type="submit" class="danger">${texts.grants.revokeAll}</button>`
  return html`${table(texts.nav.grants, [grant, client, user, since, expires, revoke], rows, texts.none)}
  ${nextPage(frame, '/grants', owner, next)}
  ${items.length > 0 && html`<div class="card">${form(frame, '/grants/revoke', all)}</div>`}`
}

/** Grants of a user, of a client, or of both. */
export const listGrants: ConsoleHandler = async (call) => {
  const { frame, query } = call
  const options = { title: frame.texts.nav.grants, section: 'grants' } as const
  const isAsked = textOf(query, 'user') !== undefined || textOf(query, 'client') !== undefined
  const content = isAsked ? await tryTo(() => found(call)) : false
  if (content instanceof AdminRefusal) return show(call, { ...options, problem: content.message }, searchForm(call))
  return show(call, options, html`${searchForm(call)} ${content}`)
}

/** Ends one grant. */
export const revokeGrant: ConsoleHandler = async ({ admin, path: { id = '' } }) => {
  const { userId, clientId } = await admin.grants.revoke(id)
  return doneAt(`/grants?${new URLSearchParams({ user: userId ?? '', client: clientId }).toString()}`)
}

/** Ends all of a user, of a client, or of both. */
export const revokeGrants: ConsoleHandler = async (call) => {
  const { admin, frame, fields } = call
  const count = await admin.grants.revokeAll(await ownerIn(call, fields))
  const { texts } = frame
  return show(call, { title: texts.nav.grants, section: 'grants', done: texts.grants.revoked(count) }, searchForm(call))
}

const tokenForm = ({ frame, fields }: ConsoleCall): Html => {
  const { texts } = frame
  const content = html`${input({ name: 'token', label: texts.tokens.token, rows: 4, isRequired: true, value: fields.get('token') ?? '' })}
    <button type="submit">${texts.tokens.inspect}</button>`
  return html`<p>${texts.tokens.about}</p>
    <div class="card">${form(frame, '/tokens', content)}</div>`
}

/** The form for a token. */
export const showTokens: ConsoleHandler = async (call) =>
  show(call, { title: call.frame.texts.nav.tokens, section: 'tokens' }, tokenForm(call))

const tokenCard = ({ frame }: ConsoleCall, token: InspectedToken, text: string): Html => {
  const { tokens, state } = frame.texts
  const { kind, clientId, username, scopes, audience, grantId, issuedAt, expiresAt, usedAt } = describeToken(token)
  const { members } = tokens
  const rows = [
    [members.kind, html`<code>${kind}</code>`],
    [members.reason, token.reason && tokens.reasons[token.reason]],
    [members.clientId, clientId],
    [members.username, username],
    [members.scopes, scopes?.join(' ')],
    [members.audience, audience?.join(' ')],
    [members.issuedAt, minute(issuedAt)],
    [members.expiresAt, minute(expiresAt)],
    [members.usedAt, minute(usedAt)],
    [members.grantId, grantId],
  ] as const
  const revoke = html`<input type="hidden" name="token" value="${text}" /><button type="submit" class="danger">
      ${tokens.revoke}
    </button>`
  return html`<div class="card" id="inspected">
    <p>
      ${tag(token.isActive, token.isActive ? state.active : state.over)} ${token.isActive ? tokens.good : tokens.bad}
    </p>
    ${facts(rows)} ${token.isActive && form(frame, '/tokens/revoke', revoke)}
  </div>`
}

const tokenPage = (call: ConsoleCall, token: InspectedToken): HttpResponse => {
  const text = call.fields.get('token') ?? ''
  const page = { title: call.frame.texts.nav.tokens, section: 'tokens' } as const
  return show(call, page, html`${tokenCard(call, token, text)} ${tokenForm(call)}`)
}

/** Says what a token is. */
export const inspectToken: ConsoleHandler = async (call) =>
  tokenPage(call, await call.admin.tokens.inspect(call.fields.get('token') ?? ''))

/** Ends a token. */
export const revokeToken: ConsoleHandler = async (call) =>
  tokenPage(call, await call.admin.tokens.revoke(call.fields.get('token') ?? ''))
