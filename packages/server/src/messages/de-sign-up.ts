import { html } from '../pages/html.ts'
import type { enSignUp } from './en-sign-up.ts'

/** The texts about new accounts and forgotten passwords in German. */
export const deSignUp: typeof enSignUp = {
  title: 'Konto anlegen',
  link: 'Konto anlegen',
  haveOne: 'Mit einem vorhandenen Konto anmelden',
  username: 'Benutzername',
  usernameHint: '3 bis 64 Buchstaben, Ziffern, Punkte, Bindestriche und Unterstriche.',
  name: 'Ihr Name',
  nameHint: 'Wenn Sie mögen. Anwendungen sehen ihn, wenn Sie es erlauben.',
  email: 'E-Mail-Adresse',
  password: 'Passwort',
  repeatPassword: 'Passwort noch einmal',
  terms: (link) => html`Ich stimme den ${link} zu.`,
  termsLink: 'Nutzungsbedingungen',
  submit: 'Konto anlegen',
  limited: 'Von hier wurden zu viele Konten angelegt. Versuchen Sie es in einer Stunde noch einmal.',
  ticketTitle: 'Dieser Link gilt nicht mehr',
  ticketGone:
    'Er wurde schon benutzt, ist zu alt oder nicht vollständig. Bitten Sie um einen neuen, wo Sie ihn bekommen haben.',
  invitedOnly: 'Konten gibt es auf Einladung. Öffnen Sie den Link, den Sie bekommen haben.',
  problems: {
    username:
      'Das ist kein Benutzername: Er besteht aus 3 bis 64 Buchstaben von a bis z, Ziffern, Punkten, Bindestrichen und Unterstrichen.',
    taken: 'Es gibt ein Konto mit diesem Namen. Wählen Sie einen anderen.',
    name: 'Der Name ist zu lang oder hat Zeichen, die sich nicht zeigen lassen.',
    email: 'Das ist keine E-Mail-Adresse.',
    terms: 'Ohne Zustimmung gibt es kein Konto.',
  },
  forgot: 'Passwort vergessen?',
  forgotTitle: 'Passwort vergessen?',
  forgotAbout:
    'Geben Sie Ihren Benutzernamen ein, und ein Link für ein neues Passwort geht an die E-Mail-Adresse Ihres Kontos.',
  forgotSubmit: 'Link senden',
  forgotSentTitle: 'Sehen Sie in Ihre E-Mails',
  forgotSent:
    'Gibt es ein Konto mit diesem Namen, ist ein Link an dessen E-Mail-Adresse unterwegs. Er gilt 30 Minuten. Kommt nichts, prüfen Sie den eingegebenen Namen, oder fragen Sie, wer diesen Server betreibt.',
  forgotLimited: 'Von hier wurden zu viele Links angefordert. Versuchen Sie es in einer Stunde noch einmal.',
  resetTitle: 'Neues Passwort',
  resetFor: (user) => html`Für das Konto ${user}. Alle Ihre Anmeldungen enden.`,
  newPassword: 'Neues Passwort',
  resetSubmit: 'Passwort setzen',
  resetDoneTitle: 'Passwort geändert',
  resetDone: 'Ihr neues Passwort ist gesetzt, und alle Ihre Anmeldungen sind beendet.',
}
