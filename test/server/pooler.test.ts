/** Behind a real PgBouncer in transaction mode, which gives each transaction another connection and takes no settings of a session. */
import assert from 'node:assert/strict'
import { spawn, type ChildProcess } from 'node:child_process'
import { chownSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { after, before, describe, test } from 'node:test'
import { startPostgres, whyNoPostgres, type PostgresServer } from '../storage/postgres-server.ts'
import { journey, migrateUp, safeSettings, secretsOf, startNode, urlOf, type Node } from './nodes.ts'

const program = ['/usr/sbin/pgbouncer', '/usr/bin/pgbouncer', '/usr/local/bin/pgbouncer'].find((path) =>
  existsSync(path),
)
const whyNot = whyNoPostgres ?? (program === undefined ? 'PgBouncer is not installed' : undefined)
if (whyNot !== undefined) console.log(`Poolers are not tested: ${whyNot}.`)

/** It refuses to run as root: there, it runs as `nobody`. */
const identity = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {}

/** Starts PgBouncer with a socket in `folder`, before a database. */
const startPooler = async (folder: string, { connection }: PostgresServer): Promise<ChildProcess> => {
  assert.ok(program !== undefined)
  const settings = join(folder, 'pgbouncer.ini')
  const { host, port, user, database } = connection
  writeFileSync(
    settings,
    `[databases]
${database} = host=${host} port=${port} user=${user} dbname=${database}
[pgbouncer]
unix_socket_dir = ${folder}
listen_port = 6432
auth_type = any
pool_mode = transaction
default_pool_size = 3
server_login_retry = 1
`,
  )
  if (identity.uid !== undefined) chownSync(folder, identity.uid, identity.gid)
  const child = spawn(program, [settings], { ...identity, stdio: ['ignore', 'ignore', 'pipe'] })
  const seen: string[] = []
  for await (const line of createInterface({ input: child.stderr })) {
    seen.push(line)
    if (!line.includes('process up')) continue
    child.stderr.resume() // a full pipe would stop it
    return child
  }
  throw new Error(`PgBouncer did not start:\n${seen.join('\n')}`)
}

describe('grantry-server behind PgBouncer in transaction mode', { skip: whyNot ?? false }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'grantry-pooler-'))
  let database: PostgresServer
  let pooler: ChildProcess
  let a: Node
  let b: Node

  const throughPooler = (): string => urlOf(database, { host: folder, port: 6432 })

  before(async () => {
    database = await startPostgres(safeSettings)
    pooler = await startPooler(folder, database)
    process.on('exit', () => pooler.kill('SIGKILL'))
    await migrateUp(throughPooler())
    a = await startNode(throughPooler())
    b = await startNode(throughPooler())
  })
  after(async () => {
    await a.close()
    await b.close()
    pooler.kill('SIGINT')
    await database.remove()
    rmSync(folder, { recursive: true })
  })

  test('each node says once what to set for the role instead', () => {
    for (const { records } of [a, b]) {
      const said = records.filter(({ type }) => type === 'database.pooler')
      assert.equal(said.length, 1)
      assert.deepEqual(said[0]?.['run'], [
        `ALTER ROLE "grantry" SET statement_timeout = '1500ms'`,
        `ALTER ROLE "grantry" SET lock_timeout = '1500ms'`,
        `ALTER ROLE "grantry" SET idle_in_transaction_session_timeout = '5000ms'`,
      ])
    }
  })

  test('the journey over both nodes, 10 at once', async () => {
    const client = secretsOf(a)
    await Promise.all(
      Array.from({ length: 10 }, (_, index) => (index % 2 === 0 ? journey(a, b, client) : journey(b, a, client))),
    )
  })

  test('PgBouncer is there and PostgreSQL comes later -> the server waits for it', async () => {
    await database.stop()
    const starting = startNode(throughPooler(), { databaseWait: 15 })
    await database.start()
    const node = await starting
    assert.equal((await fetch(`${node.url}/health/ready`)).status, 200)
    await node.close()
  })
})
