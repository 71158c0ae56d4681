import { hasLocalIssuer, isDevelopment, isLoopback } from '../development.ts'
import { localResources } from '../profiles.ts'
import type { Settings } from '../settings.ts'
import { when, type Check } from './check.ts'

/** A check of settings. */
export interface SettingsCheck extends Check<Settings> {
  /** A server does not start with it, unless it is for development. */
  readonly refusesStart?: true
}

/** Random text has more characters than these; what people type has not. */
const isGuessable = (secret: string): boolean =>
  new Set(secret).size < 10 ||
  /change.?me|password|example|insecure|placeholder|supersecret|replace.?this/i.test(secret)

/** This machine, and the addresses at which clouds tell their secrets. */
const isOwnHost = (host: string): boolean => {
  const name = host.replace(/:\d+$/, '')
  return isLoopback(name) || /^(?:169\.254\.|0\.|\[fe80:|\[::\]|\[fd00:ec2::254\]|metadata\.)/.test(name)
}

const isEverywhere = (host: string): boolean => /^(?:0\.0\.0\.0|::|\[::\])$/.test(host)

const isWide = (range: string): boolean => {
  const [address = '', bits] = range.split('/')
  return bits !== undefined && Number(bits) < (address.includes(':') ? 16 : 8)
}

const tlsModes = ['require', 'verify-ca', 'verify-full']

/** Whether passwords and hashes would go over a network in the clear. */
const isPlainDatabase = ({ database }: Settings): boolean => {
  if (database === undefined || !URL.canParse(database)) return false
  const { hostname, searchParams } = new URL(database)
  const isRemote = hostname !== '' && !isLoopback(hostname) && !(searchParams.get('host') ?? '').startsWith('/')
  return isRemote && !tlsModes.includes(searchParams.get('sslmode') ?? '')
}

/** Checks of settings, by id. */
export const settingsChecks = {
  'dev-reachable': {
    ...{ severity: 'error', refusesStart: true, source: 'RFC 9700 §2.6' },
    text: 'The issuer is on localhost, and others can reach the server.',
    mend: 'Set --issuer to the https URL that clients know, or say --dev for a server that is only tried out.',
    find: (settings) =>
      when(
        settings.dev === undefined && hasLocalIssuer(settings) && !isLoopback(settings.host),
        `--host ${settings.host}`,
      ),
  },
  'unsafe-durability': {
    ...{ severity: 'error', refusesStart: true, source: 'RFC 9700 §4.14.2' },
    text: 'The database may lose what it has acknowledged: tokens that were revoked or rotated live again.',
    mend: 'Leave out --allow-unsafe-durability, and turn fsync, full_page_writes and synchronous_commit on.',
    find: ({ allowUnsafeDurability }) => when(allowUnsafeDurability, '--allow-unsafe-durability'),
  },
  'own-hosts': {
    ...{ severity: 'error', refusesStart: true, source: 'CWE-918' },
    text: 'Clients can have the server send requests to the machine that it runs on, or to the metadata of its cloud.',
    mend: 'Take the host out of --allow-private-host.',
    find: ({ allowPrivateHosts }) => allowPrivateHosts.filter(isOwnHost),
  },
  'weak-key-encryption-key': {
    ...{ severity: 'error', refusesStart: true, source: 'NIST SP 800-57 §5.6' },
    text: 'A key-encryption key is no random one.',
    mend: 'Make one, and list it before the old one: openssl rand -base64 32 | tr +/ -_ | tr -d =',
    find: ({ keyEncryptionKeys = [] }) =>
      keyEncryptionKeys.flatMap((key, index) =>
        when(isGuessable(key), `key ${index + 1} of GRANTRY_KEY_ENCRYPTION_KEYS`),
      ),
  },
  'placeholder-secret': {
    ...{ severity: 'error', refusesStart: true, source: 'RFC 6749 §10.1' },
    text: 'The secret of a client is no random one.',
    mend: 'Make one: openssl rand -base64 32',
    find: ({ clients = [] }) =>
      clients.flatMap(({ id, secret }) => when(secret !== undefined && isGuessable(secret), `client "${id}"`)),
  },
  development: {
    ...{ severity: 'warning', source: 'RFC 8414 §2' },
    text: 'The server is for development: it makes a client and a user of its own.',
    mend: 'Set --issuer to the https URL that clients know.',
    find: (settings) => when(isDevelopment(settings), settings.issuer?.url ?? 'no --issuer'),
  },
  'no-proxy': {
    ...{ severity: 'warning', source: 'RFC 7239 §8.1' },
    text: 'No proxy is trusted, though something before the server does https: all users share its limits on logins.',
    mend: 'Name the addresses of the proxy with --trusted-proxy.',
    find: ({ issuer, trustedProxies }) =>
      when(issuer?.isSecure === true && trustedProxies.length === 0, 'no --trusted-proxy'),
  },
  'wide-proxies': {
    ...{ severity: 'warning', source: 'RFC 7239 §8.1' },
    text: 'So many addresses are trusted as proxies that others may be among them, who can say to be anyone.',
    mend: 'Name the proxies alone.',
    find: ({ trustedProxies }) => trustedProxies.filter(isWide),
  },
  'open-host': {
    ...{ severity: 'warning', source: 'RFC 9700 §2.6' },
    text: 'The server listens for plain http at all addresses of the machine, beside the proxy that does https.',
    mend: 'Let --host be an address that only the proxy reaches, or let a firewall see to it.',
    find: ({ issuer, host }) => when(issuer?.isSecure === true && isEverywhere(host), `--host ${host}`),
  },
  'open-metrics': {
    ...{ severity: 'warning', source: 'CWE-200' },
    text: 'Metrics have no login, and others can reach them.',
    mend: 'Let --metrics-host be an address that only those reach who watch the server.',
    find: ({ metricsPort, metricsHost }) => when(metricsPort !== undefined && !isLoopback(metricsHost), metricsHost),
  },
  'open-registration': {
    ...{ severity: 'warning', source: 'RFC 7591 §5' },
    text: 'Everyone can register clients, whose names users are shown.',
    mend: 'Use --registration token, unless strangers are meant.',
    find: ({ registration }) => when(registration === 'open', '--registration open'),
  },
  'local-resources': {
    ...{ severity: 'error', refusesStart: true, source: 'RFC 8707 §2' },
    text: 'Tokens can be asked for anything on the machine of the user.',
    mend: 'Name the resources by their https URLs: --resource.',
    find: ({ resources }) => when(resources.includes(localResources), `--resource ${localResources}`),
  },
  'no-resource': {
    ...{ severity: 'error', source: 'MCP 2026-07-28, Resource Parameter Implementation' },
    text: 'No protected resource is named, and clients of MCP ask for tokens of one.',
    mend: 'Name the URL of each MCP server with --resource.',
    find: ({ profile, resources }) => when(profile === 'mcp' && resources.length === 0, '--profile mcp'),
  },
  'no-strangers': {
    ...{ severity: 'warning', source: 'MCP 2026-07-28, Client Registration Approaches' },
    text: 'Clients that nobody registered cannot get in.',
    mend: 'Turn --client-documents on, or --registration open.',
    find: ({ profile, registration, clientDocuments }) =>
      when(profile === 'mcp' && registration !== 'open' && !clientDocuments, `--registration ${registration}`),
  },
  'unbound-tokens': {
    ...{ severity: 'error', source: 'FAPI 2.0 Security Profile §5.3.2.1' },
    text: 'Tokens cannot be bound to their senders: a server would not start.',
    mend: 'Leave out --dpop off, or name the header of client certificates.',
    find: ({ dpop, clientCertificates }) => when(dpop === 'off' && clientCertificates === undefined, '--dpop off'),
  },
  'shared-file': {
    ...{ severity: 'hint', source: 'docs/guide/operate.md' },
    text: 'Several processes write to one SQLite file, one after the other: more of them check passwords and sign, but do not write faster.',
    mend: 'Use PostgreSQL (--database) where that matters.',
    find: ({ workers, database }) => when(workers !== 1 && database === undefined, `--workers ${workers}`),
  },
  'no-key-rotation': {
    ...{ severity: 'warning', source: 'OpenID Connect Core §10.1.1' },
    text: 'Signing keys never get successors.',
    mend: 'Leave out --key-rotation 0.',
    find: ({ keyRotation }) => when(keyRotation === 0, '--key-rotation 0'),
  },
  'quiet-log': {
    ...{ severity: 'warning', source: 'OWASP ASVS V16' },
    text: 'Reuse of tokens and limited logins are not logged.',
    mend: 'Let --log-level be warn or info.',
    find: ({ logLevel }) => when(logLevel === 'off' || logLevel === 'error', `--log-level ${logLevel}`),
  },
  'no-audit': {
    ...{ severity: 'warning', source: 'OWASP ASVS V16' },
    text: 'Audit events are not kept: nobody can tell later who did what.',
    mend: 'Leave out --audit-days 0.',
    find: ({ auditDays }) => when(auditDays === 0, '--audit-days 0'),
  },
  'inline-secret': {
    ...{ severity: 'warning', source: 'RFC 6749 §10.1' },
    text: 'The secret of a client is in the configuration file, which gets copied.',
    mend: 'Put it into a file of its own, and name that with secretFile.',
    find: ({ clients = [] }) => clients.flatMap(({ id, secret }) => when(secret !== undefined, `client "${id}"`)),
  },
  'plain-database': {
    ...{ severity: 'warning', source: 'OWASP ASVS V12' },
    text: 'The connection to the database over a network is not encrypted, or need not be.',
    mend: 'Add ?sslmode=verify-full to --database.',
    find: (settings) => when(isPlainDatabase(settings), '--database'),
  },
} satisfies Readonly<Record<string, SettingsCheck>>
