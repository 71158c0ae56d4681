import { workersOf } from '../cluster/workers-of.ts'
import { hasLocalIssuer } from '../development.ts'
import type { Settings } from '../settings.ts'
import { signingAlgorithms } from '../signing-keys.ts'
import { when, type Check } from './check.ts'
import type { Deployment, ExaminedKey } from './deployment.ts'

const secondsOfDay = 86_400
/** Days by which a rotation may be late: nodes are restarted, and databases away. */
const lateDays = 7
const leastBytesFree = 500 * 1024 * 1024

/** All that the processes of one server may open. As one is replaced, there is one more. */
const connectionsOf = ({ workers, databasePool }: Settings): number => {
  const processes = workersOf({ workers })
  return databasePool * (processes === 1 ? 1 : processes + 1)
}

const nameOf = ({ key }: ExaminedKey): string => `${key.algorithm} ${key.keyId}`

const sealed = (keys: readonly ExaminedKey[], seal: ExaminedKey['seal']): readonly string[] =>
  keys.filter((key) => key.seal === seal).map(nameOf)

/** The newest key of each algorithm that should have a successor by now. */
const oldKeys = ({ keys, settings }: Deployment): readonly string[] => {
  const { keyRotation, now } = settings
  if (keyRotation === 0) return []
  const newest = signingAlgorithms.map((algorithm) => keys.findLast(({ key }) => key.algorithm === algorithm))
  return newest.flatMap((key) => {
    const days = key === undefined ? 0 : Math.floor((now() - key.key.createdAt) / secondsOfDay)
    return key !== undefined && days > keyRotation + lateDays ? [`${nameOf(key)}, ${days} days`] : []
  })
}

/** Checks of what is around the settings, by id. */
export const deploymentChecks = {
  database: {
    ...{ severity: 'error', source: 'docs/guide/operate.md' },
    text: 'The database cannot be looked into, so nothing in it was checked.',
    mend: 'Do what the message says.',
    find: ({ problem }) => when(problem !== undefined, problem ?? ''),
  },
  'pending-migrations': {
    ...{ severity: 'error', source: 'docs/guide/upgrade.md' },
    text: 'The tables are not those of this version, so nothing in them was checked.',
    mend: 'Make a backup, then: grantry-server migrate up',
    find: ({ pending }) => pending,
  },
  'readable-files': {
    ...{ severity: 'error', source: 'OWASP ASVS V13' },
    text: 'Every user of the machine can read a file with secrets.',
    mend: 'chmod o-rwx',
    find: ({ files }) =>
      files.filter(({ mode }) => (mode & 0o007) !== 0).map(({ path, mode }) => `${path} (${mode.toString(8)})`),
  },
  clock: {
    ...{ severity: 'error', source: 'RFC 7519 §4.1.4' },
    text: 'The clock of this machine and the times of the database differ: tokens expire too soon or too late.',
    mend: 'Let both be set by NTP.',
    find: ({ clockAhead }) =>
      when(Math.abs(clockAhead) > 5, `${Math.abs(clockAhead)} seconds ${clockAhead > 0 ? 'behind' : 'ahead'}`),
  },
  'disk-space': {
    ...{ severity: 'warning', source: 'docs/guide/operate.md' },
    text: 'Little space is left on the disk of the database. Where there is none, nobody gets a token.',
    mend: 'Make room.',
    find: ({ bytesFree }) =>
      when(bytesFree !== undefined && bytesFree < leastBytesFree, `${Math.floor((bytesFree ?? 0) / 1_048_576)} MiB`),
  },
  'few-connections': {
    ...{ severity: 'warning', source: 'docs/guide/operate.md' },
    text: 'The processes of this server alone may ask for more connections than the database has; what gets none fails.',
    mend: 'Lower --database-pool or --workers, raise max_connections, or put a pooler between.',
    find: ({ settings, mostConnections }) => {
      const most = connectionsOf(settings)
      return when(
        most > mostConnections,
        `up to ${most}, while workers are replaced; the database has ${mostConnections}`,
      )
    },
  },
  'closed-keys': {
    ...{ severity: 'error', source: 'OpenID Connect Core §10.1' },
    text: 'A signing key cannot be opened: a server would not start.',
    mend: 'Put the key-encryption key that sealed it back into GRANTRY_KEY_ENCRYPTION_KEYS or grantry.keys.',
    find: ({ keys }) => sealed(keys, 'does not open'),
  },
  'bare-keys': {
    ...{ severity: 'error', source: 'NIST SP 800-57 §5.6' },
    text: 'A signing key is stored in the clear.',
    mend: 'Start a server of this version once: it seals them.',
    find: ({ keys }) => sealed(keys, 'is not sealed'),
  },
  'older-seal': {
    ...{ severity: 'hint', source: 'docs/guide/signing-keys.md' },
    text: 'A signing key is sealed by a key-encryption key that is not the first one.',
    mend: 'Start a server once: it seals them anew. Then the older one can go, when no backup needs it.',
    find: ({ keys }) => sealed(keys, 'opens by an older key'),
  },
  'old-keys': {
    ...{ severity: 'warning', source: 'OpenID Connect Core §10.1.1' },
    text: 'A signing key is older than --key-rotation allows: no server has rotated it.',
    mend: 'Look for keys.failed and keys.skipped in the log.',
    find: oldKeys,
  },
  'development-access': {
    ...{ severity: 'error', source: 'docs/guide/operate.md' },
    text: 'A client or user that was made for development is there, and can log in.',
    mend: 'Delete it: grantry-server client delete dev-client, grantry-server user delete dev',
    find: ({ settings, leftovers }) => (hasLocalIssuer(settings) ? [] : leftovers),
  },
  'bare-admin': {
    ...{ severity: 'warning', source: 'OWASP ASVS V6' },
    text: 'An administrator logs in by a password alone: whoever learns it runs the server.',
    mend: 'Turn on a second factor or add a passkey at /account, and start with --admin-second-factor.',
    find: ({ settings, bareAdmins }) =>
      settings.localLogin === 'off' ? [] : bareAdmins.map((name) => `user "${name}"`),
  },
} satisfies Readonly<Record<string, Check<Deployment>>>
