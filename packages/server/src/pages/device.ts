import { describeClient, type ShownClient } from './client.ts'
import { field, problemId, problemOf } from './field.ts'
import { html } from './html.ts'
import { layout, type PageFrame } from './layout.ts'
import { decisionButtons, scopeFields, type AskedFor } from './scopes.ts'

/** What the page for the code of a device shows. */
export interface DevicePage extends PageFrame {
  readonly csrf: string
  /** What was typed before, or came in the URL. */
  readonly userCode: string
  readonly problem: string | undefined
}

/** The page where the code that a device shows is entered. */
export const devicePage = (page: DevicePage): string => {
  const { path, csrf, userCode, problem, messages } = page
  return layout(
    { ...page, title: messages.device.title },
    html`
      ${problemOf(problem)}
      <form id="device" class="only" method="post" action="${path}/device">
        <input type="hidden" name="csrf" value="${csrf}" />
        ${field({
          ...{ id: 'user_code', label: messages.device.code, value: userCode, autocomplete: 'off', maxlength: 64 },
          ...(problem !== undefined && { problemId, isFirst: true }),
        })}
        <button type="submit">${messages.common.continue}</button>
      </form>
    `,
  )
}

/** What the page shows that asks about a device. */
export interface DeviceDecisionPage extends AskedFor, PageFrame {
  readonly csrf: string
  readonly userCode: string
  readonly client: ShownClient
  readonly username: string
}

/** The page on which a user compares the code and decides what the device may do. */
export const deviceDecisionPage = (page: DeviceDecisionPage): string => {
  const { path, userCode, username, messages } = page
  const { device, client, common } = messages
  return layout(
    { ...page, title: device.decisionTitle },
    html`
      ${describeClient(page.client, client.asksOnDevice, messages)}
      <p class="warning">${device.compare(html`<strong id="shown_code">${userCode}</strong>`)}</p>
      <form id="consent" method="post" action="${path}/device/decision">
        <input type="hidden" name="csrf" value="${page.csrf}" />
        <input type="hidden" name="user_code" value="${userCode}" />
        <input type="hidden" name="client_id" value="${page.client.id}" />
        ${scopeFields(page, messages)} ${decisionButtons(messages)}
      </form>
      <p class="note">${common.loggedInAs(html`<bdi>${username}</bdi>`)}</p>
    `,
  )
}
