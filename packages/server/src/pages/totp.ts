import { encodeQR } from 'qr'
import { html, type Html } from './html.ts'
import { layout } from './layout.ts'

/** What the pages say. */
export const totpTexts = {
  title: 'Two-step login',
  scan: 'Scan this with an authenticator app, or type in the key. Then enter the code that the app shows.',
  picture: 'QR code of the key',
  open: 'Open it in an app on this device',
  key: 'Key',
  code: 'Code of the app',
  password: 'Your password',
  turnOn: 'Turn on',
  isOn: 'Your login asks for a code of your authenticator app.',
  codesLeft: 'Recovery codes left:',
  turnOff: 'Turn off',
  savedTitle: 'Keep your recovery codes',
  saved:
    'Two-step login is on. If you lose your app, each of these codes logs you in once. They are shown only now: print them or write them down.',
  done: 'Done',
  off: 'Two-step login is off.',
  wrong: 'The password or the code is wrong, or the code was used before.',
  wrongPassword: 'The password is wrong.',
  limited: 'Too many wrong tries. Wait five minutes and try again.',
  busy: 'The server is busy. Try again in a moment.',
} as const

/** What both forms have. */
interface TotpForm {
  readonly path: string
  readonly csrf: string
  readonly problem: string | undefined
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
const picture = (text: string): Html => {
  const rows = encodeQR(text, 'raw', { border: 4 })
  const path = rows.flatMap((row, y) => row.map((isDark, x) => (isDark ? `M${x} ${y}h1v1h-1z` : ''))).join('')
  return html`<svg
    id="qr"
    role="img"
    aria-label="${totpTexts.picture}"
    viewBox="0 0 ${rows.length} ${rows.length}"
    width="240"
    height="240"
  >
    <rect width="100%" height="100%" fill="#fff" />
    <path d="${path}" fill="#000" />
  </svg>`
}

const problemOf = (problem: string | undefined): Html | undefined =>
  problem === undefined ? undefined : html`<p class="problem" role="alert">${problem}</p>`

const passwordField = html`
  <label for="password">${totpTexts.password}</label>
  <input id="password" name="password" type="password" autocomplete="current-password" maxlength="1024" required />
`

/** The page on which a user turns the second factor on. */
export const enrolTotpPage = ({ path, csrf, nonce, secret, uri, problem }: EnrolTotpPage): string =>
  layout(
    { title: totpTexts.title, path },
    html`
      ${problemOf(problem)}
      <p>${totpTexts.scan}</p>
      ${picture(uri)}
      <p>${totpTexts.key}: <code id="secret">${secret.match(/.{1,4}/g)?.join(' ')}</code></p>
      <p><a id="otpauth" href="${uri}">${totpTexts.open}</a></p>
      <form id="totp" method="post" action="${path}/account/totp">
        <input type="hidden" name="csrf" value="${csrf}" />
        <input type="hidden" name="nonce" value="${nonce}" />
        <label for="code">${totpTexts.code}</label>
        <input id="code" name="code" inputmode="numeric" autocomplete="one-time-code" maxlength="16" required />
        ${passwordField}
        <button type="submit">${totpTexts.turnOn}</button>
      </form>
    `,
  )

/** The page on which a user turns it off. */
export const removeTotpPage = ({ path, csrf, codesLeft, problem }: RemoveTotpPage): string =>
  layout(
    { title: totpTexts.title, path },
    html`
      ${problemOf(problem)}
      <p>${totpTexts.isOn}</p>
      <p class="note">${totpTexts.codesLeft} <span id="codes_left">${codesLeft}</span></p>
      <form id="remove_totp" method="post" action="${path}/account/totp/remove">
        <input type="hidden" name="csrf" value="${csrf}" />
        ${passwordField}
        <button type="submit">${totpTexts.turnOff}</button>
      </form>
    `,
  )

/** The page with the recovery codes. */
export const recoveryCodesPage = (path: string, codes: readonly string[]): string =>
  layout(
    { title: totpTexts.savedTitle, path },
    html`
      <p role="status">${totpTexts.saved}</p>
      <ol id="recovery_codes">
        ${codes.map((code) => html`<li><code>${code}</code></li>`)}
      </ol>
      <p><a id="done" href="${path}/">${totpTexts.done}</a></p>
    `,
  )
