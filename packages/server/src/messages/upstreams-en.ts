/** What is said of logins at other providers. */
export const upstreamsEn = {
  or: 'or',
  logOutAt: (label: string) => `You are still logged in at ${label}. Log out there as well`,
  logInAt: (label: string) => `Log in with ${label}`,
  failed: (label: string) =>
    `The login at ${label} failed. Try again; if that does not help, tell whoever runs this server.`,
  denied: (label: string) => `You did not log in at ${label}. Try again, or log in otherwise.`,
  away: (label: string) => `${label} cannot be reached at the moment. Wait a little, or log in otherwise.`,
  stale: (label: string) =>
    `This login at ${label} is over: it took too long, was used before, or began in another browser. Start again.`,
  limited: 'Too many logins were begun from here. Wait five minutes and try again.',
  unknown: (label: string, name: string) =>
    `Nobody here belongs to the ${label} login ${name}. Ask whoever runs this server for an account.`,
  unconnected: (label: string, name: string) =>
    `The ${label} login ${name} is not connected yet. Log in here as you are used to, then connect it on the page of your account.`,
  foreign: (label: string) => `${label} logins from where you come from are not let in here. Choose another one.`,
  taken: (label: string, name: string) => `The ${label} login ${name} belongs to someone else here.`,
  notAllowed: 'This account may not log in. Ask whoever runs this server.',
  again: 'To the login page',
  title: 'Other ways to log in',
  linkedOn: (name: string, label: string) => `${label}: ${name}`,
  since: 'Connected on',
  connect: (label: string) => `Connect ${label}`,
  disconnect: 'Disconnect',
  disconnectFrom: (label: string, name: string) => `Disconnect ${label}: ${name}`,
  lastOne: 'Your only way in, so it cannot be disconnected.',
}
