/** Many nodes on one PostgreSQL: one journey over two of them, first starts at once, and a database that comes and goes. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import pg from 'pg'
import { startPostgres, whyNoPostgres, type PostgresServer } from '../storage/postgres-server.ts'
import { Browser } from './browser.ts'
import { grantryServer } from './command.ts'
import {
  cluster,
  journey,
  migrateUp,
  openIdJourney,
  post,
  safeSettings,
  secretsOf,
  startNode,
  tokenStatus,
  urlOf,
  type KnownClient,
  type Node,
} from './nodes.ts'
import { startProxy, type Proxy } from './proxy.ts'

if (whyNoPostgres !== undefined) console.log(`grantry-server is not tested on PostgreSQL: ${whyNoPostgres}.`)

/** Asks again until the answer is the one that is waited for. */
const until = async (what: string, isReached: () => Promise<boolean>): Promise<void> => {
  const end = performance.now() + 15_000
  while (!(await isReached())) {
    assert.ok(performance.now() < end, `${what}: not within 15 seconds`)
    await setTimeout(20)
  }
}

const statusOf = async (node: Node, path: string): Promise<number> => {
  const response = await fetch(node.url + path)
  await response.text()
  return response.status
}

/** Posts the form of the login page. */
const postLogin = ({ url }: Node): Promise<Response> => {
  const headers = { cookie: `grantry-session=${'s'.repeat(43)}; grantry-login=${'c'.repeat(43)}` }
  const body = new URLSearchParams({ csrf: 'c'.repeat(43), to: '/', username: 'dev', password: 'x' })
  return fetch(`${url}/login`, { method: 'POST', headers, body })
}

describe('grantry-server on PostgreSQL', { skip: whyNoPostgres ?? false }, () => {
  let database: PostgresServer
  let proxy: Proxy
  let a: Node
  let b: Node
  let client: KnownClient

  const admin = async <Result>(run: (connection: pg.Client) => Promise<Result>): Promise<Result> => {
    const connection = new pg.Client(database.connection)
    await connection.connect()
    try {
      return await run(connection)
    } finally {
      await connection.end()
    }
  }

  const newDatabase = async (name: string): Promise<string> => {
    await admin((connection) => connection.query(`CREATE DATABASE ${name}`))
    const url = urlOf(database, { database: name })
    await migrateUp(url)
    return url
  }

  before(async () => {
    database = await startPostgres(safeSettings)
    proxy = await startProxy(join(database.connection.host, '.s.PGSQL.5432'))
    await migrateUp(urlOf(database))
    a = await startNode(urlOf(database))
    client = secretsOf(a)
    b = await startNode(urlOf(database, { host: '127.0.0.1', port: proxy.port }))
  })
  after(async () => {
    await a.close()
    await b.close()
    proxy.close()
    await database.remove()
  })

  test('log in at A, consent at B, redeem at A, refresh at B, revoke at A -> dead at B', async () => {
    assert.equal(b.firstStart, undefined)
    await journey(a, b, client)
    await journey(b, a, client)
  })

  test('a login at A counts at B for its request, and a consent at B counts at A', async () => {
    await openIdJourney(a, b, client)
    await openIdJourney(b, a, client)
  })

  test('8 first starts at once -> the same signing keys, one client, one user; each secret is shown once', async () => {
    const url = await newDatabase('first')
    const nodes = await Promise.all(Array.from({ length: 8 }, () => startNode(url)))
    const shown = nodes.map(({ firstStart }) => firstStart).filter((secrets) => secrets !== undefined)
    assert.equal(shown.length, 1)
    const jwks = await Promise.all(nodes.map(async ({ url: at }) => (await fetch(`${at}/jwks`)).text()))
    assert.equal(new Set(jwks).size, 1)
    const winner = nodes.find(({ firstStart }) => firstStart !== undefined) ?? assert.fail()
    for (const node of nodes) assert.equal(await tokenStatus(node, secretsOf(winner)), 200)
    await Promise.all(nodes.map((node) => node.close()))
  })

  test('a lost development client is made again by one of the nodes that start', async () => {
    const url = await newDatabase('again')
    const first = await startNode(url)
    const { password } = secretsOf(first)
    await first.close()
    const connection = new pg.Client(url)
    await connection.connect()
    await connection.query('DELETE FROM grantry.client')
    await connection.end()
    const nodes = await Promise.all([startNode(url), startNode(url), startNode(url)])
    const shown = nodes.map(({ firstStart }) => firstStart).filter((secrets) => secrets !== undefined)
    assert.equal(shown.length, 1)
    assert.equal(shown[0]?.password, undefined)
    const winner = nodes.find(({ firstStart }) => firstStart !== undefined) ?? assert.fail()
    const secret = shown[0]?.clientSecret ?? assert.fail()
    const made = { clientId: 'dev-client', clientSecret: secret, username: 'dev', password }
    for (const node of nodes) assert.equal(await tokenStatus(node, made), 200)
    await journey(winner, nodes.find((node) => node !== winner) ?? assert.fail(), made)
    await Promise.all(nodes.map((node) => node.close()))
  })

  test('a node with other key-encryption keys -> told which one is missing', async () => {
    const other = startNode(urlOf(database), { keyEncryptionKeys: ['o'.repeat(43)] })
    await assert.rejects(other, /sealed by the key-encryption key \S{8}.*GRANTRY_KEY_ENCRYPTION_KEYS/)
  })

  const kill = (): void => {
    const [pid] = readFileSync(join(database.connection.host, 'data', 'postmaster.pid'), 'utf8').split('\n')
    process.kill(Number(pid), 'SIGKILL')
  }
  const stops: readonly [name: string, stop: () => Promise<void>][] = [
    ['a fast shutdown', () => database.stop('SIGINT')],
    ['an immediate shutdown', () => database.stop('SIGQUIT')],
    [
      'kill -9',
      async () => {
        kill()
        await database.stop()
        for (const node of [a, b])
          await until('its processes have noticed', async () => (await tokenStatus(node, client)) === 503)
      },
    ],
  ]
  for (const [name, stop] of stops) {
    test(`${name} of PostgreSQL -> 503 with Retry-After; at work again as soon as it is back`, async () => {
      await stop()
      for (const node of [a, b]) {
        const refused = await post(node, '/token', client, { grant_type: 'client_credentials' })
        assert.equal(refused.status, 503)
        assert.equal(refused.headers.get('retry-after'), '1')
        assert.equal(await statusOf(node, '/health/ready'), 503)
        assert.equal(await statusOf(node, '/health/live'), 200)
        assert.equal(await statusOf(node, '/jwks'), 200)
        assert.equal(await statusOf(node, '/.well-known/oauth-authorization-server'), 200)
      }
      await until('PostgreSQL starts', () =>
        database.start().then(
          () => true,
          () => false,
        ),
      )
      for (const node of [a, b]) {
        await until('the node is ready', async () => (await statusOf(node, '/health/ready')) === 200)
        assert.equal(await tokenStatus(node, client), 200)
      }
      await journey(a, b, client)
    })
  }

  /** A status, and after how many milliseconds it came. */
  const timed = async (status: Promise<number>): Promise<[status: number, ms: number]> => {
    const start = performance.now()
    return [await status, performance.now() - start]
  }
  const requests = (count: number): Promise<[number, number]>[] =>
    Array.from({ length: count }, () => timed(tokenStatus(b, client)))

  test('the database hangs -> 503 within 2.5 seconds also where the pool is full; works again with new connections', async () => {
    for (const [status] of await Promise.all(requests(30))) assert.equal(status, 200) // opens all connections of the pool
    proxy.stall()
    try {
      const asked = requests(15)
      const login = postLogin(b)
      asked.push(timed(new Browser(b.url).get('/authorize?client_id=dev-client').then((page) => page.status)))
      const [ready, readyMs] = await timed(statusOf(b, '/health/ready'))
      assert.equal(ready, 503)
      assert.ok(readyMs < 1500, `${readyMs} ms`)
      asked.push(...requests(15)) // they still wait for a connection when those before them give up theirs
      assert.equal(await statusOf(b, '/health/live'), 200)
      for (const [status, ms] of await Promise.all(asked)) {
        assert.equal(status, 503)
        assert.ok(ms < 2500, `${ms} ms`)
      }
      const page = await login
      assert.equal(page.status, 503)
      assert.equal(page.headers.get('retry-after'), '1')
      assert.match(await page.text(), /Try again in a moment/)
      assert.ok(b.records.some(({ type, cause }) => type === 'page.failed' && cause instanceof Error))
    } finally {
      proxy.resume()
    }
    for (const [status] of await Promise.all(requests(30))) assert.equal(status, 200)
  })

  test('a table is locked and the pool is full -> 503 within 2.5 seconds, the wait for a connection included', async () => {
    const narrow = await startNode(urlOf(database), { databasePool: 1 })
    await admin(async (connection) => {
      await connection.query('BEGIN; LOCK TABLE grantry."user" IN ACCESS EXCLUSIVE MODE')
      const login = (): Promise<number> => postLogin(narrow).then(({ status }) => status)
      for (const [status, ms] of await Promise.all([1, 2, 3].map(() => timed(login())))) {
        assert.equal(status, 503)
        assert.ok(ms < 2500, `${ms} ms`)
      }
    })
    await narrow.close()
  })

  test('a table is locked -> 503 within 2.5 seconds, and nothing is left waiting; a connection cut in a statement is replaced', async () => {
    await admin(async (connection) => {
      await connection.query('BEGIN; LOCK TABLE grantry.client IN ACCESS EXCLUSIVE MODE')
      const [status, ms] = await timed(tokenStatus(a, client))
      assert.equal(status, 503)
      assert.ok(ms < 2500, `${ms} ms`)
      const isWaiting = async (): Promise<boolean> => {
        const { rows } = await connection.query(`SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock'`)
        return rows.length > 0
      }
      assert.equal(await isWaiting(), false)
      const cut = tokenStatus(b, client)
      await until('a statement waits', isWaiting)
      proxy.cut()
      assert.equal(await cut, 503)
      await connection.query('ROLLBACK')
    })
    for (const node of [a, b]) assert.equal(await tokenStatus(node, client), 200)
  })

  test('SIGTERM while the database hangs -> the command ends with 0', async () => {
    const url = urlOf(database, { host: '127.0.0.1', port: proxy.port })
    const env = { GRANTRY_DATABASE: url, GRANTRY_KEY_ENCRYPTION_KEYS: cluster.keyEncryptionKeys.join() }
    const command = grantryServer(['start', '--port', '0', '--issuer', cluster.issuer], env)
    await command.line(/^Database: postgres:\/\/grantry@127\.0\.0\.1:\d+\/postgres$/)
    proxy.stall()
    command.process.kill('SIGTERM')
    const { code, stderr } = await command.ended
    proxy.resume()
    assert.equal(code, 0, stderr)
  })
})
