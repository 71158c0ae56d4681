import { mostPasskeys } from '../accounts/passkey-store.ts'
import { confirmation, type Confirmation } from './confirm.ts'
import { field, problemOf } from './field.ts'
import { html, type Html } from './html.ts'
import { layout, type PageFrame } from './layout.ts'
import { passkeyButton, passkeyScript, type PasskeyPrompt } from './passkey.ts'
import { timeOf } from './time.ts'

/** A passkey in the list. */
export interface ShownPasskey {
  readonly id: string
  readonly name: string
  /** In seconds. */
  readonly createdAt: number
  readonly lastUsedAt: number | undefined
}

/** What the page of the passkeys shows. */
export interface PasskeysPage extends PageFrame, Confirmation {
  readonly passkeys: readonly ShownPasskey[]
  readonly csrf: string
  /** What a new one is called, as it was typed or as it is proposed. */
  readonly name: string
  /** What was done just now. */
  readonly done: string | undefined
}

const card = ({ path, messages }: PageFrame, { id, name, createdAt, lastUsedAt }: ShownPasskey): Html => {
  const { passkeys } = messages
  const used = lastUsedAt === undefined ? passkeys.neverUsed : passkeys.lastUsed(timeOf(lastUsedAt, 'minute', messages))
  return html`<li>
    <div>
      <h3><bdi>${name}</bdi></h3>
      <p class="note">${passkeys.createdOn(timeOf(createdAt, 'day', messages))}<br />${used}</p>
    </div>
    <p class="more">
      <a href="${path}/account/passkeys/remove?id=${id}" aria-label="${passkeys.removeOf(name)}">${passkeys.remove}</a>
    </p>
  </li>`
}

const addForm = (page: PasskeysPage): Html => {
  const { path, csrf, name, messages } = page
  const { passkeys } = messages
  return html`<form id="add_passkey" method="post" action="${path}/account/passkeys/add">
    <input type="hidden" name="csrf" value="${csrf}" />
    ${field({
      ...{ id: 'name', label: passkeys.name, value: name, hint: passkeys.nameHint },
      ...{ autocomplete: 'off', maxlength: 60 },
    })}
    ${confirmation(page, page, html`<button type="submit">${passkeys.continue}</button>`)}
  </form>`
}

/** The page on which users see their passkeys. */
export const passkeysPage = (page: PasskeysPage): string => {
  const { path, passkeys, done, problem, messages } = page
  const { passkeys: texts } = messages
  const list = html`<ul class="cards">
    ${passkeys.map((each) => card(page, each))}
  </ul>`
  return layout(
    { ...page, title: texts.title, script: page.passkey && passkeyScript },
    html`
      ${done !== undefined && html`<p id="message" class="done" role="status">${done}</p>`}
      <p>${texts.about}</p>
      <h2>${texts.own}</h2>
      ${passkeys.length === 0 ? html`<p class="note">${texts.none}</p>` : list}
      <h2>${texts.add}</h2>
      ${problemOf(problem)} ${passkeys.length < mostPasskeys ? addForm(page) : html`<p>${texts.full(mostPasskeys)}</p>`}
      <p><a href="${path}/account">${messages.common.account}</a></p>
    `,
  )
}

/** The page on which the browser makes a passkey. */
export const createPasskeyPage = (
  page: PageFrame & { readonly csrf: string; readonly name: string; readonly prompt: PasskeyPrompt },
): string => {
  const { path, csrf, name, prompt, messages } = page
  const { passkeys } = messages
  return layout(
    { ...page, title: passkeys.createTitle, script: passkeyScript },
    html`
      <p>${passkeys.create(html`<strong><bdi>${name}</bdi></strong>`)}</p>
      <p class="warning" data-without-passkey>${passkeys.withoutScript}</p>
      <form id="create_passkey" method="post" action="${path}/account/passkeys/create">
        <input type="hidden" name="csrf" value="${csrf}" />
        <input type="hidden" name="name" value="${name}" />
        ${passkeyButton(page, prompt, { kind: 'create', label: passkeys.createButton, isMain: true })}
      </form>
      <p><a href="${path}/account/passkeys">${passkeys.title}</a></p>
    `,
  )
}

/** What the page shows on which a passkey is removed. */
export interface RemovePasskeyPage extends PageFrame, Confirmation {
  readonly id: string
  readonly name: string
  readonly csrf: string
}

/** The page on which a passkey is removed. */
export const removePasskeyPage = (page: RemovePasskeyPage): string => {
  const { path, id, name, csrf, problem, messages } = page
  const { passkeys } = messages
  return layout(
    { ...page, title: passkeys.removeTitle, script: page.passkey && passkeyScript },
    html`
      ${problemOf(problem)}
      <p>
        <strong><bdi>${name}</bdi></strong>
      </p>
      <p>${passkeys.removeEffect}</p>
      <form id="remove_passkey" method="post" action="${path}/account/passkeys/remove">
        <input type="hidden" name="csrf" value="${csrf}" />
        <input type="hidden" name="id" value="${id}" />
        ${confirmation(page, page, html`<button type="submit">${passkeys.removeButton}</button>`)}
      </form>
      <p><a href="${path}/account/passkeys">${passkeys.title}</a></p>
    `,
  )
}
