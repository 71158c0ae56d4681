import { auditTable, type AuditEventType } from '../audit/audit-table.ts'
import { html } from '../pages/html.ts'
import { doneAt, show, textOf, type ConsoleHandler } from './call.ts'
import { action, choice, input, minute, nextPage, table } from './page.ts'

/** The signing keys. */
export const listKeys: ConsoleHandler = async (call) => {
  const { admin, frame } = call
  const { keys: texts, ...others } = frame.texts
  const keys = await admin.keys.list()
  const rows = keys.map(({ keyId, algorithm, state, signsFrom, publishedUntil }) => [
    html`<code>${keyId}</code>`,
    algorithm,
    texts.states[state],
    minute(signsFrom),
    minute(publishedUntil),
    action(frame, `/keys/${encodeURIComponent(keyId)}/retire`, {
      label: texts.retire,
      name: `${texts.retire}: ${keyId}`,
      isDanger: true,
    }),
  ])
  const headings = [texts.key, texts.algorithm, texts.state, texts.signsFrom, texts.publishedUntil, texts.retire]
  return show(
    call,
    { title: others.nav.keys, section: 'keys' },
    html`<p>${texts.about}</p>
      ${action(frame, '/keys/rotate', { label: texts.rotate })} ${table(others.nav.keys, headings, rows, others.none)}
      <p class="note">${texts.retireHint}</p>`,
  )
}

/** Announces new keys. */
export const rotateKeys: ConsoleHandler = async ({ admin }) => {
  await admin.keys.rotate()
  return doneAt('/keys')
}

/** Withdraws a key. */
export const retireKey: ConsoleHandler = async ({ admin, path: { id = '' } }) => {
  await admin.keys.retire(id)
  return doneAt('/keys')
}

const types = Object.keys(auditTable).sort() as AuditEventType[] // keys widens the names

/** What happened. */
export const showAudit: ConsoleHandler = async (call) => {
  const { admin, frame, query } = call
  const { audit: texts, ...others } = frame.texts
  const wanted = textOf(query, 'type')
  const chosen = types.filter((type) => type === wanted)
  const [user, client] = [textOf(query, 'user'), textOf(query, 'client')]
  const about = { userId: user, clientId: client, cursor: textOf(query, 'cursor') }
  const { items, next } = await admin.audit.list({ ...about, types: chosen.length > 0 ? chosen : undefined })
  const rows = items.map(({ at, type, actor, userId, clientId, details }) => [
    minute(at),
    html`<code>${type}</code>`,
    `${actor.kind}${actor.id === undefined ? '' : ` ${actor.id}`}`,
    userId !== undefined && html`<a href="/users/${encodeURIComponent(userId)}">${userId}</a>`,
    clientId !== undefined && html`<a href="/clients/${encodeURIComponent(clientId)}">${clientId}</a>`,
    Object.keys(details).length > 0 && html`<code>${JSON.stringify(details)}</code>`,
  ])
  const kept = { type: wanted ?? '', user: user ?? '', client: client ?? '' }
  return show(
    call,
    { title: others.nav.audit, section: 'audit' },
    html`<p>${texts.about}</p>
      <form class="row" method="get" action="/audit">
        ${choice({ name: 'type', label: texts.type, value: wanted, values: types, none: texts.any })}
        ${input({ name: 'user', label: texts.user, value: user })}
        ${input({ name: 'client', label: texts.client, value: client })}
        <button type="submit">${others.find}</button>
      </form>
      ${table(others.nav.audit, [texts.when, texts.type, texts.who, texts.user, texts.client, texts.details], rows, others.none)}
      ${nextPage(frame, '/audit', kept, next)}`,
  )
}

/** What this node runs with. */
export const showSettings =
  (settings: () => readonly (readonly [name: string, value: string])[]): ConsoleHandler =>
  async (call) => {
    const { settings: texts, ...others } = call.frame.texts
    const rows = settings().map(([name, value]) => [name, html`<span>${value}</span>`])
    return show(
      call,
      { title: others.nav.settings, section: 'settings' },
      html`<p>${texts.about}</p>
        ${table(others.nav.settings, [texts.setting, texts.value], rows, others.none)}`,
    )
  }
