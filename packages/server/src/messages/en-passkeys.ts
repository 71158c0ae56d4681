import { html, type Html } from '../pages/html.ts'
import type { PasskeyRefusal } from '../accounts/passkeys.ts'

/** The texts about passkeys in English. */
export const enPasskeys = {
  title: 'Passkeys',
  about:
    'A passkey logs you in with your fingerprint, your face or the PIN of a device, without a password. Nobody can trick you into giving it away.',
  own: 'Your passkeys',
  none: 'You have no passkeys.',
  createdOn: (day: Html) => html`Made on ${day}`,
  lastUsed: (time: Html) => html`Last used on ${time}`,
  neverUsed: 'Never used',
  remove: 'Remove',
  removeOf: (name: string) => `Remove the passkey ${name}`,
  add: 'Add a passkey',
  name: 'What you call it',
  nameHint: 'For example the device that it is on.',
  nameOf: (number: number) => `Passkey ${number}`,
  continue: 'Continue',
  password: 'Your password',
  confirm: 'Confirm with a passkey',
  logInAgain: 'Log in again to confirm that it is you',
  lastOne: 'It is your only way in, so it cannot be removed.',
  full: (most: number) =>
    `You have ${most} passkeys, which is as many as there may be. Remove one that you do not use.`,
  createTitle: 'Make a passkey',
  create: (name: Html) =>
    html`Your browser asks where to keep the passkey ${name}: on this device, on your phone, or on a key.`,
  createButton: 'Make the passkey',
  withoutScript: 'This takes a browser that knows passkeys and runs scripts.',
  removeTitle: 'Remove this passkey?',
  removeEffect:
    'It logs nobody in any more, and all your other logins end. Delete it on your device as well: that still offers it.',
  removeButton: 'Remove the passkey',
  logIn: 'Log in with a passkey',
  secondTitle: 'Confirm with a passkey',
  second: 'The app asks for a login in two steps. Your passkey is the second one.',
  failed: 'No passkey was used. Try again, or go on without.',
  notMade: 'No passkey was made. Try again.',
  there: 'You have a passkey there already.',
  limited: 'Too many tries. Wait five minutes and try again.',
  refused: {
    unknown: 'This passkey is not known here any more. Log in otherwise, and delete it on your device.',
    wrong: 'This passkey cannot be used here. Try again, or use another one.',
    late: 'It took too long. Try again.',
    copied:
      'This passkey is refused, because there seems to be a copy of it. Log in otherwise and remove it, or ask whoever runs this server to.',
    full: 'You have as many passkeys as there may be.',
  } satisfies Record<PasskeyRefusal['refused'], string>,
  done: { added: 'The passkey is added.', removed: 'The passkey is removed, and your other logins have ended.' },
}
