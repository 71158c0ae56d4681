import { encodeQR } from 'qr'
import { html, type Html } from './html.ts'
import { confirmation, type Confirmation } from './confirm.ts'
import { field, problemId, problemOf } from './field.ts'
import { layout, type PageFrame } from './layout.ts'
import { passkeyScript } from './passkey.ts'

/** What both forms have. */
interface TotpForm extends PageFrame, Confirmation {
  readonly csrf: string
}

/** What the page shows to a user without second factor. */
export interface EnrolTotpPage extends TotpForm {
  /** From which the secret is made. */
  readonly nonce: string
  /** In base32. */
  readonly secret: string
  /** The same for apps. */
  readonly uri: string
}

/** What the page shows to a user who has one. */
export interface RemoveTotpPage extends TotpForm {
  readonly codesLeft: number
}

/** Drawn with a white border, which readers need. */
const picture = (text: string, label: string): Html => {
  const rows = encodeQR(text, 'raw', { border: 4 })
  const path = rows.flatMap((row, y) => row.map((isDark, x) => (isDark ? `M${x} ${y}h1v1h-1z` : ''))).join('')
  return html`<svg
    id="qr"
    role="img"
    aria-label="${label}"
    viewBox="0 0 ${rows.length} ${rows.length}"
    width="240"
    height="240"
  >
    <rect width="100%" height="100%" fill="#fff" />
    <path d="${path}" fill="#000" />
  </svg>`
}

/** The page on which a user turns the second factor on. */
export const enrolTotpPage = (page: EnrolTotpPage): string => {
  const { path, csrf, nonce, secret, uri, problem, messages } = page
  const { totp } = messages
  const code = { id: 'code', label: totp.code, autocomplete: 'one-time-code', maxlength: 16, isFirst: true }
  return layout(
    { ...page, title: totp.title, script: page.passkey && passkeyScript },
    html`
      ${problemOf(problem)}
      <p>${totp.scan}</p>
      ${picture(uri, totp.picture)}
      <p>${totp.key}: <code id="secret">${secret.match(/.{1,4}/g)?.join(' ')}</code></p>
      <p><a id="otpauth" href="${uri}">${totp.open}</a></p>
      <form id="totp" method="post" action="${path}/account/totp">
        <input type="hidden" name="csrf" value="${csrf}" />
        <input type="hidden" name="nonce" value="${nonce}" />
        ${field({ ...code, ...(problem !== undefined && { problemId }) })}
        ${confirmation(page, page, html`<button type="submit">${totp.turnOn}</button>`)}
      </form>
    `,
  )
}

/** The page on which a user turns it off. */
export const removeTotpPage = (page: RemoveTotpPage): string => {
  const { path, csrf, codesLeft, problem, messages } = page
  const { totp } = messages
  return layout(
    { ...page, title: totp.title, script: page.passkey && passkeyScript },
    html`
      ${problemOf(problem)}
      <p>${totp.isOn}</p>
      <p class="note">${totp.codesLeft} <span id="codes_left">${codesLeft}</span></p>
      <form id="remove_totp" method="post" action="${path}/account/totp/remove">
        <input type="hidden" name="csrf" value="${csrf}" />
        ${confirmation(page, page, html`<button type="submit">${totp.turnOff}</button>`)}
      </form>
    `,
  )
}

/** The page with the recovery codes. */
export const recoveryCodesPage = (page: PageFrame, codes: readonly string[]): string => {
  const { totp } = page.messages
  return layout(
    { ...page, title: totp.savedTitle },
    html`
      <p role="status">${totp.saved}</p>
      <ol id="recovery_codes">
        ${codes.map((code) => html`<li><code>${code}</code></li>`)}
      </ol>
      <p><a id="done" href="${page.path}/account">${totp.done}</a></p>
    `,
  )
}
