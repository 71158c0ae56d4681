// @ts-check
/**
 * Lets a passkey press buttons: each with `data-passkey` is hidden until this runs, asks the browser for what `data-options` says, writes the
 * answer into the field `credential` of its form and sends the form. Pages say in words what to do without it.
 */

/** @param {string} text In base64url. */
const toBytes = (text) =>
  Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (letter) => letter.charCodeAt(0))

/** @param {ArrayBuffer} bytes */
const toText = (bytes) =>
  btoa(String.fromCharCode(...new Uint8Array(bytes)))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '')

/** @param {readonly { readonly id: string }[] | undefined} list */
const readIds = (list) => list?.map((each) => ({ ...each, id: toBytes(each.id) }))

/** @param {string} text Options as JSON has them (WebAuthn Level 3 §5.1.10, §5.1.11). */
const readOptions = (text) => {
  const options = JSON.parse(text)
  return {
    ...options,
    challenge: toBytes(options.challenge),
    ...(options.user && { user: { ...options.user, id: toBytes(options.user.id) } }),
    ...(options.allowCredentials && { allowCredentials: readIds(options.allowCredentials) }),
    ...(options.excludeCredentials && { excludeCredentials: readIds(options.excludeCredentials) }),
  }
}

/** @typedef {{ readonly id: string, readonly type: string, readonly response: Partial<AuthenticatorAttestationResponse & AuthenticatorAssertionResponse> }} Answer */

/** @param {Answer} answer Of a new passkey, or of one that is there. */
const write = ({ id, type, response }) => {
  /** @type {['clientDataJSON', 'attestationObject', 'authenticatorData', 'signature', 'userHandle']} */
  const names = ['clientDataJSON', 'attestationObject', 'authenticatorData', 'signature', 'userHandle']
  const given = names.flatMap((name) => (response[name] ? [[name, toText(response[name])]] : []))
  const transports = response.attestationObject && { transports: response.getTransports?.() ?? [] }
  return JSON.stringify({
    ...{ id, rawId: id, type, clientExtensionResults: {} },
    response: { ...Object.fromEntries(given), ...transports },
  })
}

/** Of the request that waits for the user to choose a passkey in the field of the user name. */
let waiting = new AbortController()

/**
 * @param {HTMLButtonElement} button
 * @param {CredentialRequestOptions} [how]
 */
const run = async (button, how = {}) => {
  const publicKey = readOptions(button.dataset['options'] ?? '')
  const isNew = button.dataset['passkey'] === 'create'
  const answer = isNew ? navigator.credentials.create({ publicKey }) : navigator.credentials.get({ publicKey, ...how })
  const field = button.form?.elements.namedItem('credential')
  if (!(field instanceof HTMLInputElement)) return
  field.value = write(/** @type {Answer} */ (/** @type {unknown} */ (await answer))) // what was asked for is a public key
  button.form?.submit()
}

/** @param {HTMLButtonElement} button */
const press = async (button) => {
  if (!button.form?.reportValidity()) return
  waiting.abort()
  const problem = document.getElementById('passkey_problem')
  if (problem) problem.hidden = true
  button.disabled = true
  try {
    await run(button)
  } catch (thrown) {
    if (!problem) return
    const isThere = thrown instanceof DOMException && thrown.name === 'InvalidStateError'
    problem.textContent = (isThere ? button.dataset['there'] : button.dataset['failed']) ?? ''
    problem.hidden = false
  } finally {
    button.disabled = false
  }
}

/** Offers passkeys in the field of the user name, where browsers can. @param {HTMLButtonElement} button */
const offer = async (button) => {
  if (!(await PublicKeyCredential.isConditionalMediationAvailable?.())) return
  waiting = new AbortController()
  await run(button, { mediation: 'conditional', signal: waiting.signal }).catch(() => undefined) // the user did something else
}

if (window.PublicKeyCredential) {
  for (const button of document.querySelectorAll('button[data-passkey]')) {
    if (!(button instanceof HTMLButtonElement)) continue
    button.addEventListener('click', () => void press(button))
    button.hidden = false
    if (document.querySelector('input[autocomplete~="webauthn"]')) void offer(button)
  }
  for (const note of document.querySelectorAll('[data-without-passkey]')) note.remove()
}
