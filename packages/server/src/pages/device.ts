import { describeClient, type ShownClient } from './client.ts'
import { html } from './html.ts'
import { layout } from './layout.ts'
import { scopeFields, type AskedFor } from './scopes.ts'

/** What the page for the code of a device shows. */
export interface DevicePage {
  readonly path: string
  readonly csrf: string
  /** What was typed before, or came in the URL. */
  readonly userCode: string
  readonly problem: string | undefined
}

/** The page where the code that a device shows is entered. */
export const devicePage = ({ path, csrf, userCode, problem }: DevicePage): string =>
  layout(
    { title: 'Connect a device', path },
    html`
      ${problem && html`<p class="problem" role="alert">${problem}</p>`}
      <form id="device" method="post" action="${path}/device">
        <input type="hidden" name="csrf" value="${csrf}" />
        <label for="user_code">The code that your device shows</label>
        <input
          id="user_code"
          name="user_code"
          value="${userCode}"
          autocomplete="off"
          autocapitalize="characters"
          spellcheck="false"
          maxlength="64"
          required
        />
        <button type="submit">Continue</button>
      </form>
    `,
  )

/** What the page shows that asks about a device. */
export interface DeviceDecisionPage extends AskedFor {
  readonly path: string
  readonly csrf: string
  readonly userCode: string
  readonly client: ShownClient
  readonly username: string
}

/** The page on which a user compares the code and decides what the device may do. */
export const deviceDecisionPage = (page: DeviceDecisionPage): string => {
  const { path, userCode, username } = page
  return layout(
    { title: 'Allow this device?', path },
    html`
      ${describeClient(page.client, 'asks for access to your account, on a device.')}
      <p class="warning">
        Go on only if a device in front of you shows the code <strong id="shown_code">${userCode}</strong>. If someone
        sent you a link or the code, deny: it would be their device that gets access.
      </p>
      <form id="consent" method="post" action="${path}/device/decision">
        <input type="hidden" name="csrf" value="${page.csrf}" />
        <input type="hidden" name="user_code" value="${userCode}" />
        ${scopeFields(page)}
        <div class="choice">
          <button id="approve" type="submit" name="decision" value="approve">Allow</button>
          <button id="deny" type="submit" name="decision" value="deny">Deny</button>
        </div>
      </form>
      <p class="note">You are logged in as <bdi>${username}</bdi>.</p>
    `,
  )
}
