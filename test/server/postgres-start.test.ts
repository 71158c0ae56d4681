/** How `grantry-server` starts on PostgreSQL, or says in one line why it does not. */
import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import pg from 'pg'
import { startServer, StartError, type LogRecord, type ServerOptions } from 'grantry-server'
import { StoreError } from 'grantry/storage/postgres'
import { startPostgres, whyNoPostgres, type PostgresServer } from '../storage/postgres-server.ts'
import { allSteps, grantryServer } from './command.ts'
import { cluster, migrateUp, safeSettings, secretsOf, startNode, tokenStatus, urlOf } from './nodes.ts'

const password = 'not-to-be-shown'

/** What a start is refused with: one line, never with the password. */
const refusalOf = async (database: string, options: ServerOptions = {}): Promise<StartError> => {
  const refusal = await startServer({ ...cluster, database, log: () => undefined, ...options }).then(
    () => assert.fail('it started'),
    (thrown: unknown) => thrown,
  )
  assert.ok(refusal instanceof StartError, String(refusal))
  assert.ok(!refusal.message.includes('\n') && !refusal.message.includes(password), refusal.message)
  return refusal
}

describe('--database refuses', () => {
  const urls: [name: string, url: string][] = [
    ['another database', `mysql://root:${password}@db/x`],
    ['a URL that cannot be read', `postgres://root:${password}@[db/x`],
    ['a path', './grantry.db'],
    ['nothing', ''],
  ]
  for (const [name, url] of urls) {
    test(`${name} -> one line with an example, exit code 2`, async () => {
      const { message, exitCode } = await refusalOf(url)
      assert.equal(exitCode, 2)
      assert.match(message, /--database must be a URL of PostgreSQL, such as postgres:\/\//)
    })
  }

  const rows: [name: string, args: string[], env: Record<string, string>, text: RegExp][] = [
    ['another database', [], { GRANTRY_DATABASE: `mysql://root:${password}@db/x` }, /must be a URL of PostgreSQL/],
    ['a pool of none', ['--database-pool', '0'], {}, /--database-pool.*from 1 to 1000/],
    ['a wait that is no number', [], { GRANTRY_DATABASE_WAIT: 'long' }, /GRANTRY_DATABASE_WAIT.*from 0 to 3600/],
    ['an unclear yes', [], { GRANTRY_ALLOW_UNSAFE_DURABILITY: 'yes' }, /must be true or false, not "yes"/],
  ]
  for (const [name, args, env, text] of rows) {
    test(`${name}, by the command -> one line, exit code 2`, async () => {
      const { code, stdout, stderr } = await grantryServer(['start', '--port', '0', ...args], env).ended
      assert.deepEqual([code, stdout, stderr.trimEnd().split('\n').length], [2, '', 1])
      assert.match(stderr, text)
      assert.ok(!stderr.includes(password))
    })
  }

  test('a database that does not answer -> waits as long as it is told to, then one line, exit code 1', async () => {
    const free = createServer().listen(0, '127.0.0.1')
    await once(free, 'listening')
    const { port } = free.address() as AddressInfo // null and string are for pipes
    free.close()
    const url = `postgres://grantry:${password}@127.0.0.1:${port}/db`
    const start = performance.now()
    const { message, exitCode } = await refusalOf(url, { databaseWait: 1 })
    assert.equal(exitCode, 1)
    const shown = `postgres://grantry@127\\.0\\.0\\.1:${port}/db`
    assert.match(message, new RegExp(`^${shown} did not answer within 1 seconds \\(ECONNREFUSED\\)`))
    const ms = performance.now() - start
    assert.ok(ms > 700 && ms < 3000, `${ms} ms`)
  })
})

describe('grantry-server start on PostgreSQL', { skip: whyNoPostgres ?? false }, () => {
  const change: Record<string, string> = { ...safeSettings }
  const folder = mkdtempSync(join(tmpdir(), 'grantry-postgres-start-'))
  let database: PostgresServer
  let url: string

  const run = async (at: string, ...statements: readonly string[]): Promise<void> => {
    const connection = new pg.Client(at)
    await connection.connect()
    for (const statement of statements) await connection.query(statement)
    await connection.end()
  }
  const newDatabase = async (name: string): Promise<string> => {
    await run(url, `CREATE DATABASE ${name}`)
    return urlOf(database, { database: name })
  }
  const restartWith = async (settings: Readonly<Record<string, string>>): Promise<void> => {
    Object.assign(change, safeSettings, { full_page_writes: 'on', synchronous_commit: 'on' }, settings)
    await database.stop()
    await database.start()
  }
  /** `name` and `password` of a role that must say it. */
  const newRole = async (name: string): Promise<void> => {
    const rules = join(database.connection.host, 'data', 'pg_hba.conf')
    writeFileSync(rules, `local all ${name} scram-sha-256\n${readFileSync(rules, 'utf8')}`)
    await run(url, `CREATE ROLE ${name} LOGIN PASSWORD '${password}'`, 'SELECT pg_reload_conf()')
  }

  before(async () => {
    database = await startPostgres(change)
    url = urlOf(database)
    await migrateUp(url)
  })
  after(async () => {
    await database.remove()
    rmSync(folder, { recursive: true })
  })

  test('an unknown database and a wrong password -> at once, one line each', async () => {
    await newRole('locked')
    const locked = urlOf(database, { user: 'locked' })
    const rows: [database: string, text: RegExp][] = [
      [urlOf(database, { database: 'nowhere' }), /there is no database "nowhere"/],
      [locked.replace('locked@', `locked:${password}1@`), /refuses the password of "locked"/],
      [locked, /refuses the connection: .*password/],
      [urlOf(database, { user: 'nobody' }), /refuses the connection: role "nobody" does not exist/],
    ]
    for (const [at, text] of rows) {
      const start = performance.now()
      const { message, exitCode } = await refusalOf(at, { databaseWait: 60 })
      assert.equal(exitCode, 1)
      assert.match(message, text)
      assert.ok(performance.now() - start < 10_000)
    }
  })

  test('no password is in what the server prints and logs', async () => {
    await newRole('quiet')
    await run(url, 'GRANT USAGE ON SCHEMA grantry TO quiet', 'GRANT ALL ON ALL TABLES IN SCHEMA grantry TO quiet')
    const records: LogRecord[] = []
    const at = urlOf(database, { user: 'quiet' }).replace('quiet@', `quiet:${password}@`)
    const server = await startServer({ ...cluster, database: at, log: (record) => records.push(record) })
    await database.stop()
    await fetch(`${server.url}/health/ready`).then((response) => response.text())
    await database.start()
    await server.close()
    assert.ok(records.some(({ type }) => type === 'store.failed'))
    const everything = JSON.stringify([server, records, records.map(({ cause }) => String(cause))])
    assert.ok(!everything.includes(password))
    assert.match(server.database ?? '', /^postgres:\/\/quiet@\/postgres\?host=/)
  })

  test('a database that comes later -> the server waits for it, and says so once', async () => {
    await database.stop()
    const records: LogRecord[] = []
    const starting = startServer({ ...cluster, database: url, log: (record) => records.push(record) })
    await database.start()
    const server = await starting
    assert.equal((await fetch(`${server.url}/health/ready`)).status, 200)
    await server.close()
    assert.deepEqual(
      records.filter(({ type }) => type.startsWith('database.')).map(({ type }) => type),
      ['database.waiting'],
    )
  })

  test('tables that are not there -> refused with what to run; migrate makes them', async () => {
    const at = await newDatabase('fresh')
    const mend = /^The tables of .* are not those of this version\. Run "grantry-server migrate up"/
    assert.match((await refusalOf(at)).message, mend)
    const run = async (...args: readonly string[]): Promise<string> => {
      const { code, stdout, stderr } = await grantryServer(args, { GRANTRY_DATABASE: at }).ended
      assert.equal(code, 0, stderr)
      return stdout
    }
    const refused = await grantryServer(['user', 'create', 'ann', '--database', at]).ended
    assert.equal(refused.code, 1)
    assert.match(refused.stderr.replace('grantry-server: ', ''), mend)
    assert.match(await run('migrate', 'plan'), /create table "session"/)
    assert.equal(await run('migrate', 'status'), allSteps('pending'), 'a plan changes nothing')
    assert.equal(await run('migrate', 'up'), allSteps('applied'))
    assert.equal(await run('migrate', 'plan'), '-- Nothing is pending.')
    assert.match(await run('client', 'create', '--id', 'app'), /client secret +\S{43}/)
    assert.match(await run('client', 'rotate-secret', 'app'), /client secret +\S{43}/)
    assert.match(await run('user', 'create', 'Ann'), /password +\S{20}/)
    const node = await startNode(at)
    assert.equal(await tokenStatus(node, secretsOf(node)), 200)
    await node.close()
  })

  test('the SQL of the plan, run by hand, is what up would have done', async () => {
    const at = await newDatabase('by_hand')
    const { stdout } = await grantryServer(['migrate', 'plan', '--database', at]).ended
    await run(at, stdout)
    await (await startNode(at)).close()
  })

  const refused: [name: string, sql: string, problem: StoreError['problem']][] = [
    ['store tables of the future', `INSERT INTO grantry.grantry_migration VALUES (99, 'later', 'x')`, 'newer'],
    ['server tables of the future', `INSERT INTO grantry.server_migration VALUES (99, 'later', 'x')`, 'newer'],
    ['a changed step', `UPDATE grantry.server_migration SET checksum = 'x'`, 'changed'],
  ]
  for (const [index, [name, sql, problem]] of refused.entries()) {
    test(`${name} -> StoreError ${problem}, also by migrate up; nothing is changed`, async () => {
      const at = await newDatabase(`refused_${index}`)
      await migrateUp(at)
      await run(at, sql)
      const isRefusal = (thrown: unknown): boolean => thrown instanceof StoreError && thrown.problem === problem
      await assert.rejects(startNode(at), isRefusal)
      await assert.rejects(migrateUp(at), isRefusal)
    })
  }

  const unsafe: [name: string, settings: Record<string, string>][] = [
    ['fsync', { fsync: 'off' }],
    ['full_page_writes', { full_page_writes: 'off' }],
    ['synchronous_commit', { synchronous_commit: 'off' }],
  ]
  for (const [name, settings] of unsafe) {
    test(`${name}=off -> refused by name; with the option, a record of the log says so`, async () => {
      await restartWith(settings)
      const { message } = await refusalOf(url)
      assert.match(message, new RegExp(`runs with ${name} = off: .*--allow-unsafe-durability`))
      const node = await startNode(url, { allowUnsafeDurability: true })
      await node.close()
      const warning = node.records.find(({ type }) => type === 'database.unsafe_durability')
      assert.deepEqual(warning?.['off'], [name])
    })
  }

  test('GRANTRY_ALLOW_UNSAFE_DURABILITY and SIGTERM -> starts, and ends with 0', async () => {
    await restartWith({ fsync: 'off' })
    const env = { GRANTRY_DATABASE: url, GRANTRY_ALLOW_UNSAFE_DURABILITY: 'true', GRANTRY_DATA: join(folder, 'keys') }
    const server = grantryServer(['start', '--port', '0'], { ...env, GRANTRY_KEY_ENCRYPTION_KEYS: 'k'.repeat(43) })
    await server.line(/^Database: postgres:\/\/grantry@\/postgres/)
    server.process.kill('SIGTERM')
    assert.equal((await server.ended).code, 0)
  })

  test('without keys in the environment, they are made in the folder of --data', async () => {
    await restartWith({})
    const at = await newDatabase('keys')
    await migrateUp(at)
    const data = join(folder, 'made')
    for (let round = 0; round < 2; round++) {
      await (await startNode(at, { keyEncryptionKeys: undefined, data })).close()
    }
    assert.match(readFileSync(join(data, 'grantry.keys'), 'utf8'), /^[\w-]{43}\n$/)
  })
})
