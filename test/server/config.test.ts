/** The configuration: file, environment and flags; what is refused, and how it is told; clients of the file. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { registerClient } from 'grantry'
import { startServer, type LogRecord } from 'grantry-server'
import { SqliteStore } from 'grantry/storage/sqlite'
import { parse as parseToml } from 'smol-toml'
import { parse as parseYaml } from 'yaml'
import { readConfig, type ConfigSources } from '../../packages/server/src/config/read-config.ts'
import { settings } from '../../packages/server/src/config/settings-table.ts'
import type { StaticClient } from '../../packages/server/src/config/static-client.ts'
import { templateOf } from '../../packages/server/src/config/template.ts'
import { StartError } from '../../packages/server/src/errors.ts'
import { grantryServer } from './command.ts'

const folder = mkdtempSync(join(tmpdir(), 'grantry-config-'))
after(() => rmSync(folder, { recursive: true }))

let files = 0
const file = (text: string, ending = 'toml'): string => {
  const path = join(folder, `config${files++}.${ending}`)
  writeFileSync(path, text)
  return path
}
const read = (sources: Partial<ConfigSources>) => readConfig({ env: {}, ...sources })
const refusal = (sources: Partial<ConfigSources>): string => {
  try {
    read(sources)
  } catch (thrown) {
    assert.ok(thrown instanceof StartError && thrown.exitCode === 2)
    return thrown.message.replaceAll(folder, '')
  }
  return assert.fail('it was taken')
}

describe('where settings come from', () => {
  const formats: [ending: string, text: string][] = [
    ['json', '{ "$schema": "x", "port": 1, "resources": ["https://a.example"], "profile": "openid" }'],
    ['toml', 'port = 1\nresources = ["https://a.example"]\nprofile = "openid"'],
    ['yaml', 'port: 1\nresources: [https://a.example]\nprofile: openid'],
    ['yml', 'port: 1\nresources:\n  - https://a.example\nprofile: openid'],
  ]
  for (const [ending, text] of formats) {
    test(`a file that ends in .${ending}`, () => {
      const { options } = read({ config: file(text, ending) })
      assert.deepEqual(options, { port: 1, resources: ['https://a.example'], profile: 'openid' })
    })
  }

  test('a flag goes before a variable, and that before the file', () => {
    const config = file('port = 1\nhost = "a"\ndatabaseWait = 3')
    const env = { GRANTRY_CONFIG: config, GRANTRY_HOST: 'b', GRANTRY_DATABASE_WAIT: '4' }
    const { options, sources } = read({ flags: { databaseWait: '5' }, env })
    assert.deepEqual(options, { port: 1, host: 'b', databaseWait: 5 })
    assert.deepEqual([...sources.values()], [`${config}: port`, 'GRANTRY_HOST', '--database-wait'])
  })

  test('every kind of value from the environment', () => {
    const env = {
      GRANTRY_PORT: '0',
      GRANTRY_ALLOW_UNSAFE_DURABILITY: 'false',
      GRANTRY_RESOURCES: 'https://a, https://b,',
    }
    const { options } = read({ env })
    assert.deepEqual(options, { port: 0, allowUnsafeDurability: false, resources: ['https://a', 'https://b'] })
  })

  test('a variable that ends in _FILE names a file with the value', () => {
    const path = file('postgres://ann:secret@db/x\n', 'secret')
    assert.deepEqual(read({ env: { GRANTRY_DATABASE_FILE: path } }).options, { database: 'postgres://ann:secret@db/x' })
  })
})

describe('what is refused', () => {
  const rows: [name: string, sources: () => Partial<ConfigSources>, message: RegExp][] = [
    ['a name that there is not', () => ({ config: file('prot = 1') }), /there is no setting "prot"\. Did you mean "port"\?$/],
    ['a name that is near to none', () => ({ config: file('whatever = 1') }), /there is no setting "whatever"\.$/],
    ['a name of every object', () => ({ config: file('constructor = 1') }), /there is no setting "constructor"/],
    ['text for a number', () => ({ config: file('port = "1"') }), /^\/config\d+\.toml: port must be a whole number from 0 to 65535, not "1"\.$/],
    ['a number with a fraction', () => ({ env: { GRANTRY_PORT: '1.5' } }), /^GRANTRY_PORT must be a whole number/],
    ['a word that there is not', () => ({ flags: { profile: 'x' } }), /^--profile must be one of oauth21, openid, fapi2, fapi2-message-signing, mcp, not "x"\.$/],
    ['an unclear yes', () => ({ env: { GRANTRY_ALLOW_UNSAFE_DURABILITY: '1' } }), /must be true or false, not "1"\.$/],
    ['nothing', () => ({ env: { GRANTRY_DATA: '' } }), /^GRANTRY_DATA must not be empty\.$/],
    ['an issuer on plain http', () => ({ flags: { issuer: 'http://id.example' } }), /^--issuer must be an https URL/],
    ['a list that is none', () => ({ config: file('resources = "a"') }), /resources must be a list, not "a"\.$/],
    ['a list with what is no text', () => ({ config: file('resources = [1]') }), /resources\[0\] must be text, not 1\.$/],
    ['a variable twice', () => ({ env: { GRANTRY_DATA: 'a', GRANTRY_DATA_FILE: 'b' } }), /are both set/],
    ['a file of a variable that is not there', () => ({ env: { GRANTRY_DATA_FILE: '/no/file' } }), /GRANTRY_DATA_FILE: the file "\/no\/file" cannot be read/],
    ['what Kubernetes sets', () => ({ env: { GRANTRY_PORT: 'tcp://10.0.0.1:80' } }), /enableServiceLinks: false/],
    ['a file that is not there', () => ({ config: '/no/grantry.toml' }), /^The configuration file \/no\/grantry\.toml cannot be read/],
    ['a file of another kind', () => ({ config: file('', 'ini') }), /must end in \.json, \.toml, \.yaml or \.yml\.$/],
    ['JSON that is none', () => ({ config: file('{', 'json') }), /is not what its name says/],
    ['TOML that is none', () => ({ config: file('= 1') }), /is not what its name says/],
    ['YAML that is none', () => ({ config: file('a: [', 'yaml') }), /is not what its name says/],
    ['a list as a file', () => ({ config: file('[]', 'json') }), /must hold names with their values/],
    ['a client with a name that there is not', () => ({ config: file('[[clients]]\nid = "a"\npublic = true\nscope = []') }), /clients\[0\]: there is no "scope" in a client\. Did you mean "scopes"\?$/],
    ['a client without a secret', () => ({ config: file('[[clients]]\nid = "a"') }), /clients\[0\] must have one of secret, secretFile, certificateName, jwksUri and public: true\.$/],
    ['a client with a short secret', () => ({ config: file('[[clients]]\nid = "a"\nsecret = "short"') }), /clients\[0\]\.secret must have at least 32 characters/],
  ] // prettier-ignore
  for (const [name, sources, message] of rows)
    test(`${name} -> told where and how`, () => assert.match(refusal(sources()), message))

  test('all of it at once, a line each', () => {
    const lines = refusal({ config: file('port = -1\nhost = ""\nprofile = "x"') }).split('\n')
    assert.equal(lines.length, 3)
  })

  test('no secret is in a message', () => {
    const env = { GRANTRY_DATABASE: ' ', GRANTRY_KEY_ENCRYPTION_KEYS: '' }
    const config = file('keyEncryptionKeys = [7531]\n[[clients]]\nid = "a"\nsecret = "sesame"')
    assert.doesNotMatch(refusal({ config, env: { GRANTRY_DATABASE: env.GRANTRY_DATABASE } }), /7531|sesame/)
  })

  test('an empty file is one that says nothing', () => {
    for (const ending of ['toml', 'yaml']) assert.deepEqual(read({ config: file('', ending) }).options, {})
  })
})

describe('the template', () => {
  const parsers = { toml: parseToml, yaml: (text: string): unknown => parseYaml(text) }
  for (const format of ['toml', 'yaml'] as const) {
    test(`${format}: names every setting; its lines are a configuration`, () => {
      const text = templateOf(format)
      assert.deepEqual(Object.keys(parsers[format](text) ?? {}), [])
      const values = text.replaceAll(/^# (?=[a-zA-Z]+(?: =|:)(?: |$)|\[| {2})/gm, '')
      const parsed = parsers[format](values) as Record<string, unknown>
      assert.deepEqual(
        Object.keys(parsed),
        settings.map(([name]) => name),
      )
      const set = Object.entries(parsed).filter(([, value]) => value !== '')
      const { options } = read({ config: file(JSON.stringify(Object.fromEntries(set)), 'json') })
      assert.equal(options.port, 9000)
      assert.equal(options.clients?.[0]?.id, 'app')
    })
  }
})

describe('the command', () => {
  const config = (args: readonly string[], env = {}) => grantryServer(['config', ...args], env).ended

  test('print: each setting with its source, and no secret', async () => {
    const env = { GRANTRY_DATABASE: 'postgres://ann:sesame@db/x' }
    const path = file('port = 7\n[[clients]]\nid = "a"\nsecret = "0123456789abcdef0123456789abcdef"')
    const { stdout } = await config(['print', '--config', path], env)
    assert.match(stdout, /^port +7 +.*config\d+\.toml: port$/m)
    assert.match(stdout, /^database +\(hidden\) +GRANTRY_DATABASE$/m)
    const { stdout: json } = await config(['print', '--json', '--config', path], env)
    const shown = JSON.parse(json) as { name: string; value: unknown; source: string }[]
    assert.deepEqual(
      shown.find(({ name }) => name === 'host'),
      { name: 'host', value: 'localhost', source: 'default' },
    )
    assert.doesNotMatch(stdout + json, /sesame|0123456789abcdef/)
  })

  test('validate: says that it is fine, or what is not', async () => {
    assert.match((await config(['validate', '--config', file('port = 7')])).stdout, /is fine: 1 of \d+ settings/)
    const wrong = await config(['validate', '--config', file('port = 7\nprofile = 3')])
    assert.deepEqual([wrong.code, wrong.stdout], [2, ''])
    assert.match(wrong.stderr, /profile must be one of/)
  })

  test('schema: says what a file may hold', async () => {
    const schema = JSON.parse((await config(['schema'])).stdout) as {
      properties: object
      additionalProperties: boolean
    }
    assert.equal(schema.additionalProperties, false)
    assert.deepEqual(Object.keys(schema.properties), ['$schema', ...settings.map(([name]) => name)])
  })
})

describe('clients of the file', () => {
  const data = join(folder, 'clients')
  const secret = 's'.repeat(32)
  const app: StaticClient = {
    id: 'app',
    secret,
    redirectUris: ['https://app.example/cb'],
    scopes: ['read'],
    grantTypes: ['client_credentials'],
  }

  /** Starts with clients, and gives what is there and was logged. */
  const started = async (clients: readonly StaticClient[] | undefined) => {
    const records: LogRecord[] = []
    const server = await startServer({ port: 0, data, clients, log: (record) => void records.push(record) })
    const body = new URLSearchParams({ grant_type: 'client_credentials', client_id: 'app', client_secret: secret })
    const { status } = await fetch(`${server.url}/token`, { method: 'POST', body })
    await server.close()
    const store = new SqliteStore(join(data, 'grantry.db'))
    const ids = (await store.listClients('', 10)).map(({ id }) => id)
    store.close()
    const changes = records.flatMap(({ type, clientId }) =>
      type.startsWith('client.') ? [`${type} ${String(clientId)}`] : [],
    )
    return { status, ids, changes }
  }

  test('made, left alone, changed, deleted; others stay', async () => {
    assert.deepEqual(await started([app]), { status: 400, ids: ['app', 'dev-client'], changes: ['client.created app'] })
    const withDefault = { ...app, defaultScopes: ['read'] }
    assert.deepEqual(await started([withDefault]), {
      status: 200,
      ids: ['app', 'dev-client'],
      changes: ['client.changed app'],
    })
    assert.deepEqual((await started([withDefault])).changes, [])
    assert.deepEqual(await started(undefined), { status: 200, ids: ['app', 'dev-client'], changes: [] })
    const tv: StaticClient = { id: 'tv', public: true }
    const changes = ['client.created tv', 'client.deleted app']
    assert.deepEqual(await started([tv]), { status: 401, ids: ['dev-client', 'tv'], changes })
    assert.deepEqual((await started([])).ids, ['dev-client'])
  })

  const rows: [name: string, client: StaticClient, message: RegExp][] = [
    ['an id that another client has', { ...app, id: 'dev-client' }, /"dev-client": there is a client of this id that is not of the file/],
    ['a redirect URI to nowhere', { ...app, redirectUris: ['javascript:alert(1)'] }, /"app": redirectUris: "javascript:alert\(1\)"/],
    ['a secret that is not there', { id: 'app', secretFile: '/no/file' }, /"app": the file "\/no\/file" cannot be read/],
    ['a short secret in a file', { id: 'app', secretFile: file('short', 'txt') }, /must have at least 32 characters/],
  ] // prettier-ignore
  for (const [name, client, message] of rows) {
    test(`${name} -> refused`, async () => {
      const starting = startServer({ port: 0, data, clients: [client], log: () => undefined })
      await assert.rejects(starting, message)
    })
  }

  test('two of one id -> refused', async () => {
    const clients = [app, app]
    await assert.rejects(startServer({ port: 0, data, clients, log: () => undefined }), /two of them have the same id/)
  })

  test('the secret of a file is the secret of the client', async () => {
    const store = new SqliteStore(join(data, 'grantry.db'))
    await registerClient(store, { id: 'other' })
    store.close()
    const fromFile = { ...app, secret: undefined, secretFile: file(`${secret}\n`, 'txt'), defaultScopes: ['read'] }
    const { status, ids } = await started([fromFile])
    assert.deepEqual([status, ids], [200, ['app', 'dev-client', 'other']])
  })
})
