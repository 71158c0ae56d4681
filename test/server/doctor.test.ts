/** What the doctor finds in settings, deployments and clients; with what a server does not start; and what is for development. */
import assert from 'node:assert/strict'
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, before, describe, test } from 'node:test'
import { startServer, StartError, type ServerOptions } from 'grantry-server'
import type { ServerClient } from '../../packages/server/src/client-record.ts'
import { openSqlite } from '../../packages/server/src/database/sqlite.ts'
import { checks, checkRows, type CheckId } from '../../packages/server/src/doctor/checks.ts'
import { examine, type Diagnosis } from '../../packages/server/src/doctor/examine.ts'
import { settingsChecks, type SettingsCheck } from '../../packages/server/src/doctor/settings-checks.ts'
import { resolveSettings } from '../../packages/server/src/settings.ts'
import { grantryServer } from './command.ts'

const root = mkdtempSync(join(tmpdir(), 'grantry-doctor-'))
after(() => rmSync(root, { recursive: true }))

/** Random, as a key-encryption key is. */
const key = 'pV3nQ8sT1xZ6bK9mR4wY7cF2hJ5gL0dNqAeUiOtPyBk'
const good: ServerOptions = { issuer: 'https://id.example', trustedProxies: ['10.0.3.7'], data: join(root, 'good') }
const days = 86_400

const settingsOf = (options: ServerOptions) => resolveSettings({ log: () => undefined, ...good, ...options })
const diagnose = (options: ServerOptions, config?: string): Promise<Diagnosis> => examine(settingsOf(options), config)
const idsOf = ({ findings }: Diagnosis): readonly string[] => [...new Set(findings.map(({ check }) => check))]

const makeKeys = async (data: string): Promise<void> =>
  (await startServer({ port: 0, ...good, data, log: () => undefined })).close()

before(() => makeKeys(good.data ?? ''))

test('nothing is wrong with a good server', async () => {
  assert.deepEqual(await diagnose({}), { profile: 'oauth21', clients: 0, findings: [] })
})

/** Each differs from the good one in one thing. */
const settingsRows: [found: CheckId, options: ServerOptions][] = [
  ['dev-reachable', { issuer: undefined, host: '0.0.0.0' }],
  ['unsafe-durability', { allowUnsafeDurability: true }],
  ['own-hosts', { allowPrivateHosts: ['localhost:8080'] }],
  ['own-hosts', { allowPrivateHosts: ['169.254.169.254'] }],
  ['weak-key-encryption-key', { keyEncryptionKeys: [key, 'k'.repeat(43)] }],
  ['placeholder-secret', { clients: [{ id: 'a', secret: 'please-change-me-please-change-me' }] }],
  ['development', { issuer: 'http://localhost:9000' }],
  ['no-proxy', { trustedProxies: [] }],
  ['wide-proxies', { trustedProxies: ['10.0.0.0/7'] }],
  ['open-host', { host: '::' }],
  ['open-metrics', { metricsPort: 0, metricsHost: '0.0.0.0' }],
  ['open-registration', { registration: 'open' }],
  ['shared-file', { workers: 2 }],
  ['no-key-rotation', { keyRotation: 0 }],
  ['quiet-log', { logLevel: 'off' }],
  ['no-audit', { auditDays: 0 }],
  ['inline-secret', { clients: [{ id: 'a', secret: key }] }],
  ['local-resources', { resources: ['localhost'] }],
  ['no-resource', { profile: 'mcp', issuer: 'https://id.example' }],
  ['no-strangers', { profile: 'mcp', registration: 'token', clientDocuments: false }],
  ['unbound-tokens', { profile: 'fapi2', dpop: 'off' }],
  ['plain-database', { database: 'postgres://ann@192.0.2.1/x', databaseWait: 0 }],
]
for (const [found, options] of settingsRows) {
  test(`${JSON.stringify(options)} -> ${found}`, () => {
    const check: SettingsCheck | undefined = new Map<string, SettingsCheck>(Object.entries(settingsChecks)).get(found)
    assert.deepEqual(check?.find(settingsOf({})), [])
    assert.equal(check.find(settingsOf(options)).length, 1)
  })
}

const fine: readonly ServerOptions[] = [
  { database: 'postgres://ann@192.0.2.1/x?sslmode=verify-full' },
  { database: 'postgres://ann@localhost/x' },
  { database: 'postgres:///x?host=/run/postgresql' },
  { keyEncryptionKeys: [key] },
  { allowPrivateHosts: ['keys.corp.example'] },
  { host: '10.0.0.1', metricsPort: 9464 },
]
for (const options of fine) {
  test(`${JSON.stringify(options)} -> nothing`, () => {
    const found = Object.values<SettingsCheck>(settingsChecks).flatMap((check) => check.find(settingsOf(options)))
    assert.deepEqual(found, [])
  })
}

const clientRows: [found: CheckId, change: Partial<ServerClient>][] = [
  ['client-token-in-url', { responseTypes: ['code', 'token'] }],
  ['client-id-token-in-url', { responseTypes: ['code id_token'] }],
  ['client-password-grant', { grantTypes: ['authorization_code', 'password'] }],
  ['client-without-pkce', { allowMissingPkce: true }],
  ['client-without-pkce', { legacyPlainPkce: true }],
  ['client-plain-redirect', { redirectUris: ['http://app.example/cb'] }],
  ['client-wildcard-redirect', { redirectUris: ['https://*.app.example/cb'] }],
  ['client-localhost-redirect', { redirectUris: ['http://localhost:8080/cb'] }],
  ['client-no-redirect', { redirectUris: [] }],
  ['client-no-secret', { secrets: [] }],
  ['client-two-secrets', { secrets: ['a', 'b'] }],
  ['client-public-machine', { authMethods: ['none'], secrets: undefined, grantTypes: ['client_credentials'] }],
  ['client-plain-logout', { backchannelLogoutUri: 'http://app.example/out' }],
  ['client-plain-origin', { allowedCorsOrigins: ['http://app.example'] }],
  ['client-unused', { registration: { registeredAt: 0, lastUsedAt: 1_700_000_000 } }],
]
const goodClient = {
  secrets: ['sha256:x'],
  redirectUris: ['https://app.example/cb', 'http://127.0.0.1/cb', 'com.example.app:/cb'],
}

test('every client with one fault -> that one is found, by the command as well', async () => {
  const data = join(root, 'clients')
  const opened = openSqlite(data, { create: true })
  await opened.store.putClient({ id: 'good', ...goodClient })
  await opened.store.putClient({ id: 'machine', secrets: ['sha256:x'], grantTypes: ['client_credentials'] })
  for (const [index, [, change]] of clientRows.entries())
    await opened.store.putClient({ id: `c${index}`, ...goodClient, ...change })
  await opened.close()
  await makeKeys(data)
  const args = ['--data', data, '--issuer', 'https://id.example', '--trusted-proxy', '10.0.3.7']
  const { code, stdout } = await grantryServer(['doctor', ...args, '--json']).ended
  const { findings } = JSON.parse(stdout) as Diagnosis
  const found = clientRows.map((_, index) =>
    findings.filter(({ clientId }) => clientId === `c${index}`).map(({ check }) => check),
  )
  assert.deepEqual(
    found,
    clientRows.map(([id]) => [id]),
  )
  assert.deepEqual([findings.length, code], [clientRows.length, 1])
  const graded = await diagnose({ data, profile: 'openid' })
  const severityOf = (id: CheckId) => graded.findings.find(({ check }) => check === id)?.severity
  assert.deepEqual([severityOf('client-id-token-in-url'), severityOf('client-without-pkce')], ['hint', 'warning'])
  const fapi = await diagnose({ data, profile: 'fapi2' })
  const withoutKey = fapi.findings.filter(({ check }) => check === 'client-without-key')
  assert.equal(withoutKey.length, clientRows.length + 2) // none of them has a key
})

describe('around the settings', () => {
  const withDatabase = async (name: string, sql: string): Promise<string> => {
    const data = join(root, name)
    await makeKeys(data)
    const database = new DatabaseSync(join(data, 'grantry.db'))
    database.exec(sql)
    database.close()
    return data
  }
  const now = (): number => Math.floor(Date.now() / 1000)
  const admin = (id: string, disabledAt: number | null) =>
    `INSERT INTO user (realm, id, username, password, password_version, created_at, role, disabled_at)
      VALUES ('', '${id}', '${id}', 'x', 1, 1, 'admin', ${disabledAt})`
  const admins = [
    ...[admin('bare', null), admin('coded', null), admin('keyed', null), admin('disabled', 1)],
    `INSERT INTO totp (realm, user_id, id, secret, created_at) VALUES ('', 'coded', 't', 'sealed:1:', 1)`,
    `INSERT INTO passkey (realm, id, user_id, credential_id, public_key, counter, transports, name, created_at)
      VALUES ('', 'p', 'keyed', 'c', x'00', 0, '[]', 'n', 1)`,
  ].join(';')
  const rows: [name: string, found: CheckId, options: () => Promise<ServerOptions>][] = [
    ['no database', 'database', async () => ({ data: join(root, 'none') })],
    ['a step that is not applied', 'pending-migrations', async () => ({ data: await withDatabase('pending', 'DELETE FROM server_migration WHERE version = 2') })],
    ['a user from tomorrow', 'clock', async () => ({ data: await withDatabase('clock', `INSERT INTO user (realm, id, username, password, password_version, created_at) VALUES ('', 'u', 'u', 'x', 1, ${now() + days})`) })],
    ['keys that nobody rotated', 'old-keys', async () => ({ now: () => now() + 98 * days })],
    ['a key in the clear', 'bare-keys', async () => ({ data: await withDatabase('bare', "UPDATE signing_key SET private_key = 'PEM'") })],
    ['the file of another server', 'closed-keys', async () => ({ keyEncryptionKeys: [key] })],
    ['a new key-encryption key', 'older-seal', async () => ({ keyEncryptionKeys: [key, ...readFileSync(join(root, 'good', 'grantry.keys'), 'utf8').trim().split('\n')] })],
    ['one of four administrators has a password alone', 'bare-admin', async () => ({ data: await withDatabase('admins', admins) })],
    ['what was made for development', 'development-access', async () => ({ data: await withDatabase('leftovers', `INSERT INTO client VALUES ('', 'dev-client', '{"id":"dev-client","secrets":["x"],"grantTypes":["client_credentials"]}')`) })],
  ] // prettier-ignore
  for (const [name, found, options] of rows)
    test(`${name} -> ${found}`, async () => assert.deepEqual(idsOf(await diagnose(await options())), [found]))

  test('files that others can read -> each is named; a configuration file as well', async () => {
    const data = join(root, 'readable')
    await makeKeys(data)
    const config = join(root, 'grantry.toml')
    writeFileSync(config, '')
    for (const path of [config, join(data, 'grantry.keys')]) chmodSync(path, 0o644)
    const { findings } = await diagnose({ data }, config)
    assert.deepEqual(
      findings.map(({ found }) => found),
      [`${join(data, 'grantry.keys')} (644)`, `${config} (644)`],
    )
  })

  const deployment = {
    ...{ settings: settingsOf({}), files: [], problem: undefined, pending: [], clockAhead: 0, keys: [], leftovers: [] },
    ...{ bytesFree: undefined, mostConnections: 97, bareAdmins: [] },
  }

  test('little space -> disk-space', () => {
    const find = (bytesFree: number | undefined) => checks.deployment['disk-space'].find({ ...deployment, bytesFree })
    assert.deepEqual([find(undefined), find(1e9), find(1024 * 1024)], [[], [], ['1 MiB']])
  })

  const pools: [options: ServerOptions, most: number | undefined][] = [
    [{ databasePool: 97 }, undefined],
    [{ databasePool: 98 }, 98],
    [{ workers: 8 }, undefined],
    [{ workers: 9 }, 100],
  ]
  for (const [options, most] of pools)
    test(`${JSON.stringify(options)} on 97 connections -> ${most === undefined ? 'nothing' : 'few-connections'}`, () => {
      const found = checks.deployment['few-connections'].find({ ...deployment, settings: settingsOf(options) })
      assert.deepEqual(
        found,
        most === undefined ? [] : [`up to ${most}, while workers are replaced; the database has 97`],
      )
    })

  test('every check has a row here', () => {
    const tried = [...settingsRows, ...clientRows]
      .map(([id]) => id)
      .concat(
        rows.map(([, id]) => id),
        'readable-files',
        'disk-space',
        'few-connections',
        'client-without-key', // above, by another profile
      )
    assert.deepEqual(
      checkRows.map(({ id }) => id).filter((id) => !tried.includes(id)),
      [],
    )
  })
})

test('the exit code is 0 where only warnings are, unless they count, and the text says what to do', async () => {
  const args = ['doctor', '--data', join(root, 'good'), '--issuer', 'https://id.example']
  const [{ code, stdout }, strict] = await Promise.all([
    grantryServer(args).ended,
    grantryServer([...args, '--strict']).ended,
  ])
  assert.deepEqual([code, strict.code], [0, 1])
  assert.match(stdout, /^warning {2}no --trusted-proxy {2}\[no-proxy\]\n .*\n +Name the addresses of the proxy/)
  assert.match(
    stdout,
    /\n0 errors, 1 warning, 0 hints\. Looked at settings, deployment and 0 clients by the profile oauth21\.\n?$/,
  )
})

describe('a server', () => {
  const start = async (options: ServerOptions): Promise<boolean> => {
    const server = await startServer({ port: 0, data: join(root, 'starting'), log: () => undefined, ...options })
    await server.close()
    return server.isDevelopment
  }
  for (const [id, { refusesStart }] of Object.entries<SettingsCheck>(settingsChecks)) {
    if (refusesStart !== true) continue
    const options = settingsRows.find(([found]) => found === id)?.[1]
    test(`does not start with what ${id} finds, and says what to change`, async () => {
      const { text, mend } = new Map<string, SettingsCheck>(Object.entries(settingsChecks)).get(id) ?? assert.fail()
      await assert.rejects(
        start({ ...good, ...options }),
        (thrown) => thrown instanceof StartError && thrown.message.includes(`${text} ${mend}`),
      )
    })
  }

  test('starts with it for development', async () => {
    assert.equal(await start({ allowUnsafeDurability: true, allowPrivateHosts: ['localhost'] }), true)
    assert.equal(await start({ dev: true, host: '0.0.0.0' }), true)
  })

  const rows: [name: string, options: ServerOptions, isDevelopment: boolean][] = [
    ['nothing is said', {}, true],
    ['the issuer is on localhost', { issuer: 'http://localhost:9000' }, true],
    ['it is said that it is not', { dev: false }, false],
    ['the issuer is elsewhere', { issuer: 'https://id.example' }, false],
  ]
  for (const [name, options, expected] of rows)
    test(`is ${expected ? '' : 'not '}for development where ${name}`, async () =>
      assert.equal(await start(options), expected))

  test('cannot be for development where its issuer is elsewhere', async () => {
    await assert.rejects(start({ dev: true, issuer: 'https://id.example' }), /--dev is for an issuer on localhost/)
    const { code, stderr } = await grantryServer([
      'config',
      'validate',
      '--issuer',
      'https://id.example',
      '--allow-unsafe-durability',
    ]).ended
    assert.deepEqual([code, /--allow-unsafe-durability: The database may lose/.test(stderr)], [2, true])
  })
})
