import type { PasswordFault } from '../accounts/password-policy.ts'
import { html, type Html } from '../pages/html.ts'
import { enPasskeys } from './en-passkeys.ts'
import { upstreamsEn } from './upstreams-en.ts'
import { enSignUp } from './en-sign-up.ts'
import { limitsOf } from './login-limits.ts'

/**
 * The texts of the pages in English, and so the shape of every language: what is added here is a compile error until the others have it. A
 * text with a value is a function; what the value looks like is decided by the page.
 */
export const en = {
  lang: 'en',
  /** How dates are written. */
  dates: 'en-GB',
  common: {
    errorIn: (title: string) => `Error: ${title}`,
    loggedInAs: (user: Html) => html`You are logged in as ${user}.`,
    goOnTo: (client: Html) => html`To go on to ${client}`,
    continue: 'Continue',
    allow: 'Allow',
    deny: 'Deny',
    logOut: 'Log out',
    account: 'Your account',
    chooseButton: 'Choose one of the two buttons.',
    checkOne: 'Leave at least one box checked, or deny.',
    startPage: (name: string) => `Start page of ${name}`,
  },
  home: {
    title: (name: string) => `${name} is running`,
    about: (issuer: Html) =>
      html`This is an OpenID provider and OAuth 2 authorization server. Its issuer is ${issuer}.`,
    endpoints: 'For those who connect an app',
    openidDocument: 'OpenID configuration',
    oauthDocument: 'OAuth metadata',
  },
  login: {
    title: 'Log in',
    username: 'User name',
    password: 'Password',
    submit: 'Log in',
    noRegistration:
      'Accounts are made by whoever runs this server, not on this page. Log in if you have one, or ask for one.',
    wrong: 'The user name or the password is wrong.',
    limits: limitsOf(
      'Too many failed logins. Wait five minutes and try again.',
      'Too many failed logins with this name from elsewhere. Use a browser that you have logged in with before, or try again in an hour.',
    ),
    busy: 'Too many people are logging in. Try again in a moment.',
  },
  upstreams: upstreamsEn,
  secondFactor: {
    title: 'Enter your code',
    label: 'The code that your authenticator app shows, or a recovery code',
    submit: 'Log in',
    wrong: 'The code is wrong, or was used before. Wait for the next one.',
    limited: 'Too many wrong codes. Wait five minutes, or an hour if it goes on, and try again.',
  },
  totp: {
    title: 'Two-step login',
    scan: 'Scan this with an authenticator app, or type in the key. Then enter the code that the app shows.',
    picture: 'QR code of the key',
    open: 'Open it in an app on this device',
    key: 'Key',
    code: 'Code of the app',
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
  },
  passkeys: enPasskeys,
  signUp: enSignUp,
  client: {
    asks: (client: Html) => html`${client} asks for access to your account.`,
    asksOnDevice: (client: Html) => html`${client} asks for access to your account, on a device.`,
    id: (id: Html) => html`Known here by the client id ${id}`,
    hosts: (hosts: string) => `Its addresses: ${hosts}`,
    home: (host: string) => `It says that its home page is at ${host}.`,
    policy: (host: string) => `Its privacy policy (${host})`,
    terms: (host: string) => `Its terms of service (${host})`,
    selfRegistered: 'It registered itself: nobody has checked that it is what it says.',
    describedBy: (host: Html) =>
      html`${host} says what it is: nobody here has checked that. Go on only if you trust ${host}.`,
    anyoneAs: (host: Html) =>
      html`It says that it is the app of ${host}. Nobody can check that, because it runs on your computer.`,
    sentOnTo: (host: Html) => html`You will be sent on to ${host}.`,
    sentToProgram: (host: Html) => html`You will be sent on to a program on this computer (${host}).`,
    sentToApp: (scheme: Html) => html`You will be sent on to an app on this device (${scheme}).`,
    anyProgram: 'Any program here can say that it is this client: go on only if you have just started it yourself.',
  },
  consent: {
    title: 'Allow access?',
    legend: 'What it may do',
    claims: (names: Html) => html`It also wants to see: ${names}`,
    resource: (uri: Html) => html`At ${uri}`,
    allowedBefore: 'allowed before',
    remembered:
      'If you allow it, you are not asked again until it wants more. You can take that back on the page of your account.',
    askedEachTime: 'You are asked each time, because this app cannot prove that it is the same one.',
    allowDetail: 'Allow this',
    detailsAskedEachTime: 'You are asked each time that it wants something like this.',
    otherUser: 'Log in as someone else',
  },
  scopes: {
    openid: 'Know who you are',
    profile: 'See your name, picture and the rest of your profile',
    email: 'See your e-mail address',
    phone: 'See your phone number',
    address: 'See your postal address',
    offline_access: 'Keep its access while you do not use it',
    mcp: 'Use tools in your name',
    'mcp:read': 'See what tools can show of yours',
    'mcp:write': 'Change what is yours by tools',
  },
  selectAccount: {
    title: 'Choose an account',
    continueAs: (user: Html) => html`Continue as ${user}`,
    other: 'Use another account',
  },
  device: {
    title: 'Connect a device',
    code: 'The code that your device shows',
    unknown: 'There is no such code, or it is too old. Look at your device again.',
    limited: 'Too many tries. Wait ten minutes, then start again on your device.',
    decisionTitle: 'Allow this device?',
    compare: (code: Html) =>
      html`Go on only if a device in front of you shows the code ${code}. If someone sent you a link or the code, deny:
      it would be their device that gets access.`,
    late: 'The device waits no longer. Start again on it.',
    connectedTitle: 'Device connected',
    connected: 'Your device is connected. Go back to it.',
    deniedTitle: 'Device denied',
    denied: 'Your device was denied access.',
  },
  logout: {
    title: 'Log out?',
    asks: (client: Html) => html`${client} asks to log you out.`,
    submit: 'Log out',
    stay: 'Stay logged in',
    doneTitle: 'Logged out',
    done: 'You are logged out here.',
    telling: 'You are logged out here, and your applications are being told.',
    frame: 'Logout',
  },
  account: {
    title: 'Your account',
    apps: 'Apps with access',
    noApps: 'No app has access to your account.',
    allowedOn: (day: Html) => html`Allowed on ${day}`,
    revoke: 'Take access away',
    revokeFrom: (app: string) => `Take access away from ${app}`,
    sessions: 'Where you are logged in',
    started: (time: Html) => html`Logged in on ${time}`,
    lastUsed: (time: Html) => html`Last used on ${time}`,
    thisSession: 'This browser',
    otherSession: 'Another browser',
    endSession: 'End',
    endSessionOf: (time: string) => `End the login of ${time}`,
    endOthers: 'End all others',
    password: 'Change your password',
    currentPassword: 'Current password',
    newPassword: 'New password',
    newPasswordHint: (least: number) => `At least ${least} characters; several words are easy to remember.`,
    repeatPassword: 'New password again',
    changePassword: 'Change password',
    passwordElsewhere: 'Your password is not kept here. Change it where you got your account.',
    passwordEffect: 'This ends all your other logins.',
    passwordFaults: {
      short: 'The new password needs at least 12 characters.',
      long: 'The new password may have at most 256 characters.',
      control: 'The new password must not have line breaks or other control characters in it.',
      plain: 'The new password needs at least 5 different characters.',
      username: 'The new password must not be your user name.',
      common:
        'The new password, or what it is made of, is one of the commonest. Several words that do not belong together are good.',
    } satisfies Record<PasswordFault, string>,
    unconfirmed: {
      wrong: 'This is not your current password.',
      limited: 'Too many tries. Wait five minutes and try again.',
      busy: 'The server is busy. Try again in a moment.',
      weak: 'You logged in with one step, and have a second one. Use a passkey, or log in again with both steps. If you have lost it, ask whoever runs this server.',
      late: 'You logged in too long ago. Log in again, and come back.',
    },
    samePassword: 'The new password is the one that you have already.',
    otherPassword: 'This is not the same as the new password above.',
    steps: 'What makes your login safer',
    twoStep: 'Two-step login',
    done: {
      connected: 'That login is connected.',
      disconnected: 'That login is disconnected.',
      revoked: 'The app has no access any more.',
      ended: 'That login has ended.',
      others: 'All other logins have ended.',
      password: 'Your password is changed, and your other logins have ended.',
    },
  },
  errors: {
    titles: {
      403: 'Not allowed',
      404: 'Not found',
      405: 'Not possible',
      413: 'Too large',
      429: 'Too many attempts',
      500: 'Something went wrong',
      503: 'Try again in a moment',
    } as Readonly<Record<number, string>>,
    title: 'This did not work',
    ofClient:
      'The app that sent you here made a request that this server cannot accept. Go back to it and try again. If that does not help, tell those who made it what is written below.',
    unknownClient:
      'The app that sent you here is not known here, or not any more. Go back to it, remove the connection to this server, and connect again.',
    clientDocument:
      'The app that sent you here describes itself by a document that this server cannot read. Try again in a moment. If that does not help, tell those who made it what is written below.',
    busy: 'The server cannot reach its data at the moment. Wait a little, then load this page again.',
    failed: 'The server could not complete the request. Try again; if that does not help, tell whoever runs it.',
    tooLarge: 'More was sent than this page takes. Go back and send less.',
    tooMany: 'Too many requests came from your network in a short time. Wait a minute, then try again.',
    method: 'This page does not take such requests. Open it by a link, or by typing its address.',
    foreignForm: (issuer: string) =>
      `This form was not sent by a page of ${issuer}, or it is too old. Go back, load the page again, and send the form once more.`,
    foreignTarget:
      'The login page was opened with an address to go on to that is not of this server. Go back to the app and start again.',
    code: (code: Html) => html`Error code: ${code}`,
  },
}
