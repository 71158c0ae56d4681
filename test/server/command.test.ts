import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, describe, test } from 'node:test'
import { promisify } from 'node:util'
import { SqliteStore } from 'grantry/storage/sqlite'
import { grantryServer, type Running } from './command.ts'

const folder = mkdtempSync(join(tmpdir(), 'grantry-command-'))
after(() => rmSync(folder, { recursive: true }))

const stop = async (server: Running): Promise<void> => {
  server.process.kill('SIGTERM')
  const { code, stderr } = await server.ended
  assert.equal(code, 0, stderr)
}

const start = async (
  args: readonly string[],
  env?: Readonly<Record<string, string>>,
): Promise<Running & { issuer: string }> => {
  const server = grantryServer(['start', '--port', '0', ...args], env)
  const issuer = await server.line(/^Issuer: (.*)/)
  return { ...server, issuer }
}

const tokenStatus = async (issuer: string, secret: string): Promise<number> => {
  const headers = { Authorization: `Basic ${btoa(`dev-client:${secret}`)}` }
  const response = await fetch(`${issuer}/token`, {
    method: 'POST',
    headers,
    body: new URLSearchParams('grant_type=client_credentials'),
  })
  await response.text()
  return response.status
}

test('first start prints secrets and a curl line that works; the second start keeps all and prints none', async () => {
  const data = join(folder, 'new', "it's data")
  const first = await start(['--data', data])
  const curl = await first.line(/^ +(curl .*)/)
  const secret = await first.line(/client secret +(\S+)/)
  const password = await first.line(/password +(\S+)/)
  const { stdout } = await promisify(execFile)('bash', ['-c', curl])
  assert.match(stdout, /^\{"access_token":"ey/)
  assert.equal(statSync(data).mode & 0o777, 0o700)
  assert.equal(statSync(join(data, 'grantry.db')).mode & 0o777, 0o600)
  const jwks = await (await fetch(`${first.issuer}/jwks`)).text()
  await stop(first)
  const second = await start(['--data', data])
  await second.line(/secret of dev-client was shown at the first start.*rotate-secret/)
  assert.ok(!second.lines.some((line) => line.includes(secret) || line.includes(password)))
  assert.equal(await (await fetch(`${second.issuer}/jwks`)).text(), jwks)
  assert.equal(await tokenStatus(second.issuer, secret), 200)
  await stop(second)
  assert.ok(!readFileSync(join(data, 'grantry.db')).includes(secret))
})

test('the printed command for a new secret works while the server runs', async () => {
  const data = join(folder, 'rotate')
  await stop(await start(['--data', data]))
  const server = await start(['--data', data])
  const hint = await server.line(/For a new one: grantry-server (.*)/)
  const args = hint.replaceAll("'", '').split(' ')
  const rotated = await grantryServer(args).ended
  assert.equal(rotated.code, 0, rotated.stderr)
  assert.equal(await tokenStatus(server.issuer, /client secret +(\S+)/.exec(rotated.stdout)?.[1] ?? ''), 200)
  await stop(server)
})

test('an issuer that is not on localhost -> no development client, and a line that says so', async () => {
  const server = await start(['--data', join(folder, 'public'), '--issuer', 'https://id.example'])
  assert.equal(server.issuer, 'https://id.example')
  await server.line(/no server for development, so no client and no user/)
  await stop(server)
})

test('the environment sets options, and a flag wins', async () => {
  const env = { GRANTRY_DATA: join(folder, 'env'), GRANTRY_ISSUER: 'http://localhost:7000', GRANTRY_PORT: 'wrong' }
  const server = await start(['--issuer', 'http://localhost:7001'], { ...env, GRANTRY_PORT: '1' })
  assert.equal(server.issuer, 'http://localhost:7001')
  assert.ok(existsSync(join(env.GRANTRY_DATA, 'grantry.db')))
  await stop(server)
  const refused = await grantryServer(['start'], env).ended
  assert.equal(refused.code, 2)
  assert.match(refused.stderr, /GRANTRY_PORT/)
})

const formats: [format: string, token: RegExp, rows: number][] = [
  ['jwt', /^\{"access_token":"ey/, 0],
  ['jwt-stored', /^\{"access_token":"ey/, 1],
  ['opaque', /^\{"access_token":"[\w-]{43}"/, 1],
]
for (const [format, token, rows] of formats) {
  test(`--token-format ${format} -> ${rows} rows for a token of a client, which is active until it is revoked`, async (t) => {
    const data = join(folder, format)
    const server = await start(['--data', data, '--token-format', format])
    t.after(() => stop(server))
    const curl = await server.line(/^ +(curl .*)/)
    const { stdout } = await promisify(execFile)('bash', ['-c', curl])
    assert.match(stdout, token)
    const database = new DatabaseSync(join(data, 'grantry.db'), { readOnly: true })
    assert.equal(database.prepare('SELECT count(*) AS rows FROM access_token').get()?.['rows'], rows)
    database.close()
    const { access_token: text } = JSON.parse(stdout) as { access_token: string }
    const ask = async (path: string): Promise<string> => {
      const headers = { Authorization: `Basic ${btoa(`dev-client:${await server.line(/client secret +(\S+)/)}`)}` }
      const body = new URLSearchParams({ token: text })
      return (await fetch(server.issuer + path, { method: 'POST', headers, body })).text()
    }
    assert.match(await ask('/introspect'), /"active":true/)
    assert.equal(await ask('/revoke'), '')
    assert.equal(await ask('/introspect'), '{"active":false}')
  })
}

test('SIGINT in the middle of a request -> it is answered, then the command ends with 0', async () => {
  const server = await start(['--data', join(folder, 'signal')])
  const body = new TransformStream<Uint8Array, Uint8Array>()
  const writer = body.writable.getWriter()
  const headers = { 'Content-Type': 'application/x-www-form-urlencoded' }
  const answer = fetch(`${server.issuer}/token`, { method: 'POST', body: body.readable, duplex: 'half', headers })
  await writer.write(new TextEncoder().encode('grant_type='))
  await fetch(`${server.issuer}/health/live`).then((response) => response.text())
  server.process.kill('SIGINT')
  await writer.write(new TextEncoder().encode('client_credentials'))
  await writer.close()
  assert.equal((await answer).status, 401)
  assert.equal((await server.ended).code, 0)
})

const file = (name: string, content: string | Buffer): string => {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}

const databaseIn = async (name: string, change: (path: string) => void): Promise<string> => {
  const data = join(folder, name)
  await stop(await start(['--data', data]))
  change(join(data, 'grantry.db'))
  return data
}

const runSql = (path: string, sql: string): void => {
  const database = new DatabaseSync(path)
  database.exec(sql)
  database.close()
}

const refused: [name: string, args: () => string[] | Promise<string[]>, code: number, text: RegExp][] = [
  ['port that is no number', () => ['--port', '80x'], 2, /--port.*0 to 65535/],
  ['port out of range', () => ['--port', '65536'], 2, /--port.*0 to 65535/],
  ['unknown flag', () => ['--prot', '1'], 2, /unknown option '--prot'/],
  ['unknown token format', () => ['--token-format', 'xml'], 2, /--token-format.*jwt, jwt-stored, opaque/],
  ['issuer on plain http', () => ['--issuer', 'http://id.example'], 2, /--issuer must be an https URL/],
  ['issuer that is no URL', () => ['--issuer', 'localhost'], 2, /--issuer must be an https URL/],
  ['issuer with a query', () => ['--issuer', 'https://id.example/?a'], 2, /--issuer must be/],
  [
    'unknown host',
    () => ['--port', '0', '--dev', '--host', '192.0.2.1', '--data', join(folder, 'h')],
    1,
    /--host: "192.0.2.1" is not/,
  ],
  ['data is a file', () => ['--data', file('a-file', 'x')], 1, /--data: .*a-file is a file or lies below one/],
  [
    'data below a file',
    () => ['--data', join(file('b-file', 'x'), 'data')],
    1,
    /--data: .*b-file\/data is a file or lies below/,
  ],
  [
    'corrupt database',
    async () => [
      '--data',
      await databaseIn('corrupt', (path) => writeFileSync(path, readFileSync(path).fill(0xa5, 8192))),
    ],
    1,
    /grantry\.db is damaged.*left as it is.*backup/,
  ],
  [
    'foreign database',
    async () => ['--data', await databaseIn('foreign', (path) => writeFileSync(path, 'hello'))],
    1,
    /is not a Grantry/,
  ],
  [
    'newer database',
    async () => ['--data', await databaseIn('newer', (path) => runSql(path, 'PRAGMA user_version = 99'))],
    1,
    /newer version of Grantry.*Update/,
  ],
  [
    'newer accounts',
    async () => [
      '--data',
      await databaseIn('newer2', (path) => runSql(path, "INSERT INTO server_migration VALUES (99, 'later', 'x')")),
    ],
    1,
    /newer version of Grantry.*Update/,
  ],
]

describe('start refuses', { concurrency: 4 }, () => {
  for (const [name, args, code, text] of refused) {
    test(`${name} -> one clear line, exit code ${code}`, async () => {
      const ended = await grantryServer(['start', ...(await args())]).ended
      assert.equal(ended.code, code)
      assert.equal(ended.stdout, '')
      assert.match(ended.stderr, text)
      assert.equal(ended.stderr.trimEnd().split('\n').length, 1, ended.stderr)
    })
  }
})

test('a taken port -> named with --port; the first start afterwards still shows the secrets', async () => {
  const other = createServer().listen(0, 'localhost')
  await once(other, 'listening')
  const { port } = other.address() as AddressInfo
  const data = join(folder, 'taken')
  const ended = await grantryServer(['start', '--port', String(port), '--data', data]).ended
  assert.equal(ended.code, 1)
  assert.match(ended.stderr, new RegExp(`^grantry-server: Port ${port} on localhost is taken.*--port.\n$`))
  other.close()
  const server = await start(['--data', data])
  await server.line(/client secret/)
  await stop(server)
})

test('client create, user create -> each shown once; a taken name is refused', async () => {
  const data = join(folder, 'manage')
  const client = await grantryServer(['client', 'create', '--data', data, '--id', 'app', '--default-scope', 'read'])
    .ended
  assert.match(client.stdout, /client id +app\nclient secret +\S{43}/)
  const again = await grantryServer(['client', 'create', '--data', data, '--id', 'app']).ended
  assert.deepEqual(
    [again.code, again.stderr],
    [1, 'grantry-server: There is a client "app" already. Choose another id.\n'],
  )
  const user = await grantryServer(['user', 'create', 'Ann', '--data', data]).ended
  assert.match(user.stdout, /password +\S{20}\n/)
  assert.equal((await grantryServer(['user', 'create', 'ann', '--data', data]).ended).code, 1)
  const link = await grantryServer(['user', 'reset-password', 'ANN', '--data', data]).ended
  assert.match(link.stdout, /^link {2}http:\/\/localhost:9000\/reset-password\?ticket=[\w-]{43}\n/)
  assert.equal((await grantryServer(['user', 'reset-password', 'bob', '--data', data]).ended).code, 1)
})

test('client create: what OpenID Connect needs is in the record', async () => {
  const data = join(folder, 'openid-client')
  const create = (...args: string[]) => grantryServer(['client', 'create', '--data', data, ...args]).ended
  const made = await create(
    ...['--id', 'app', '--public', '--first-party', '--redirect-uri', 'https://app.example/cb', '--scope', 'openid'],
    ...[
      '--response-type',
      'code',
      '--response-type',
      'id_token code',
      '--post-logout-redirect-uri',
      'https://app.example/',
    ],
    ...['--backchannel-logout-uri', 'https://app.example/out', '--frontchannel-logout-uri', 'https://app.example/bye'],
    ...['--subject-type', 'pairwise', '--cors-origin', 'http://localhost:5173', '--id-token-alg', 'ES256'],
  )
  assert.equal(made.code, 0, made.stderr)
  const store = new SqliteStore(join(data, 'grantry.db'))
  const client = await store.findClient('app')
  store.close()
  assert.deepEqual(client, {
    ...{ id: 'app', authMethods: ['none'], firstParty: true, grantTypes: ['authorization_code', 'refresh_token'] },
    ...{ redirectUris: ['https://app.example/cb'], scopes: ['openid'], defaultScopes: [] },
    ...{ responseTypes: ['code', 'code id_token'], postLogoutRedirectUris: ['https://app.example/'] },
    ...{ backchannelLogoutUri: 'https://app.example/out', frontchannelLogoutUri: 'https://app.example/bye' },
    ...{ subjectType: 'pairwise', allowedCorsOrigins: ['http://localhost:5173'], idTokenSigningAlgorithm: 'ES256' },
  })
  const refused: [args: string[], text: RegExp][] = [
    [['--subject-type', 'secret'], /--subject-type must be one of public, pairwise/],
    [['--subject-type', 'pairwise'], /--subject-type needs redirect URIs of one host/],
    [['--cors-origin', 'https://app.example/'], /--cors-origin must be scheme, host and port.*https:\/\/app\.example/],
    [['--cors-origin', 'null'], /scheme, host and port/],
    [['--backchannel-logout-uri', 'app.example/out'], /https or http URL without fragment/],
    [['--backchannel-logout-uri', 'javascript:alert(1)'], /https or http URL without fragment/],
    [['--backchannel-logout-uri', 'https://app.example/out#x'], /https or http URL without fragment/],
    [['--frontchannel-logout-uri', 'https://ann:pw@app.example/'], /https or http URL without fragment/],
    [['--frontchannel-logout-uri', 'https://other.example/'], /on the origin of one of the redirect URIs/],
  ]
  for (const [args, text] of refused) {
    const ended = await create(...args)
    assert.equal(ended.code, 2)
    assert.match(ended.stderr, text)
  }
})

test('user create and update: what clients are told', async () => {
  const data = join(folder, 'claims')
  const run = (...args: string[]) => grantryServer(['user', ...args, '--data', data]).ended
  const known = async (): Promise<unknown> => {
    const database = new DatabaseSync(join(data, 'grantry.db'), { readOnly: true })
    const claims = database.prepare('SELECT claims FROM user').get()?.['claims']
    database.close()
    const { updated_at: updatedAt, ...others } = JSON.parse(String(claims)) as Record<string, unknown>
    assert.ok(Number(updatedAt) > 1_700_000_000)
    return others
  }
  const made = await run(
    ...['create', 'ann', '--name', 'Ann Example', '--email', 'ann@example.com', '--email-verified'],
    ...['--claim', 'zoneinfo=Europe/Vienna', '--claim', 'address={"country":"AT"}'],
  )
  assert.match(made.stdout, /password +\S{20}\n/)
  const address = { zoneinfo: 'Europe/Vienna', address: { country: 'AT' } }
  assert.deepEqual(await known(), { name: 'Ann Example', email: 'ann@example.com', email_verified: true, ...address })
  assert.equal((await run('update', 'ANN', '--email', 'new@example.com', '--name', '')).code, 0)
  assert.deepEqual(await known(), { email: 'new@example.com', email_verified: false, ...address })
  const refused: [args: string[], code: number, text: RegExp][] = [
    [['update', 'ann'], 2, /Name what to change/],
    [['update', 'bob', '--name', 'Bob'], 1, /There is no user "bob"/],
    [['update', 'ann', '--claim', 'sub=root'], 2, /--claim must not be given: the server sets it itself/],
    [['update', 'ann', '--claim', 'x'], 2, /NAME=VALUE/],
  ]
  for (const [args, code, text] of refused) {
    const ended = await run(...args)
    assert.equal(ended.code, code, ended.stderr)
    assert.match(ended.stderr, text)
  }
})
