import { html } from '../pages/html.ts'
import type { enPasskeys } from './en-passkeys.ts'

/** The texts about passkeys in German. */
export const dePasskeys: typeof enPasskeys = {
  title: 'Passkeys',
  about:
    'Ein Passkey meldet Sie mit Fingerabdruck, Gesicht oder der PIN eines Geräts an, ohne Passwort. Niemand kann ihn Ihnen durch eine Täuschung abnehmen.',
  own: 'Ihre Passkeys',
  none: 'Sie haben keine Passkeys.',
  createdOn: (day) => html`Erstellt am ${day}`,
  lastUsed: (time) => html`Zuletzt benutzt am ${time}`,
  neverUsed: 'Nie benutzt',
  remove: 'Entfernen',
  removeOf: (name) => `Den Passkey ${name} entfernen`,
  add: 'Passkey hinzufügen',
  name: 'Wie Sie ihn nennen',
  nameHint: 'Zum Beispiel das Gerät, auf dem er ist.',
  nameOf: (number) => `Passkey ${number}`,
  continue: 'Weiter',
  password: 'Ihr Passwort',
  confirm: 'Mit einem Passkey bestätigen',
  logInAgain: 'Melden Sie sich noch einmal an, um zu bestätigen, dass Sie es sind',
  lastOne: 'Er ist Ihr einziger Weg herein, darum lässt er sich nicht entfernen.',
  full: (most) => `Sie haben ${most} Passkeys, mehr dürfen es nicht sein. Entfernen Sie einen, den Sie nicht benutzen.`,
  createTitle: 'Passkey erstellen',
  create: (name) =>
    html`Ihr Browser fragt, wo der Passkey ${name} aufbewahrt wird: auf diesem Gerät, auf Ihrem Telefon oder auf einem
    Sicherheitsschlüssel.`,
  createButton: 'Passkey erstellen',
  withoutScript: 'Dazu braucht es einen Browser, der Passkeys kennt und Skripte ausführt.',
  removeTitle: 'Diesen Passkey entfernen?',
  removeEffect:
    'Er meldet niemanden mehr an, und alle Ihre anderen Anmeldungen enden. Löschen Sie ihn auch auf Ihrem Gerät: Dort wird er noch angeboten.',
  removeButton: 'Passkey entfernen',
  logIn: 'Mit einem Passkey anmelden',
  secondTitle: 'Mit einem Passkey bestätigen',
  second: 'Die Anwendung verlangt eine Anmeldung in zwei Schritten. Ihr Passkey ist der zweite.',
  failed: 'Es wurde kein Passkey benutzt. Versuchen Sie es noch einmal, oder fahren Sie ohne fort.',
  notMade: 'Es wurde kein Passkey erstellt. Versuchen Sie es noch einmal.',
  there: 'Dort haben Sie schon einen Passkey.',
  limited: 'Zu viele Versuche. Warten Sie fünf Minuten, und versuchen Sie es noch einmal.',
  refused: {
    unknown:
      'Dieser Passkey ist hier nicht mehr bekannt. Melden Sie sich anders an, und löschen Sie ihn auf Ihrem Gerät.',
    wrong:
      'Dieser Passkey kann hier nicht benutzt werden. Versuchen Sie es noch einmal, oder nehmen Sie einen anderen.',
    late: 'Es hat zu lange gedauert. Versuchen Sie es noch einmal.',
    copied:
      'Dieser Passkey wird abgelehnt, weil es von ihm eine Kopie zu geben scheint. Melden Sie sich anders an, und entfernen Sie ihn, oder bitten Sie darum, wer diesen Server betreibt.',
    full: 'Sie haben so viele Passkeys, wie es sein dürfen.',
  },
  done: {
    added: 'Der Passkey ist hinzugefügt.',
    removed: 'Der Passkey ist entfernt, und Ihre anderen Anmeldungen sind beendet.',
  },
}
