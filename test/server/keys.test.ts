/** Signing keys that change while servers run: by themselves, and by `grantry-server keys`. */
import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { ScheduledKey } from 'grantry'
import { startServer, type LogRecord, type RunningServer } from 'grantry-server'
import { SqliteStore } from 'grantry/storage/sqlite'
import { createRemoteJWKSet, decodeProtectedHeader, jwtVerify } from 'jose'
import type { Data } from '../../packages/server/src/data.ts'
import { openSqlite } from '../../packages/server/src/database/sqlite.ts'
import { KeyEncryption } from '../../packages/server/src/key-encryption.ts'
import { startKeyRotator } from '../../packages/server/src/key-rotator.ts'
import { keyRotation, openKeyRing } from '../../packages/server/src/signing-keys.ts'
import { startPostgres, whyNoPostgres, type PostgresServer } from '../storage/postgres-server.ts'
import { grantryServer, type Ended } from './command.ts'
import { cluster, migrateUp, post, safeSettings, secretsOf, startNode, urlOf } from './nodes.ts'

const folder = mkdtempSync(join(tmpdir(), 'grantry-keys-'))
after(() => rmSync(folder, { recursive: true }))
const day = 86_400

/** What the last of some servers publishes, after all of them have read the keys: nobody waits for the next round here. */
const kidsOf = async (...urls: readonly string[]): Promise<readonly string[]> => {
  for (const url of urls) await (await fetch(`${url}/health/ready`)).text()
  const { keys } = (await (await fetch(`${urls.at(-1) ?? ''}/jwks`)).json()) as { keys: { kid: string; alg: string }[] }
  return keys.filter(({ alg }) => alg === 'RS256').map(({ kid }) => kid)
}
const kidOf = (token: unknown): string => decodeProtectedHeader(String(token)).kid ?? ''

/** A server that the commands are beside. */
interface Running {
  /** Of all nodes. */
  readonly urls: readonly string[]
  readonly issuer: string
  /** What the commands must be told of key-encryption keys. */
  readonly env: Readonly<Record<string, string>>
  readonly encryptionKey: () => string
  readonly token: () => Promise<string>
  readonly isActive: (token: string) => Promise<boolean>
}

/** What a client does at a server that was started for the first time. */
const clientOf = (server: RunningServer) => {
  const client = secretsOf(server)
  return {
    ...{ url: server.url, urls: [server.url], issuer: server.issuer },
    token: async (): Promise<string> =>
      String((await post(server, '/token', client, { grant_type: 'client_credentials' })).body['access_token']),
    isActive: async (token: string): Promise<boolean> =>
      (await post(server, '/introspect', client, { token })).body['active'] === true,
  }
}

const keysOf = (data: string): string => readFileSync(join(data, 'grantry.keys'), 'utf8').trim()

describe('a running server, a key that another node announced', () => {
  const startAt = async (name: string) => {
    const time = { now: 1_800_000_000 }
    const data = join(folder, name)
    const server = await startServer({ port: 0, data, now: () => time.now, log: () => undefined })
    const store = new SqliteStore(join(data, 'grantry.db'))
    time.now += 10
    after(() => store.close())
    after(() => server.close())
    return { time, data, store, ...clientOf(server) }
  }

  test('tokens of both keys are good, each in its time', async () => {
    const { time, data, url, store, token, isActive } = await startAt('both')
    const other = keyRotation({ store }, new KeyEncryption([keysOf(data)]), { now: () => time.now, days: 90 })
    const made = (await other.rotate('RS256')) ?? assert.fail()
    assert.equal((await kidsOf(url))[1], made.keyId)
    time.now += 3599
    const old = await token()
    assert.notEqual(kidOf(old), made.keyId)
    time.now += 1
    const young = await token()
    assert.equal(kidOf(young), made.keyId)
    assert.deepEqual([await isActive(old), await isActive(young)], [true, true])
    time.now += 86_400
    await other.keepUp()
    assert.deepEqual(await kidsOf(url), [made.keyId])
  })

  test('one that it cannot open -> it is not ready, and goes on with the keys it knows', async () => {
    const { time, url, store, token } = await startAt('foreign')
    const before = await kidsOf(url)
    const other = keyRotation({ store }, new KeyEncryption(['k'.repeat(43)]), { now: () => time.now, days: 90 })
    await other.rotate('RS256')
    assert.equal((await fetch(`${url}/health/ready`)).status, 503)
    assert.deepEqual(await kidsOf(url), before)
    assert.equal(kidOf(await token()), before[0])
  })
})

describe('by itself', () => {
  const now = 1_800_000_000
  const encryption = new KeyEncryption(['k'.repeat(43)])
  const steady = { isSteady: () => true }

  /** Nodes over one database, at a clock to move. They come round as fast as they can. */
  const makeNodes = async (name: string, guard: { isSteady: () => boolean } = steady) => {
    const data: Data = openSqlite(join(folder, name), { create: true })
    const time = { now }
    const records: LogRecord[] = []
    const waiting = new Map<string, () => void>()
    const log = (record: LogRecord): void => {
      records.push(record)
      waiting.get(record.type)?.()
    }
    const options = { now: () => time.now, log, everyMs: 1, guard }
    const rotation = keyRotation(data, encryption, { now: options.now, days: 90 })
    const ring = await openKeyRing(data, encryption, options)
    const alive = setInterval(() => undefined, 1000) // the timers of rotators do not keep a process alive
    const stops: (() => Promise<void>)[] = []
    const start = (count: number, store = data.store): void => {
      for (let index = 0; index < count; index++) stops.push(startKeyRotator({ store, ring, rotation }, options))
    }
    /** Waits for so many records of a type. */
    const logged = async (type: string, count: number): Promise<readonly LogRecord[]> => {
      const found = (): readonly LogRecord[] => records.filter((record) => record.type === type)
      while (found().length < count) await new Promise<void>((resolve) => waiting.set(type, resolve))
      return found()
    }
    const close = async (): Promise<void> => {
      clearInterval(alive)
      await Promise.all(stops.map((stop) => stop()))
    }
    after(() => data.close())
    after(close) // also where the test fails
    return { data, time, rotation, ring, records, start, logged, close }
  }
  const ids = (keys: readonly ScheduledKey[]): readonly string[] => keys.map(({ key }) => key.keyId)

  test('four nodes, keys of 90 days -> one successor each, sealed; after a day beside it the old ones go', async () => {
    const { data, time, rotation, ring, records, start, logged, close } = await makeNodes('four')
    const scheduled = await rotation.keys()
    const old = ids(scheduled)
    const first = scheduled.find(({ key }) => key.algorithm === 'RS256')?.key.keyId
    time.now += 90 * day
    start(4)
    await logged('keys.rotated', 2)
    const rows = await data.store.findSigningKeys()
    assert.deepEqual(rows.map(({ algorithm }) => algorithm).sort(), ['ES256', 'ES256', 'RS256', 'RS256'])
    assert.ok(rows.every(({ privateKey }) => privateKey.startsWith('sealed:1:')))
    assert.equal((await ring.signer('RS256'))?.keyId, first)
    time.now += 3600
    await ring.reload()
    assert.ok(!old.includes((await ring.signer('RS256'))?.keyId ?? ''))
    time.now += day
    const deleted = await logged('keys.deleted', 2)
    assert.deepEqual(deleted.map(({ keyId }) => keyId).sort(), [...old].sort())
    await close()
    assert.equal(records.filter(({ type }) => type === 'keys.rotated').length, 2)
    const text = JSON.stringify(records)
    assert.ok(!/PRIVATE|sealed|"d"/.test(text), text)
    const [rotated] = records.filter(({ type }) => type === 'keys.rotated')
    assert.deepEqual(Object.keys(rotated ?? {}).sort(), [
      ...['algorithm', 'createdAt', 'keyId', 'publishedUntil', 'signsFrom', 'state', 'type'],
    ])
  })

  test('a clock that has jumped -> no key is made or deleted, and the log says so', async () => {
    const { time, rotation, start, logged, close } = await makeNodes('jump', { isSteady: () => false })
    const before = ids(await rotation.keys())
    time.now += 3650 * day
    start(1)
    await logged('keys.skipped', 2)
    assert.deepEqual(ids(await rotation.keys()), before)
    await close()
  })

  test('a database that fails -> logged, and the next round does it', async () => {
    const { data, time, start, logged, close } = await makeNodes('fails')
    let failures = 0
    const lease: typeof data.store.lease = (...given) => {
      if (failures++ < 2) throw new Error('gone')
      return data.store.lease(...given)
    }
    time.now += 90 * day
    start(1, Object.assign(Object.create(data.store) as typeof data.store, { lease }))
    assert.equal(((await logged('keys.failed', 2))[0]?.['cause'] as Error).message, 'gone')
    await logged('keys.rotated', 2)
    await close()
  })

  test('another node withdraws a key -> this one stops signing with it', async () => {
    const { rotation, ring, start, close } = await makeNodes('withdrawn')
    const leaked = (await ring.signer('RS256'))?.keyId ?? assert.fail()
    await rotation.withdraw(leaked)
    start(1)
    while ((await ring.signer('RS256'))?.keyId === leaked) await new Promise(setImmediate)
    await close()
  })
})

/** A key as the commands print it. */
interface Listed {
  readonly keyId: string
  readonly algorithm: string
  readonly state: string
}

/** The commands beside a running server, by where its data is. */
const commandsOn = (name: string, place: () => readonly string[], running: () => Running) => {
  const keys = (args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ended> =>
    grantryServer(['keys', ...args, ...place()], { ...running().env, ...env }).ended
  const listed = async (...args: readonly string[]): Promise<readonly Listed[]> => {
    const { code, stdout, stderr } = await keys([...args, '--json'])
    assert.equal(code, 0, stderr)
    return JSON.parse(stdout) as readonly Listed[]
  }

  describe(`grantry-server keys on ${name}`, () => {
    test('rotate, four at once -> one key of each algorithm is announced, and the server publishes it', async () => {
      const { urls } = running()
      const before = await kidsOf(...urls)
      const all = await Promise.all(Array.from({ length: 4 }, () => keys(['rotate'])))
      for (const { code, stderr } of all) assert.equal(code, 0, stderr)
      const states = (await listed('list')).map(({ algorithm, state }) => `${algorithm} ${state}`)
      assert.deepEqual(states.sort(), ['ES256 announced', 'ES256 signing', 'RS256 announced', 'RS256 signing'])
      const kids = await kidsOf(...urls)
      assert.equal(kids.length, 2)
      assert.equal(kids[0], before[0])
      assert.equal(all.filter(({ stdout }) => stdout.includes('announced already')).length >= 1, true)
    })

    test('list -> a table, without anything secret', async () => {
      const { stdout, code } = await keys(['list'])
      assert.equal(code, 0)
      const [head, ...rows] = stdout.trimEnd().split('\n')
      assert.match(head ?? '', /^kid +algorithm +state +announced +signs from +published until$/)
      assert.equal(rows.length, 4)
      for (const row of rows) assert.match(row, /^\S{16} +(RS|ES)256 +(signing|announced) +\d{4}-\d\d-\d\dT[\d:]+Z/)
      assert.ok(!/sealed|PRIVATE/.test(stdout))
    })

    test('retire the key that signs -> its tokens are refused, those of the next one are good, also for jose', async () => {
      const { urls, issuer, token, isActive } = running()
      const leaked = await token()
      assert.equal(await isActive(leaked), true)
      const left = await listed('retire', kidOf(leaked), '--yes')
      assert.deepEqual(
        left.map(({ state }) => state),
        ['signing'],
      )
      await kidsOf(...urls)
      assert.equal(await isActive(leaked), false)
      const next = await token()
      assert.equal(kidOf(next), left[0]?.keyId)
      assert.equal(await isActive(next), true)
      const { payload } = await jwtVerify(next, createRemoteJWKSet(new URL(`${urls.at(-1) ?? ''}/jwks`)), { issuer })
      assert.equal(payload['client_id'], 'dev-client')
    })

    test('retire the only key -> another one signs at once', async () => {
      const [only] = (await listed('list')).filter(({ algorithm }) => algorithm === 'RS256')
      const [made] = await listed('retire', only?.keyId ?? '', '--yes')
      assert.equal(made?.state, 'signing')
      await kidsOf(...running().urls)
      assert.equal(kidOf(await running().token()), made.keyId)
    })

    const others = { GRANTRY_KEY_ENCRYPTION_KEYS: 'x'.repeat(43) }
    const refused: [name: string, args: string[], env: Record<string, string>, code: number, text: RegExp][] = [
      ['an unknown key', ['retire', 'nope'], {}, 1, /There is no signing key "nope" in/],
      ['no key', ['retire'], {}, 2, /missing required argument 'kid'/],
      ['an unknown algorithm', ['rotate', '--algorithm', 'HS256'], {}, 2, /Allowed choices are RS256, ES256/],
      ['another key-encryption key', ['rotate'], others, 1, /sealed by the key-encryption key \S+, which is not among/],
    ]
    for (const [what, args, env, code, text] of refused) {
      test(`${what} -> one line, exit code ${code}, and no key is made`, async () => {
        const before = await listed('list')
        const ended = await keys([...args], env)
        assert.deepEqual([ended.code, ended.stdout, ended.stderr.trimEnd().split('\n').length], [code, '', 1])
        assert.match(ended.stderr, text)
        assert.deepEqual(await listed('list'), before)
      })
    }

    test('the key-encryption keys of the servers in another order -> refused, since they could not open the key', async () => {
      const env = { GRANTRY_KEY_ENCRYPTION_KEYS: `${'x'.repeat(43)},${running().encryptionKey()}` }
      const { code, stderr } = await keys(['rotate'], env)
      assert.equal(code, 1)
      assert.match(stderr, /give theirs first/)
    })
  })
}

describe('beside servers', () => {
  const data = join(folder, 'commands')
  let server: RunningServer
  let running: Running
  before(async () => {
    server = await startServer({ port: 0, data, log: () => undefined })
    running = { ...clientOf(server), env: {}, encryptionKey: () => keysOf(data) }
  })
  after(() => server.close())
  commandsOn(
    'SQLite',
    () => ['--data', data],
    () => running,
  )

  test('a folder without key-encryption keys -> refused, and none are made', async () => {
    renameSync(join(data, 'grantry.keys'), join(data, 'moved'))
    const { code, stderr } = await grantryServer(['keys', 'rotate', '--data', data]).ended
    renameSync(join(data, 'moved'), join(data, 'grantry.keys')) // fails nothing where one was made
    assert.equal(code, 1)
    assert.match(stderr, /There is no .*grantry\.keys.*GRANTRY_KEY_ENCRYPTION_KEYS/)
  })
})

describe('beside servers on PostgreSQL', { skip: whyNoPostgres ?? false }, () => {
  let database: PostgresServer
  let nodes: readonly RunningServer[] = []
  let running: Running
  before(async () => {
    database = await startPostgres(safeSettings)
    await migrateUp(urlOf(database))
    const first = await startNode(urlOf(database))
    const second = await startNode(urlOf(database))
    nodes = [first, second]
    const encryptionKey = cluster.keyEncryptionKeys.join()
    const env = { GRANTRY_KEY_ENCRYPTION_KEYS: encryptionKey }
    running = { ...clientOf(first), urls: [first.url, second.url], env, encryptionKey: () => encryptionKey }
  })
  after(async () => {
    for (const node of nodes) await node.close()
    await database.remove()
  })
  commandsOn(
    'PostgreSQL',
    () => ['--database', urlOf(database)],
    () => running,
  )
})
