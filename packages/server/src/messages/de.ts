import { dePasskeys } from './de-passkeys.ts'
import { upstreamsDe } from './upstreams-de.ts'
import { deSignUp } from './de-sign-up.ts'
import { limitsOf } from './login-limits.ts'
import { html } from '../pages/html.ts'
import type { Messages } from './messages.ts'

/** The texts of the pages in German. */
export const de: Messages = {
  lang: 'de',
  dates: 'de-DE',
  common: {
    errorIn: (title) => `Fehler: ${title}`,
    loggedInAs: (user) => html`Sie sind angemeldet als ${user}.`,
    goOnTo: (client) => html`Weiter zu ${client}`,
    continue: 'Weiter',
    allow: 'Erlauben',
    deny: 'Ablehnen',
    logOut: 'Abmelden',
    account: 'Ihr Konto',
    chooseButton: 'Wählen Sie eine der beiden Schaltflächen.',
    checkOne: 'Lassen Sie mindestens ein Kästchen angekreuzt, oder lehnen Sie ab.',
    startPage: (name) => `Startseite von ${name}`,
  },
  home: {
    title: (name) => `${name} läuft`,
    about: (issuer) =>
      html`Dies ist ein OpenID-Provider und OAuth-2-Autorisierungsserver. Sein Aussteller (Issuer) ist ${issuer}.`,
    endpoints: 'Für alle, die eine Anwendung anbinden',
    openidDocument: 'OpenID-Konfiguration',
    oauthDocument: 'OAuth-Metadaten',
  },
  login: {
    title: 'Anmelden',
    username: 'Benutzername',
    password: 'Passwort',
    submit: 'Anmelden',
    noRegistration:
      'Konten legt an, wer diesen Server betreibt, nicht diese Seite. Melden Sie sich an, wenn Sie eines haben, oder bitten Sie um eines.',
    wrong: 'Der Benutzername oder das Passwort ist falsch.',
    limits: limitsOf(
      'Zu viele gescheiterte Anmeldungen. Warten Sie fünf Minuten, und versuchen Sie es noch einmal.',
      'Zu viele gescheiterte Anmeldungen mit diesem Namen von anderswo. Nehmen Sie einen Browser, mit dem Sie schon angemeldet waren, oder versuchen Sie es in einer Stunde.',
    ),
    busy: 'Es melden sich gerade zu viele an. Versuchen Sie es gleich noch einmal.',
  },
  upstreams: upstreamsDe,
  secondFactor: {
    title: 'Code eingeben',
    label: 'Der Code, den Ihre Authenticator-App zeigt, oder ein Wiederherstellungscode',
    submit: 'Anmelden',
    wrong: 'Der Code ist falsch oder wurde schon benutzt. Warten Sie auf den nächsten.',
    limited: 'Zu viele falsche Codes. Warten Sie fünf Minuten, oder eine Stunde, wenn es so weitergeht.',
  },
  totp: {
    title: 'Anmeldung in zwei Schritten',
    scan: 'Lesen Sie das mit einer Authenticator-App ein, oder tippen Sie den Schlüssel ab. Geben Sie dann den Code ein, den die App zeigt.',
    picture: 'QR-Code des Schlüssels',
    open: 'In einer App auf diesem Gerät öffnen',
    key: 'Schlüssel',
    code: 'Code der App',
    turnOn: 'Einschalten',
    isOn: 'Ihre Anmeldung fragt nach einem Code Ihrer Authenticator-App.',
    codesLeft: 'Übrige Wiederherstellungscodes:',
    turnOff: 'Ausschalten',
    savedTitle: 'Bewahren Sie Ihre Wiederherstellungscodes auf',
    saved:
      'Die Anmeldung in zwei Schritten ist eingeschaltet. Verlieren Sie Ihre App, meldet jeder dieser Codes Sie einmal an. Sie werden nur jetzt gezeigt: Drucken Sie sie aus, oder schreiben Sie sie auf.',
    done: 'Fertig',
    off: 'Die Anmeldung in zwei Schritten ist ausgeschaltet.',
    wrong: 'Das Passwort oder der Code ist falsch, oder der Code wurde schon benutzt.',
  },
  passkeys: dePasskeys,
  signUp: deSignUp,
  client: {
    asks: (client) => html`${client} bittet um Zugriff auf Ihr Konto.`,
    asksOnDevice: (client) => html`${client} bittet auf einem Gerät um Zugriff auf Ihr Konto.`,
    id: (id) => html`Hier bekannt unter der Client-ID ${id}`,
    hosts: (hosts) => `Adressen der Anwendung: ${hosts}`,
    home: (host) => `Nach Angabe der Anwendung ist ihre Webseite auf ${host}.`,
    policy: (host) => `Datenschutzerklärung der Anwendung (${host})`,
    terms: (host) => `Nutzungsbedingungen der Anwendung (${host})`,
    selfRegistered: 'Diese Anwendung hat sich selbst registriert: Niemand hat geprüft, ob sie ist, was sie sagt.',
    describedBy: (host) =>
      html`Was sie ist, sagt ${host}: Hier hat das niemand geprüft. Machen Sie nur weiter, wenn Sie ${host} vertrauen.`,
    anyoneAs: (host) =>
      html`Sie gibt sich als Anwendung von ${host} aus. Prüfen kann das niemand, weil sie auf Ihrem Computer läuft.`,
    sentOnTo: (host) => html`Sie werden weitergeleitet zu ${host}.`,
    sentToProgram: (host) => html`Sie werden weitergeleitet zu einem Programm auf diesem Computer (${host}).`,
    sentToApp: (scheme) => html`Sie werden weitergeleitet zu einer App auf diesem Gerät (${scheme}).`,
    anyProgram:
      'Jedes Programm hier kann sich als diese Anwendung ausgeben: Machen Sie nur weiter, wenn Sie sie eben selbst gestartet haben.',
  },
  consent: {
    title: 'Zugriff erlauben?',
    legend: 'Was die Anwendung darf',
    claims: (names) => html`Außerdem möchte sie sehen: ${names}`,
    resource: (uri) => html`Bei ${uri}`,
    allowedBefore: 'schon erlaubt',
    remembered:
      'Wenn Sie es erlauben, werden Sie erst wieder gefragt, wenn die Anwendung mehr möchte. Auf der Seite Ihres Kontos können Sie es zurücknehmen.',
    askedEachTime:
      'Sie werden jedes Mal gefragt, weil diese Anwendung nicht beweisen kann, dass sie noch dieselbe ist.',
    allowDetail: 'Dies erlauben',
    detailsAskedEachTime: 'Sie werden jedes Mal gefragt, wenn sie so etwas möchte.',
    otherUser: 'Als jemand anderes anmelden',
  },
  scopes: {
    openid: 'Wissen, wer Sie sind',
    profile: 'Ihren Namen, Ihr Bild und den Rest Ihres Profils sehen',
    email: 'Ihre E-Mail-Adresse sehen',
    phone: 'Ihre Telefonnummer sehen',
    address: 'Ihre Postanschrift sehen',
    offline_access: 'Den Zugriff behalten, auch wenn Sie die Anwendung nicht benutzen',
    mcp: 'Werkzeuge in Ihrem Namen benutzen',
    'mcp:read': 'Sehen, was Werkzeuge von Ihnen zeigen können',
    'mcp:write': 'Durch Werkzeuge ändern, was Ihnen gehört',
  },
  selectAccount: {
    title: 'Konto wählen',
    continueAs: (user) => html`Weiter als ${user}`,
    other: 'Ein anderes Konto benutzen',
  },
  device: {
    title: 'Gerät verbinden',
    code: 'Der Code, den Ihr Gerät anzeigt',
    unknown: 'Diesen Code gibt es nicht, oder er ist zu alt. Sehen Sie noch einmal auf Ihr Gerät.',
    limited: 'Zu viele Versuche. Warten Sie zehn Minuten, und beginnen Sie dann auf Ihrem Gerät von vorn.',
    decisionTitle: 'Dieses Gerät zulassen?',
    compare: (code) =>
      html`Machen Sie nur weiter, wenn ein Gerät vor Ihnen den Code ${code} anzeigt. Wenn Ihnen jemand einen Link oder
      den Code geschickt hat, lehnen Sie ab: Den Zugriff bekäme dessen Gerät.`,
    late: 'Das Gerät wartet nicht mehr. Beginnen Sie dort von vorn.',
    connectedTitle: 'Gerät verbunden',
    connected: 'Ihr Gerät ist verbunden. Gehen Sie zurück zu ihm.',
    deniedTitle: 'Gerät abgelehnt',
    denied: 'Ihrem Gerät wurde der Zugriff verwehrt.',
  },
  logout: {
    title: 'Abmelden?',
    asks: (client) => html`${client} möchte Sie abmelden.`,
    submit: 'Abmelden',
    stay: 'Angemeldet bleiben',
    doneTitle: 'Abgemeldet',
    done: 'Sie sind hier abgemeldet.',
    telling: 'Sie sind hier abgemeldet, und Ihre Anwendungen erfahren es gerade.',
    frame: 'Abmeldung',
  },
  account: {
    title: 'Ihr Konto',
    apps: 'Anwendungen mit Zugriff',
    noApps: 'Keine Anwendung hat Zugriff auf Ihr Konto.',
    allowedOn: (day) => html`Erlaubt am ${day}`,
    revoke: 'Zugriff entziehen',
    revokeFrom: (app) => `Zugriff entziehen: ${app}`,
    sessions: 'Wo Sie angemeldet sind',
    started: (time) => html`Angemeldet am ${time}`,
    lastUsed: (time) => html`Zuletzt benutzt am ${time}`,
    thisSession: 'Dieser Browser',
    otherSession: 'Ein anderer Browser',
    endSession: 'Beenden',
    endSessionOf: (time) => `Beenden: Anmeldung vom ${time}`,
    endOthers: 'Alle anderen beenden',
    password: 'Passwort ändern',
    currentPassword: 'Jetziges Passwort',
    newPassword: 'Neues Passwort',
    newPasswordHint: (least) => `Mindestens ${least} Zeichen; mehrere Wörter merken sich leicht.`,
    repeatPassword: 'Neues Passwort noch einmal',
    changePassword: 'Passwort ändern',
    passwordElsewhere: 'Ihr Passwort liegt nicht hier. Ändern Sie es dort, wo Sie Ihr Konto bekommen haben.',
    passwordEffect: 'Das beendet alle Ihre anderen Anmeldungen.',
    passwordFaults: {
      short: 'Das neue Passwort braucht mindestens 12 Zeichen.',
      long: 'Das neue Passwort darf höchstens 256 Zeichen haben.',
      control: 'Das neue Passwort darf keine Zeilenumbrüche oder andere Steuerzeichen enthalten.',
      plain: 'Das neue Passwort braucht mindestens 5 verschiedene Zeichen.',
      username: 'Das neue Passwort darf nicht Ihr Benutzername sein.',
      common:
        'Das neue Passwort, oder woraus es besteht, gehört zu den häufigsten. Gut sind mehrere Wörter, die nicht zusammengehören.',
    },
    unconfirmed: {
      wrong: 'Das ist nicht Ihr jetziges Passwort.',
      limited: 'Zu viele Versuche. Warten Sie fünf Minuten, und versuchen Sie es noch einmal.',
      busy: 'Der Server ist beschäftigt. Versuchen Sie es gleich noch einmal.',
      weak: 'Sie haben sich mit nur einem Schritt angemeldet, obwohl Sie einen zweiten haben. Benutzen Sie einen Passkey, oder melden Sie sich noch einmal mit beiden Schritten an. Haben Sie ihn verloren, fragen Sie, wer diesen Server betreibt.',
      late: 'Ihre Anmeldung ist zu lange her. Melden Sie sich noch einmal an, und kommen Sie wieder.',
    },
    samePassword: 'Das neue Passwort ist das, das Sie schon haben.',
    otherPassword: 'Das ist nicht dasselbe wie das neue Passwort darüber.',
    steps: 'Was Ihre Anmeldung sicherer macht',
    twoStep: 'Anmeldung in zwei Schritten',
    done: {
      connected: 'Diese Anmeldung ist verbunden.',
      disconnected: 'Diese Anmeldung ist getrennt.',
      revoked: 'Die Anwendung hat keinen Zugriff mehr.',
      ended: 'Diese Anmeldung ist beendet.',
      others: 'Alle anderen Anmeldungen sind beendet.',
      password: 'Ihr Passwort ist geändert, und Ihre anderen Anmeldungen sind beendet.',
    },
  },
  errors: {
    titles: {
      403: 'Nicht erlaubt',
      404: 'Nicht gefunden',
      405: 'Nicht möglich',
      413: 'Zu groß',
      429: 'Zu viele Versuche',
      500: 'Etwas ist schiefgegangen',
      503: 'Gleich noch einmal versuchen',
    },
    title: 'Das hat nicht geklappt',
    ofClient:
      'Die Anwendung, von der Sie kommen, hat etwas verlangt, das dieser Server nicht annehmen kann. Gehen Sie zurück, und versuchen Sie es noch einmal. Hilft das nicht, sagen Sie denen, die sie gemacht haben, was hier unten steht.',
    unknownClient:
      'Die Anwendung, die Sie hierher geschickt hat, ist hier nicht oder nicht mehr bekannt. Gehen Sie zu ihr zurück, entfernen Sie dort die Verbindung mit diesem Server, und verbinden Sie sie neu.',
    clientDocument:
      'Die Anwendung, die Sie hierher geschickt hat, beschreibt sich durch ein Dokument, das dieser Server nicht lesen kann. Versuchen Sie es gleich noch einmal. Wenn das nicht hilft, sagen Sie denen, die sie gemacht haben, was unten steht.',
    busy: 'Der Server erreicht seine Daten gerade nicht. Warten Sie ein wenig, und laden Sie die Seite neu.',
    failed:
      'Der Server konnte die Anfrage nicht ausführen. Versuchen Sie es noch einmal; hilft das nicht, sagen Sie es denen, die ihn betreiben.',
    tooLarge: 'Es wurde mehr gesendet, als diese Seite annimmt. Gehen Sie zurück, und senden Sie weniger.',
    tooMany:
      'Aus Ihrem Netz kamen in kurzer Zeit zu viele Anfragen. Warten Sie eine Minute, und versuchen Sie es dann noch einmal.',
    method:
      'Diese Seite nimmt solche Anfragen nicht an. Öffnen Sie sie über einen Link, oder geben Sie ihre Adresse ein.',
    foreignForm: (issuer) =>
      `Dieses Formular kam nicht von einer Seite von ${issuer}, oder es ist zu alt. Gehen Sie zurück, laden Sie die Seite neu, und senden Sie das Formular noch einmal.`,
    foreignTarget:
      'Die Anmeldeseite wurde mit einer Adresse geöffnet, die nicht zu diesem Server gehört. Gehen Sie zurück zur Anwendung, und beginnen Sie von vorn.',
    code: (code) => html`Fehlercode: ${code}`,
  },
}
