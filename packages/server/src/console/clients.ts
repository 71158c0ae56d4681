import type { HttpResponse } from 'grantry'
import type { ClientView } from '../admin/clients.ts'
import { AdminRefusal } from '../admin/refusal.ts'
import type { ClientSettings } from '../client-settings.ts'
import { isDocumentId } from '../client-record.ts'
import { seeOther } from '../http/page-response.ts'
import { html, type Html } from '../pages/html.ts'
import { doneAt, show, textOf, tryTo, type ConsoleCall, type ConsoleHandler } from './call.ts'
import { readChange, settingFields, withoutNull } from './client-fields.ts'
import { action, checkbox, facts, form, input, minute, nextPage, table, tag, type ConsoleFrame } from './page.ts'

const pathOf = (id: string): string => `/clients/${encodeURIComponent(id)}`

/** All clients. */
export const listClients: ConsoleHandler = async (call) => {
  const { admin, frame, query } = call
  const { texts } = frame
  const search = query.get('search') ?? ''
  const { items, next } = await admin.clients.list({ search, cursor: query.get('cursor') ?? undefined })
  const rows = items.map((client) => [
    html`<a href="${pathOf(client.id)}"><bdi>${client.id}</bdi></a>`,
    html`<bdi>${client.settings.name ?? ''}</bdi>`,
    stateOf(frame, client),
    texts.clients.origins[client.origin],
  ])
  const { id, name, state, origin } = texts.clients
  return show(
    call,
    { title: texts.nav.clients, section: 'clients' },
    html`<form class="row" method="get" action="/clients">
        ${input({ name: 'search', label: texts.search, value: search })}
        <button type="submit" class="quiet">${texts.find}</button>
      </form>
      ${table(texts.nav.clients, [id, name, state, origin], rows, texts.none)}
      ${nextPage(frame, '/clients', { search }, next)}
      <p class="more"><a href="/clients/new">${texts.clients.new}</a></p>`,
  )
}

const stateOf = ({ texts }: ConsoleFrame, { disabledAt }: ClientView): Html =>
  tag(disabledAt === undefined, disabledAt === undefined ? texts.state.enabled : texts.state.disabled)

/** The form for a new client. */
export const newClient: ConsoleHandler = async (call) => newForm(call, {})

const newForm = (call: ConsoleCall, settings: ClientSettings, refused?: AdminRefusal): HttpResponse => {
  const { frame, fields } = call
  const { texts } = frame
  const problems = refused?.problems ?? []
  const content = html`${input({ name: 'id', label: texts.clients.id, value: fields.get('id') ?? '', problems })}
    ${checkbox({ name: 'public', label: texts.clients.public, isChecked: fields.has('public') })}
    ${settingFields(frame, settings, problems)} <button type="submit">${texts.create}</button>`
  const page = { title: texts.clients.new, section: 'clients', problem: refused?.message } as const
  return show(call, page, html`<div class="card">${form(frame, '/clients/new', content)}</div>`)
}

/** Makes a client, and shows its secret. */
export const createClient: ConsoleHandler = async (call) => {
  const { admin, fields } = call
  const settings = withoutNull(readChange(fields))
  const isPublic = fields.has('public') ? true : undefined
  const made = await tryTo(() => admin.clients.create({ ...settings, public: isPublic, id: textOf(fields, 'id') }))
  if (made instanceof AdminRefusal) return newForm(call, settings, made)
  return secretPage(call, made.client, made.secret)
}

const secretPage = (call: ConsoleCall, { id }: ClientView, secret: string | undefined): HttpResponse => {
  const { texts } = call.frame
  const shown =
    secret !== undefined &&
    html`<h2>${texts.clients.secret}</h2>
      <code class="secret" id="secret">${secret}</code>
      <p class="warning">${texts.once}</p>`
  const content = html`<div class="card">
    ${facts([[texts.clients.id, html`<code id="client_id">${id}</code>`]])} ${shown}
    <p class="more"><a href="${pathOf(id)}">${texts.back}</a></p>
  </div>`
  return show(call, { title: id, section: 'clients', done: texts.done }, content)
}

/** One client. Of one that is known by its document there is nothing here but what users let it have. */
export const showClient: ConsoleHandler = async (call) => {
  const found = await tryTo(() => call.admin.clients.show(idOf(call)))
  if (!(found instanceof AdminRefusal)) return clientPage(call, found)
  if (!isDocumentId(idOf(call))) throw found
  return seeOther(`/grants?${new URLSearchParams({ client: idOf(call) }).toString()}`)
}

const idOf = ({ path: { id = '' } }: ConsoleCall): string => id

const clientPage = (
  call: ConsoleCall,
  client: ClientView,
  refused?: AdminRefusal,
  typed?: ClientSettings,
): HttpResponse => {
  const { frame } = call
  const { texts } = frame
  const { id, origin, secrets } = client
  const isFixed = origin === 'file' || origin === 'console'
  const edit = html`<input type="hidden" name="version" value="${client.version}" />
    ${settingFields(frame, typed ?? client.settings, refused?.problems ?? [])}
    <button type="submit">${texts.save}</button>`
  const made = [
    [texts.clients.id, html`<code>${id}</code>`],
    [texts.clients.state, stateOf(frame, client)],
    [texts.clients.origin, texts.clients.origins[origin]],
    [texts.users.since, minute(client.registeredAt)],
    [texts.users.lastUsed, minute(client.lastUsedAt)],
    [texts.clients.secret, secrets === 0 ? texts.clients.noSecret : texts.clients.secrets(secrets)],
  ] as const
  const content = html`<div class="card">
      ${facts(made)}
      <p class="more">
        <a href="/grants?${new URLSearchParams({ client: id }).toString()}">${texts.clients.grants}</a>
      </p>
    </div>
    <h2>${texts.clients.edit}</h2>
    ${
      isFixed
        ? html`<p class="note">${texts.clients.fixed}</p>`
        : html`<div class="card">${form(frame, pathOf(id), edit)}</div>
            ${secretCard(frame, client)}`
    }
    ${origin !== 'console' && endCards(frame, client, isFixed)}`
  return show(call, { title: client.settings.name ?? id, section: 'clients', problem: refused?.message }, content)
}

const secretCard = (frame: ConsoleFrame, { id, secrets }: ClientView): Html | false => {
  const { texts } = frame
  const rotate = html`${checkbox({ name: 'keepOld', label: texts.clients.keepOld, isChecked: true })}<button
      type="submit"
      class="quiet"
    >
      ${texts.clients.newSecret}
    </button>`
  return (
    secrets > 0 &&
    html`<h2>${texts.clients.secret}</h2>
      <div class="card">
        <p>${texts.clients.secrets(secrets)}</p>
        ${form(frame, `${pathOf(id)}/secret`, rotate)}
        ${secrets > 1 && action(frame, `${pathOf(id)}/drop-old-secret`, { label: texts.clients.dropOld })}
      </div>`
  )
}

const endCards = (frame: ConsoleFrame, { id, disabledAt }: ClientView, isFixed: boolean): Html => {
  const { clients } = frame.texts
  const [path, label] = disabledAt === undefined ? ['disable', clients.disable] : ['enable', clients.enable]
  return html`<div class="columns">
    <div class="card">
      <p>${clients.disableHint}</p>
      ${action(frame, `${pathOf(id)}/${path}`, { label })}
    </div>
    ${
      !isFixed &&
      html`<div class="card">
        <p>${clients.deleteHint}</p>
        ${action(frame, `${pathOf(id)}/delete`, { label: clients.delete, isDanger: true })}
      </div>`
    }
  </div>`
}

/** Changes a client as it was seen; where somebody else was faster, what it is now is shown. */
export const updateClient: ConsoleHandler = async (call) => {
  const { admin, fields, frame } = call
  const id = idOf(call)
  const change = readChange(fields)
  const changed = await tryTo(() => admin.clients.update(id, change, fields.get('version') ?? ''))
  if (!(changed instanceof AdminRefusal)) return doneAt(pathOf(id))
  const client = await admin.clients.show(id)
  if (changed.code !== 'changed') return clientPage(call, client, changed, withoutNull(change))
  return clientPage(call, client, new AdminRefusal('changed', frame.texts.clients.changed))
}

/** Gives a client a new secret, and shows it. */
export const rotateSecret: ConsoleHandler = async (call) => {
  const { client, secret } = await call.admin.clients.rotateSecret(idOf(call), { keepOld: call.fields.has('keepOld') })
  return secretPage(call, client, secret)
}

/** Ends the secrets before the newest one. */
export const dropOldSecret: ConsoleHandler = async (call) => {
  await call.admin.clients.dropOldSecrets(idOf(call))
  return doneAt(pathOf(idOf(call)))
}

/** Disables or enables a client. */
export const setClientDisabled =
  (isDisabled: boolean): ConsoleHandler =>
  async (call) => {
    await call.admin.clients.setDisabled(idOf(call), isDisabled)
    return doneAt(pathOf(idOf(call)))
  }

/** Deletes a client. */
export const deleteClient: ConsoleHandler = async (call) => {
  await call.admin.clients.delete(idOf(call))
  return doneAt('/clients')
}
