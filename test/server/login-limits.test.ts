/** Limits on logins: the same for all nodes, and never in the way of a browser that the user has logged in at before. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { Store } from 'grantry'
import { SqliteStore } from 'grantry/storage/sqlite'
import { openData, type Data } from '../../packages/server/src/data.ts'
import { isNearby } from '../../packages/server/src/accounts/address-block.ts'
import { LoginLimits, type LoginAttempt } from '../../packages/server/src/accounts/login-limits.ts'
import { KnownDevices } from '../../packages/server/src/http/known-devices.ts'
import { startPostgres, whyNoPostgres, type PostgresServer } from '../storage/postgres-server.ts'
import { Browser, type Page } from './browser.ts'
import { migrateUp, secretsOf, startNode, urlOf, type KnownClient, type Node } from './nodes.ts'
import { startOpenId } from './openid-fixture.ts'

const folder = mkdtempSync(join(tmpdir(), 'grantry-limits-'))
after(() => rmSync(folder, { recursive: true, force: true }))
const start = 1_800_000_000

interface Backend {
  /** The stores of two nodes. */
  open(): Promise<readonly [Store, Store]>
  close(): Promise<void>
}

const sqlite = (): Backend => {
  const path = join(folder, 'limits.db')
  const stores: SqliteStore[] = []
  return {
    open: () => {
      stores.push(new SqliteStore(path), new SqliteStore(path))
      const [a, b] = stores
      return Promise.resolve([a ?? assert.fail(), b ?? assert.fail()])
    },
    close: () => {
      for (const store of stores) store.close()
      return Promise.resolve()
    },
  }
}

const postgres = (): Backend => {
  let server: PostgresServer
  const open: Data[] = []
  return {
    async open() {
      server = await startPostgres()
      const database = urlOf(server)
      await migrateUp(database)
      const how = { data: folder, create: false, databaseWait: 5, databasePool: 4, allowUnsafeDurability: true }
      for (let node = 0; node < 2; node++) open.push(await openData({ ...how, database, log: () => undefined }))
      const [a, b] = open
      return [a?.store ?? assert.fail(), b?.store ?? assert.fail()]
    },
    async close() {
      for (const data of open) await data.close()
      await server.remove()
    },
  }
}

const backends: [name: string, make: () => Backend, skip: string | false][] = [
  ['SQLite', sqlite, false],
  ['PostgreSQL', postgres, whyNoPostgres ?? false],
]

const publicAddress = (index: number): string => `203.0.113.${index}`

for (const [name, make, skip] of backends) {
  describe(`LoginLimits of two nodes on ${name}`, { skip }, () => {
    const backend = make()
    const clock = { now: start }
    let nodes: readonly LoginLimits[]
    before(async () => {
      nodes = (await backend.open()).map((store) => new LoginLimits(store, () => clock.now))
    })
    after(() => backend.close())

    const good: LoginAttempt = { username: 'ann', address: publicAddress(1), device: undefined }
    const node = (index: number): LoginLimits => nodes[index % 2] ?? assert.fail()
    /** Tries so often, at one node and the other by turns, and gives what stopped each attempt. */
    const attempt = (count: number, change: (index: number) => Partial<LoginAttempt> = () => ({})) =>
      Promise.all(
        Array.from({ length: count }, async (_, index) =>
          node(index)
            .take({ ...good, ...change(index) })
            .then((refusal) => refusal?.limit ?? 'allowed'),
        ),
      )
    const allowed = (outcomes: readonly string[]): number => outcomes.filter((each) => each === 'allowed').length

    test('one address, one name: 10 of 14 at once, then none for five minutes, however the name is written', async () => {
      const outcomes = await attempt(14, (index) => ({ username: index % 2 === 0 ? 'ann' : 'ANN' }))
      assert.equal(allowed(outcomes), 10)
      assert.ok(outcomes.every((each) => each === 'allowed' || each === 'pair'))
      clock.now += 299
      assert.deepEqual(await node(1).take(good), { limit: 'pair', retryAfter: 300 })
      clock.now += 1
      assert.equal(await node(1).take(good), undefined)
    })

    test('one address, many names: 200 in five minutes', async () => {
      const address = publicAddress(2)
      const outcomes = await attempt(210, (index) => ({ address, username: `user${index}` }))
      assert.equal(allowed(outcomes), 200)
      assert.ok(outcomes.every((each) => each === 'allowed' || each === 'address'))
      assert.equal(await node(0).take({ ...good, address: publicAddress(3), username: 'user1' }), undefined)
    })

    test('an address of this network may be a proxy: many names are not limited', async () =>
      assert.equal(allowed(await attempt(210, (index) => ({ address: '10.0.0.1', username: `near${index}` }))), 210))

    test('IPv6: the addresses of one network of 64 bits are one', async () => {
      const outcomes = await attempt(12, (index) => ({ username: 'six', address: `2001:db8:0:1::${index}` }))
      assert.equal(allowed(outcomes), 10)
      assert.equal(await node(0).take({ ...good, username: 'six', address: '2001:db8:0:2::1' }), undefined)
    })

    test('many addresses, one name: strangers are braked after 150 in an hour, a known browser never is', async () => {
      clock.now += 3600
      const bot = (index: number) => ({ username: 'bea', address: publicAddress(10 + (index % 40)) })
      assert.equal(allowed(await attempt(160, bot)), 150)
      const stranger = { ...good, username: 'bea', address: publicAddress(90) }
      assert.deepEqual(await node(0).take(stranger), { limit: 'user', retryAfter: 3600 })
      assert.equal(await node(1).take({ ...stranger, device: 'hers' }), undefined)
      assert.equal(await node(1).take({ ...good, username: 'bob', address: publicAddress(90) }), undefined)
      clock.now += 3600
      assert.equal(await node(0).take(stranger), undefined)
    })

    test('one address alone cannot brake strangers elsewhere', async () => {
      clock.now += 3600
      for (let round = 0; round < 12; round++) {
        await attempt(14, () => ({ username: 'cleo', address: publicAddress(4) }))
        clock.now += 300
      }
      assert.equal(await node(0).take({ ...good, username: 'cleo', address: publicAddress(5) }), undefined)
    })

    test('a known browser has a count of its own; when that is used up it is a stranger', async () => {
      const hers = { username: 'dora', address: publicAddress(6), device: 'hers' }
      const outcomes = await attempt(24, () => hers)
      assert.equal(allowed(outcomes), 20)
      assert.equal(await node(0).take({ ...hers, address: publicAddress(7), device: 'another' }), undefined)
    })

    test('a login forgets the failures of the pair, of strangers and of the browser', async () => {
      const hers = { username: 'eve', address: publicAddress(8), device: 'hers' }
      await attempt(24, () => hers)
      assert.notEqual(await node(0).take(hers), undefined)
      await node(1).clear(hers)
      assert.equal(allowed(await attempt(24, () => hers)), 20)
      const stranger = { ...hers, device: undefined, username: 'fay' }
      await attempt(10, () => stranger)
      await node(0).clear(stranger)
      assert.equal(allowed(await attempt(12, () => stranger)), 10)
    })
  })
}

describe('addresses of this network', () => {
  for (const [address, expected] of [
    ['127.0.0.1', true],
    ['10.1.2.3', true],
    ['172.31.0.1', true],
    ['192.168.1.1', true],
    ['100.64.0.1', true],
    ['::1', true],
    ['fd00::1', true],
    ['fe80::1', true],
    ['::ffff:10.0.0.1', true],
    ['203.0.113.1', false],
    ['172.32.0.1', false],
    ['2001:db8::1', false],
    ['::ffff:203.0.113.1', false],
    ['', false],
  ] as const)
    // prettier-ignore
    test(`${address} -> ${expected}`, () => assert.equal(isNearby(address), expected))
})

describe('the cookie of known browsers', () => {
  const devices = new KnownDevices({ secret: 'secret', isSecure: true })
  const withCookie = (value: string) => ({ headers: { get: () => `__Host-grantry-device=${value}` } })
  const none = { headers: { get: () => null } }
  const valueOf = (set: string): string => /^__Host-grantry-device=([^;]*);/.exec(set)?.[1] ?? assert.fail(set)

  test('it is the browser that counts, Host-bound, for 180 days; the name is not in it', () => {
    const set = devices.remember(none, 'ann', start)
    assert.match(set, /; Max-Age=15552000; Path=\/; HttpOnly; SameSite=Lax; Secure$/)
    assert.doesNotMatch(set, /ann/)
    assert.match(devices.find(withCookie(valueOf(set)), 'ANN', start) ?? '', /^[\w-]{22}$/)
  })

  test('of another user, forged, cut, old or of another server -> nothing', () => {
    const value = valueOf(devices.remember(none, 'ann', start))
    const rows: [name: string, value: string, username: string, now: number][] = [
      ['another user', value, 'bob', start],
      ['cut', value.slice(0, -1), 'ann', start],
      ['another time', value.replace(String(start), String(start + 1)), 'ann', start],
      ['another browser', `${'A'.repeat(22)}${value.slice(22)}`, 'ann', start],
      ['old', value, 'ann', start + 180 * 86_400],
      ['of another server', valueOf(new KnownDevices({ secret: 'x', isSecure: true }).remember(none, 'ann', start)), 'ann', start],
      ['six users', Array<string>(6).fill(value).join('~'), 'ann', start],
    ] // prettier-ignore
    for (const [name, given, username, now] of rows)
      assert.equal(devices.find(withCookie(given), username, now), undefined, name)
  })

  test('it keeps the last five users, and the name of the browser of each', () => {
    let value = valueOf(devices.remember(none, 'user0', start))
    const first = devices.find(withCookie(value), 'user0', start)
    value = valueOf(devices.remember(withCookie(value), 'user0', start + 5))
    assert.equal(devices.find(withCookie(value), 'user0', start), first)
    for (let user = 1; user < 6; user++) value = valueOf(devices.remember(withCookie(value), `user${user}`, start))
    const known = Array.from({ length: 6 }, (_, user) => devices.find(withCookie(value), `user${user}`, start))
    assert.deepEqual(
      known.map((each) => each !== undefined),
      [false, true, true, true, true, true],
    )
  })
})

const login = async (who: Browser, username: string, password: string): Promise<Page> =>
  who.submit(await who.get('/login'), 'login', { username, password })

test('the login page: 429 with Retry-After for strangers; the browser of the user logs in', async () => {
  const { loggedIn, browser, username, password, records } = await startOpenId()
  const hers = await loggedIn()
  const bot = browser()
  for (let index = 0; index < 10; index++) assert.equal((await login(bot, username, 'wrong')).status, 400)
  const refused = await login(bot, username, password)
  assert.equal(refused.status, 429)
  assert.equal(refused.headers.get('retry-after'), '300')
  assert.match(refused.text, /Too many failed logins/)
  assert.equal(records.find(({ type }) => type === 'login.limited')?.['limit'], 'pair')
  hers.cookies.delete('grantry-session')
  assert.equal((await login(hers, username, password)).status, 303)
})

describe('two servers on PostgreSQL', { skip: whyNoPostgres ?? false }, () => {
  let database: PostgresServer
  let nodes: readonly Node[] = []
  let client: KnownClient
  before(async () => {
    database = await startPostgres()
    const url = urlOf(database)
    await migrateUp(url)
    const options = { allowUnsafeDurability: true, passwordThreads: 1 }
    const first = await startNode(url, options)
    nodes = [first, await startNode(url, options)]
    client = secretsOf(first)
  })
  after(async () => {
    for (const each of nodes) await each.close()
    await database.remove()
  })

  test('count together, and know the same browsers', async () => {
    const at = (index: number, from?: Browser): Browser => {
      const browser = new Browser(nodes[index % 2]?.url ?? assert.fail())
      for (const [name, value] of from?.cookies ?? []) browser.cookies.set(name, value)
      return browser
    }
    const { username, password } = client
    const hers = at(0)
    assert.equal((await login(hers, username, password)).status, 303)
    hers.cookies.delete('grantry-session')
    const statuses: number[] = []
    for (let index = 0; index < 12; index++) statuses.push((await login(at(index), username, 'wrong')).status)
    assert.deepEqual(statuses, [...Array<number>(10).fill(400), 429, 429])
    assert.equal((await login(at(1, hers), username, password)).status, 303)
  })
})
