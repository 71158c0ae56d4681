/** Backups of SQLite beside running servers, what is refused as one, and what a restore brings back and ends. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, before, describe, test } from 'node:test'
import { Worker } from 'node:worker_threads'
import { startServer, type RunningServer, type ServerOptions } from 'grantry-server'
import { StoreError } from 'grantry/storage/sqlite'
import { inspectDatabase } from '../../packages/server/src/backup/inspect-database.ts'
import { makeBackup } from '../../packages/server/src/backup/make-backup.ts'
import { fingerprint, type Manifest } from '../../packages/server/src/backup/manifest.ts'
import { restoreBackup, type RestoreOptions } from '../../packages/server/src/backup/restore-backup.ts'
import { openSqlite } from '../../packages/server/src/database/sqlite.ts'
import { StartError } from '../../packages/server/src/errors.ts'
import { grantryServer } from './command.ts'
import { logIn, post, secretsOf, tokenStatus, type KnownClient } from './nodes.ts'

const root = mkdtempSync(join(tmpdir(), 'grantry-backup-'))
after(() => rmSync(root, { recursive: true }))
const at = (...names: string[]): string => join(root, ...names)

const start = (data: string, options: ServerOptions = {}): Promise<RunningServer> =>
  startServer({ port: 0, data, issuer: 'http://localhost:9000', log: () => undefined, ...options })

const restore = (backup: string, data: string, options: Partial<RestoreOptions> = {}) =>
  restoreBackup(backup, { data, keyEncryptionKeys: undefined, keepGrants: false, now: () => 1_800_000_000, ...options })

/** Writes pairs of rows, each in one transaction, and tells after each how many there are. */
const writer = (path: string): Worker =>
  new Worker(
    `const { parentPort, workerData } = require('node:worker_threads')
    const { DatabaseSync } = require('node:sqlite')
    const database = new DatabaseSync(workerData)
    database.exec('PRAGMA busy_timeout = 5000')
    for (let pairs = 1; ; pairs++) {
      const row = "'', 'pair', x'" + pairs.toString(16).padStart(8, '0') + "'"
      database.exec('BEGIN IMMEDIATE; INSERT INTO seen VALUES (' + row + ', 1); INSERT INTO attempt VALUES (' + row + ', 1, 1); COMMIT')
      parentPort.postMessage(pairs)
    }`,
    { eval: true, workerData: path, execArgv: ['--no-warnings'] },
  )

test('a backup beside writers is one state of the database, with all that was committed before', async (t) => {
  const data = at('written')
  await openSqlite(data, { create: true }).close()
  const writing = writer(join(data, 'grantry.db'))
  t.after(() => writing.terminate())
  let written = 0
  writing.on('message', (pairs: number) => (written = pairs))
  for (let round = 0; round < 3; round++) {
    await once(writing, 'message')
    const least = written
    const { rows } = await makeBackup(data, at(`written-${round}`), { withKeys: false })
    assert.equal(rows['seen'], rows['attempt'])
    assert.ok((rows['seen'] ?? 0) >= least, `${rows['seen']} of ${least}`)
  }
})

describe('a server that was restored', () => {
  const data = at('journey')
  const old = at('journey-backup')
  let client: KnownClient
  let stolen: string
  let jwks: string

  const keysOf = async ({ url }: RunningServer): Promise<string> => (await fetch(`${url}/jwks`)).text()
  const refresh = async (server: RunningServer, token: string) =>
    post(server, '/token', client, { grant_type: 'refresh_token', refresh_token: token })

  before(async () => {
    const server = await start(data)
    client = secretsOf(server)
    jwks = await keysOf(server)
    stolen = String((await logIn(server, client))['refresh_token'])
    const made = await grantryServer(['backup', old, '--data', data]).ended
    assert.equal(made.code, 0, made.stderr)
    assert.match(made.stdout, /1 user, 1 client, \d+ rows in all\.\nNot in it: the key-encryption key \S{8}\. Keep/)
    assert.equal((await post(server, '/revoke', client, { token: stolen })).status, 200)
    assert.equal((await refresh(server, stolen)).status, 400)
    const refused = await grantryServer(['restore', old, '--data', data]).ended
    assert.match(refused.stderr, /grantry\.db is in use\. Stop the server/)
    await server.close()
  })

  test('is for nobody but its owner, and has no secret but sealed ones', () => {
    assert.deepEqual(readdirSync(old).sort(), ['grantry.db', 'manifest.json'])
    for (const name of ['.', ...readdirSync(old)]) assert.equal(statSync(join(old, name)).mode & 0o077, 0, name)
    const bytes = readFileSync(join(old, 'grantry.db'), 'latin1')
    const [key = '?'] = readFileSync(join(data, 'grantry.keys'), 'utf8').trim().split('\n')
    for (const secret of [client.clientSecret, client.password, stolen, key, 'BEGIN PRIVATE KEY'])
      assert.ok(!bytes.includes(secret))
  })

  test('has its clients, users and keys, and nothing that was granted or revoked', async () => {
    const restored = await grantryServer(['restore', old, '--data', data]).ended
    assert.equal(restored.code, 0, restored.stderr)
    assert.match(restored.stdout, /Ended: 1 grant and all their tokens, 1 login, \d codes?, 0 other tokens\./)
    const kept = /there before is now (\S+)\.\n/.exec(restored.stdout)?.[1] ?? ''
    assert.equal(inspectDatabase(kept).rows['grant'], 1)
    const database = new DatabaseSync(join(data, 'grantry.db'), { readOnly: true })
    const [told] = database.prepare("SELECT event FROM audit_event WHERE type = 'backup.restored'").all()
    database.close()
    assert.match(String(told?.['event']), /"keepsGrants":false/)
    const server = await start(data)
    assert.equal(server.firstStart, undefined)
    assert.equal(await keysOf(server), jwks)
    assert.equal((await refresh(server, stolen)).status, 400)
    assert.equal(await tokenStatus(server, client), 200)
    assert.equal(typeof (await logIn(server, client))['refresh_token'], 'string')
    await server.close()
  })

  test('has what was revoked since as well where that is wanted', async () => {
    const { ended } = await restore(old, data, { keepGrants: true })
    assert.equal(ended, undefined)
    const server = await start(data)
    assert.equal((await refresh(server, stolen)).status, 200)
    await server.close()
  })

  test('opens elsewhere by the keys that are in the backup, beside those that are there', async () => {
    const whole = at('journey-with-keys')
    await makeBackup(data, whole, { withKeys: true })
    const elsewhere = at('elsewhere')
    await (await start(elsewhere)).close()
    const own = readFileSync(join(elsewhere, 'grantry.keys'), 'utf8')
    const { kept } = await restore(whole, elsewhere)
    assert.ok(existsSync(kept ?? ''))
    assert.equal(
      readFileSync(join(elsewhere, 'grantry.keys'), 'utf8'),
      readFileSync(join(data, 'grantry.keys'), 'utf8') + own,
    )
    const server = await start(elsewhere)
    assert.equal(await keysOf(server), jwks)
    await server.close()
  })
})

describe('restore refuses', () => {
  const data = at('refusing')
  const good = at('refusing-backup')
  before(async () => {
    await (await start(data)).close()
    await makeBackup(data, good, { withKeys: false })
  })

  let copies = 0
  const changed = (change: (backup: string) => void): string => {
    const backup = at(`changed-${copies++}`)
    cpSync(good, backup, { recursive: true })
    change(backup)
    return backup
  }
  const withManifest = (backup: string, change: Partial<Manifest> | object): void => {
    const path = join(backup, 'manifest.json')
    const manifest = JSON.parse(readFileSync(path, 'utf8')) as Manifest
    writeFileSync(path, JSON.stringify({ ...manifest, ...change }))
  }
  /** A database whose checksum the manifest has. */
  const forged = async (change: (path: string) => void): Promise<string> => {
    const backup = changed((each) => change(join(each, 'grantry.db')))
    withManifest(backup, { files: { 'grantry.db': await fingerprint(join(backup, 'grantry.db')) } })
    return backup
  }
  const runSql = (sql: string) => (path: string) => {
    const database = new DatabaseSync(path)
    database.exec(sql)
    database.close()
  }
  const spoil = (path: string): void => {
    const bytes = readFileSync(path)
    writeFileSync(path, bytes.fill(0xa5, bytes.length / 2, bytes.length / 2 + 4096))
  }

  const rows: [name: string, backup: () => string | Promise<string>, message: RegExp, options?: Partial<RestoreOptions>][] = [
    ['a folder that is none', () => at('nowhere'), /nowhere\/manifest\.json is not there\. Name a folder that/],
    ['a manifest of a later version', () => changed((each) => withManifest(each, { version: 2 })), /not a manifest that this version/],
    ['a manifest that names other files', () => changed((each) => withManifest(each, { files: { 'grantry.db': { bytes: 1, sha256: '' }, '../x': { bytes: 1, sha256: '' } } })), /not a manifest that this version/],
    ['a file that was changed', () => changed((each) => spoil(join(each, 'grantry.db'))), /grantry\.db is damaged: it is not the file/],
    ['a file that is missing', () => changed((each) => rmSync(join(each, 'grantry.db'))), /grantry\.db cannot be read \(ENOENT\)/],
    ['a damaged database', () => forged(spoil), /grantry\.db is damaged: /],
    ['a database with other rows', () => forged(runSql('DELETE FROM "user"')), /does not hold what its manifest says/],
    ['keys that are missing', () => good, /sealed by the key-encryption key \S{8}, which is not there/, { keyEncryptionKeys: ['k'.repeat(43)] }],
  ] // prettier-ignore
  for (const [name, backup, message, options] of rows) {
    test(`${name} -> one clear line, and the database as it was`, async () => {
      const from = await backup()
      const before = [readdirSync(data).sort(), await fingerprint(join(data, 'grantry.db'))]
      await assert.rejects(
        restore(from, data, options),
        (thrown) => thrown instanceof StartError && message.test(thrown.message),
      )
      assert.deepEqual([readdirSync(data).sort(), await fingerprint(join(data, 'grantry.db'))], before)
    })
  }

  test('a backup of a newer version -> says so, and the database is as it was', async () => {
    const newer = at('newer')
    cpSync(data, newer, { recursive: true })
    runSql("INSERT INTO server_migration VALUES (99, 'later', 'x')")(join(newer, 'grantry.db'))
    await makeBackup(newer, at('newer-backup'), { withKeys: false })
    const before = await fingerprint(join(data, 'grantry.db'))
    await assert.rejects(
      restore(at('newer-backup'), data),
      (thrown) => thrown instanceof StoreError && /newer version/.test(thrown.message),
    )
    assert.deepEqual(await fingerprint(join(data, 'grantry.db')), before)
  })
})

test('backup refuses a folder that is there, a database that is not, and PostgreSQL; it leaves nothing behind', async () => {
  const data = at('small')
  await openSqlite(data, { create: true }).close()
  const before = readdirSync(root).sort()
  await assert.rejects(
    makeBackup(data, data, { withKeys: false }),
    /small is there already\. Name a folder that is not/,
  )
  await assert.rejects(
    makeBackup(at('none'), at('b1'), { withKeys: false }),
    /there is no database .*none\/grantry\.db/,
  )
  await assert.rejects(makeBackup(data, at('b2'), { withKeys: true }), /--with-keys: there is no .*grantry\.keys/)
  assert.deepEqual(readdirSync(root).sort(), before)
  const url = { GRANTRY_DATABASE: 'postgres://ann@localhost/x' }
  assert.match((await grantryServer(['backup', at('b3')], url).ended).stderr, /its own tools: pg_dump --format=custom/)
})
