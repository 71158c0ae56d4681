/** Export and import: from SQLite to PostgreSQL and back, what is refused as an export, clients of other servers, and the end of all grants. */
import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { startServer, type RunningServer } from 'grantry-server'
import { revokeAll } from '../../packages/server/src/backup/revoke-all.ts'
import { openLongWork, type LongWork } from '../../packages/server/src/database/long-work.ts'
import { openSqlite } from '../../packages/server/src/database/sqlite.ts'
import { StartError } from '../../packages/server/src/errors.ts'
import { columnsOf } from '../../packages/server/src/transfer/columns.ts'
import { exportLines } from '../../packages/server/src/transfer/export-rows.ts'
import { importLines, type Imported } from '../../packages/server/src/transfer/import-rows.ts'
import { leftOut, parts, portableTables, type Part } from '../../packages/server/src/transfer/portable-tables.ts'
import { readLines } from '../../packages/server/src/transfer/read-lines.ts'
import { startPostgres, whyNoPostgres, type PostgresServer } from '../storage/postgres-server.ts'
import { grantryServer } from './command.ts'
import {
  cluster,
  logIn,
  migrateUp,
  post,
  safeSettings,
  secretsOf,
  tokenStatus,
  urlOf,
  type KnownClient,
} from './nodes.ts'

const root = mkdtempSync(join(tmpdir(), 'grantry-transfer-'))
after(() => rmSync(root, { recursive: true }))
const at = (name: string): string => join(root, name)

/** Where a database is: a folder, or a URL. */
type Place = { readonly data: string; readonly database?: string }

const using = async <Result>(place: Place, use: (work: LongWork) => Promise<Result>): Promise<Result> => {
  const work = await openLongWork({ database: undefined, databaseWait: 5, ...place })
  try {
    return await use(work)
  } finally {
    await work.close()
  }
}

const exported = (place: Place, chosen: readonly Part[] = parts): Promise<string> =>
  using(place, async (work) => {
    let text = ''
    for await (const lines of exportLines(work, chosen, () => undefined)) text += lines
    return text
  })

async function* inPieces(text: string): AsyncGenerator<string> {
  for (let start = 0; start < text.length; start += 1000) yield text.slice(start, start + 1000)
}

const imported = (place: Place, text: string, isDryRun = false): Promise<Imported> =>
  using(place, (work) =>
    importLines(work, readLines(inPieces(text)), { isDryRun, onHeader: () => undefined, onProgress: () => undefined }),
  )

/** Without the header, which has the time. */
const rowsOf = (text: string): readonly string[] => text.trim().split('\n').slice(1)

test('of every table it is decided whether it is exported', async () => {
  const data = at('tables')
  await openSqlite(data, { create: true }).close()
  const tables = [...(await using({ data }, columnsOf)).keys()]
  assert.deepEqual(tables.sort(), [...Object.keys(portableTables), ...Object.keys(leftOut)].sort())
})

describe('a database that moves', { skip: whyNoPostgres ?? false }, () => {
  let postgres: PostgresServer
  let known: KnownClient
  const first: Place = { data: at('first') }
  let second: Place
  const third: Place = { data: at('third') }
  before(async () => {
    postgres = await startPostgres(safeSettings)
    second = { data: '', database: urlOf(postgres) }
    await migrateUp(urlOf(postgres))
    await openSqlite(third.data, { create: true }).close()
  })
  after(() => postgres.remove())

  const serve = async <Result>(place: Place, use: (server: RunningServer) => Promise<Result>): Promise<Result> => {
    const server = await startServer({ ...cluster, ...place, tokenFormat: 'opaque', log: () => undefined })
    try {
      return await use(server)
    } finally {
      await server.close()
    }
  }
  const keysOf = async ({ url }: RunningServer): Promise<string> => (await fetch(`${url}/jwks`)).text()
  const refresh = (server: RunningServer, token: string) =>
    post(server, '/token', known, { grant_type: 'refresh_token', refresh_token: token })
  const isActive = async (server: RunningServer, token: unknown): Promise<unknown> =>
    (await post(server, '/introspect', known, { token: String(token) })).body['active']

  const moves: [name: string, from: () => Place, to: () => Place][] = [
    ['SQLite to PostgreSQL', () => first, () => second],
    ['PostgreSQL to SQLite', () => second, () => third],
  ]
  for (const [name, from, to] of moves) {
    test(`from ${name} -> every row is there; users log in, clients authenticate, tokens and keys go on`, async () => {
      const { tokens, over, jwks } = await serve(from(), async (server) => {
        if (server.firstStart !== undefined) known = secretsOf(server)
        const [tokens, over] = [await logIn(server, known), await logIn(server, known)]
        await post(server, '/revoke', known, { token: String(over['refresh_token']) })
        return { tokens, over: String(over['refresh_token']), jwks: await keysOf(server) }
      })
      const text = await exported(from())
      const { rows, isDone } = await imported(to(), text)
      assert.ok(isDone)
      assert.ok((rows['grant']?.added ?? 0) >= 2 && (rows['audit_event']?.added ?? 0) > 0)
      assert.deepEqual(rowsOf(await exported(to())), rowsOf(text))
      await serve(to(), async (server) => {
        assert.equal(server.firstStart, undefined)
        assert.equal(await keysOf(server), jwks)
        assert.equal(await tokenStatus(server, known), 200)
        assert.equal(await isActive(server, tokens['access_token']), true)
        assert.equal((await refresh(server, String(tokens['refresh_token']))).status, 200)
        assert.equal((await refresh(server, over)).status, 400)
        assert.equal(typeof (await logIn(server, known))['refresh_token'], 'string')
      })
    })
  }

  for (const [name, place] of [
    ['SQLite', () => third],
    ['PostgreSQL', () => second],
  ] as const) {
    test(`revoke-all on ${name} -> nothing that was granted is good, and what is granted afterwards is`, async () => {
      await serve(place(), async (server) => {
        const tokens = await logIn(server, known)
        const { body } = await post(server, '/token', known, { grant_type: 'client_credentials' })
        const ended = await using(place(), (work) => revokeAll(work, Math.floor(Date.now() / 1000)))
        assert.ok(ended.grants >= 1 && ended.sessions >= 1 && ended.tokens >= 1, JSON.stringify(ended))
        for (const token of [tokens['access_token'], body['access_token']])
          assert.equal(await isActive(server, token), false)
        assert.equal((await refresh(server, String(tokens['refresh_token']))).status, 400)
        assert.equal(await isActive(server, (await logIn(server, known))['access_token']), true)
        const again = await using(place(), (work) => revokeAll(work, Math.floor(Date.now() / 1000)))
        assert.deepEqual([again.grants, again.sessions, again.tokens], [1, 1, 0])
      })
    })
  }
})

describe('an import', () => {
  const source: Place = { data: at('source') }
  let text = ''
  let lines: readonly string[] = []
  before(async () => {
    const data = openSqlite(source.data, { create: true })
    for (let index = 0; index < 450; index++) await data.accounts.create(`user${index}`, 'hash', 1, { name: 'Ä\0' })
    await data.store.putClient({ id: 'app', secrets: ['sha256:x'], scopes: ['read'] })
    await data.close()
    text = await exported(source)
    lines = text.trimEnd().split('\n')
  })
  const fresh = async (name: string): Promise<Place> => {
    await openSqlite(at(name), { create: true }).close()
    return { data: at(name) }
  }

  test('twice -> the second time all is there already', async () => {
    const place = await fresh('twice')
    assert.deepEqual((await imported(place, text)).rows['user'], { added: 450, same: 0, differing: 0 })
    const { rows, isDone } = await imported(place, text)
    assert.deepEqual([rows['user'], isDone], [{ added: 0, same: 450, differing: 0 }, true])
  })

  test('as a dry run -> says what would happen, and changes nothing', async () => {
    const place = await fresh('dry')
    const { rows, isDone } = await imported(place, text, true)
    assert.deepEqual([rows['client'], isDone], [{ added: 1, same: 0, differing: 0 }, false])
    assert.match(await exported(place), /"rows":\{"client":0,"user":0/)
  })

  test('with rows that differ -> named, and nothing is imported, by the command as well', async () => {
    const place = await fresh('differing')
    const data = openSqlite(place.data, { create: false })
    await data.accounts.create('user7', 'another', 1)
    await data.store.putClient({ id: 'app', secrets: ['sha256:y'] })
    await data.close()
    const { conflicts, isDone } = await imported(place, text)
    assert.deepEqual([conflicts, isDone], [['client "app"', 'user "user7"'], false])
    const file = at('differing.jsonl')
    writeFileSync(file, text)
    const ended = await grantryServer(['import', file, '--data', place.data]).ended
    assert.equal(ended.code, 1)
    assert.match(
      ended.stderr,
      /^grantry-server: These are there already, and differ: client "app", user "user7"\. .*\n$/,
    )
    assert.match(await exported(place), /"rows":\{"client":1,"user":1/)
  })

  const at2 = (index: number, change: (line: string) => string): string =>
    lines.map((line, each) => (each === index ? change(line) : line)).join('\n')
  const refused: [name: string, text: () => string, message: RegExp][] = [
    ['nothing', () => '', /first line is not the header/],
    ['no JSON', () => 'hello', /Line 1 is not JSON\./],
    ['a later version', () => at2(0, (line) => line.replace('"version":1', '"version":2')), /not the header of an export that this version/],
    ['a newer schema', () => at2(0, (line) => line.replace(/"server_migration":\d+/, '"server_migration":999')), /made by a newer version of Grantry \(/],
    ['half of a file', () => lines.slice(0, -1).join('\n'), /cut off: its last line is missing/],
    ['a file without a line', () => lines.filter((_, index) => index !== 5).join('\n'), /not whole: its last line names 450 rows of user/],
    ['lines after the end', () => `${text}{}`, /Line 454 comes after the last one/],
    ['an unknown table', () => at2(1, (line) => line.replace('client', 'lease')), /Line 2 names no table that can be imported/],
    ['a name of every object', () => at2(1, (line) => line.replace('client', 'constructor')), /Line 2 names no table that can be imported/],
    ['an unknown member', () => at2(1, (line) => line.replace('"id"', '"realm":"other","id"')), /Line 2 \(client\): there is no member "realm"/],
    ['a member of another kind', () => at2(2, (line) => line.replace('"password_version":1', '"password_version":"1"')), /Line 3 \(user\): "password_version" must be a whole number/],
    ['a member that is missing', () => at2(2, (line) => line.replace(/"username":"[^"]*",/, '')), /Line 3 \(user\): "username" must be text/],
  ] // prettier-ignore
  for (const [name, broken, message] of refused) {
    test(`of ${name} -> told by line, and nothing is imported`, async () => {
      const place = await fresh(`refused-${name.replaceAll(' ', '-')}`)
      await assert.rejects(
        imported(place, broken()),
        (thrown) => thrown instanceof StartError && message.test(thrown.message),
      )
      assert.match(await exported(place), /"rows":\{"client":0,"user":0/)
    })
  }

  test('by the commands: the file is for its owner, and what it is sealed by must be there', async () => {
    await (await startServer({ port: 0, data: at('sealed'), log: () => undefined })).close()
    const file = at('sealed.jsonl')
    const made = await grantryServer(['export', file, '--data', at('sealed')]).ended
    assert.deepEqual([made.code, made.stderr, statSync(file).mode & 0o777], [0, '', 0o600])
    assert.doesNotMatch(readFileSync(file, 'utf8'), /PRIVATE KEY/)
    assert.match((await grantryServer(['export', file, '--data', at('sealed')]).ended).stderr, /is there already/)
    const elsewhere = ['--data', at('elsewhere')]
    assert.match(
      (await grantryServer(['import', file, ...elsewhere]).ended).stderr,
      /export is sealed by the key-encryption key \S{8}, which/,
    )
    const env = { GRANTRY_KEY_ENCRYPTION_KEYS: readFileSync(join(at('sealed'), 'grantry.keys'), 'utf8').trim() }
    const { code, stdout } = await grantryServer(['import', file, ...elsewhere], env).ended
    assert.equal(code, 0)
    assert.match(stdout, /signing_key +2 +0 +0\nImported\./)
  })
})

test('clients of another server -> as they are there, without secrets that cannot be brought along', async () => {
  const secret = 'x'.repeat(40)
  const clients = [
    {
      client_id: 'web',
      client_secret: secret,
      redirect_uris: ['https://app.example/cb'],
      scope: 'openid email',
      extra: 1,
    },
    {
      client_id: 'hashed',
      client_secret: `$pbkdf2-sha512$${secret}`,
      grant_types: ['client_credentials'],
      redirect_uris: [],
    },
    { client_id: 'spa', token_endpoint_auth_method: 'none', redirect_uris: ['https://spa.example/'] },
  ]
  const file = at('clients.json')
  const run = (content: string, ...args: string[]) => {
    writeFileSync(file, content)
    return grantryServer(['import', file, '--format', 'rfc7591', '--data', at('foreign'), ...args]).ended
  }
  const bad = JSON.stringify({ client_id: 'bad', redirect_uris: ['javascript:alert(1)'] })
  assert.match(
    (await run(`${clients.map((each) => JSON.stringify(each)).join('\n')}\n${bad}`)).stderr,
    /client "bad": /,
  )
  const { code, stdout, stderr } = await run(JSON.stringify(clients))
  assert.equal(code, 0, stderr)
  assert.match(
    stdout,
    /client +3 +0 +0\nImported\.\nThe client "hashed" needs a new secret: grantry-server client rotate-secret hashed$/,
  )
  const server = await startServer({ port: 0, data: at('foreign'), log: () => undefined })
  const ask = async (clientId: string, clientSecret: string): Promise<unknown> =>
    (await post(server, '/token', { clientId, clientSecret }, { grant_type: 'authorization_code', code: 'x' })).body[
      'error'
    ]
  assert.equal(await ask('web', secret), 'invalid_grant')
  assert.equal(await ask('hashed', secret), 'invalid_client')
  await server.close()
})
