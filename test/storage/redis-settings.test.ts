/** What RedisStore promises follows from the settings of Redis; a Redis that dies keeps what it promised, and its failures are told. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { allStoreFeatures, registerClient, Server, StoreValidator, type StoreFeature } from 'grantry'
import { RedisStore, type RedisConnection } from 'grantry/storage/redis'
import { connect, type TestConnection } from './redis-fixture.ts'
import { startRedis, whyNoRedis, type RedisServer } from './redis-server.ts'
import { accessRow, codeRow, digestOf, grantRow, refreshRow, rotationOf, start } from './rows.ts'

/** Runs with a Redis of these settings. `reconnect` makes another connection, after a restart. */
const withRedis = async (
  settings: Readonly<Record<string, string>>,
  run: (connection: RedisConnection, server: RedisServer, reconnect: () => Promise<RedisConnection>) => Promise<void>,
): Promise<void> => {
  const server = await startRedis(settings)
  const opened: TestConnection[] = []
  const open = async (): Promise<RedisConnection> => {
    const connection = await connect(server)
    opened.push(connection)
    return connection
  }
  try {
    await run(await open(), server, open)
  } finally {
    for (const connection of opened) connection.close()
    await server.remove()
  }
}

const without = (...features: readonly StoreFeature[]): readonly StoreFeature[] =>
  allStoreFeatures.filter((feature) => !features.includes(feature))

/** A Redis that says what is given, for versions and rights that the one on this machine does not have. */
const saying = (info: string, config: unknown): RedisConnection => ({
  command: async ([name]) => {
    if (name === 'INFO') return info
    if (config instanceof Error) throw config
    return config
  },
})

const info = (version: string, more = ''): string => `# Server\r\nredis_version:${version}\r\naof_enabled:1\r\n${more}`

describe('RedisStore and the settings of Redis', { skip: whyNoRedis ?? false }, () => {
  const noAof = without('refresh_tokens')
  const evicting: readonly StoreFeature[] = ['tickets', 'attempts']
  const promises: [
    name: string,
    settings: Record<string, string>,
    features: readonly StoreFeature[],
    isDurable: boolean,
    reason: RegExp | undefined,
  ][] = [
    ['a log that is written with each answer', { appendfsync: 'always' }, allStoreFeatures, true, undefined],
    ['a log that is written each second', { appendfsync: 'everysec' }, allStoreFeatures, false, undefined],
    ['a log that is written now and then', { appendfsync: 'no' }, noAof, false, /`appendfsync always`/],
    ['no log', { appendonly: 'no' }, noAof, false, /`appendonly yes`/],
    ['snapshots only', { appendonly: 'no', save: '1 1' }, noAof, false, /older state/],
    [
      'rows that are dropped',
      { 'maxmemory-policy': 'allkeys-lru' },
      evicting,
      false,
      /allkeys-lru.*`maxmemory-policy noeviction`/,
    ],
  ]
  for (const [name, settings, features, isDurable, reason] of promises) {
    test(`${name} -> ${features.length} features${isDurable ? ', durable' : ''}`, () =>
      withRedis(settings, async (connection) => {
        const found = (await RedisStore.open(connection)).capabilities()
        assert.deepEqual(found.features, features)
        assert.equal(found.isDurable, isDurable)
        assert.equal(found.isShared, true)
        if (reason === undefined) assert.deepEqual(found.reasons, {})
        else assert.match(found.reasons?.refresh_tokens ?? '', reason)
      }))
  }

  test('what the operator states -> believed', () =>
    withRedis({ appendonly: 'no' }, async (connection) => {
      const { features, isDurable } = (await RedisStore.open(connection, { persistence: 'always' })).capabilities()
      assert.deepEqual(features, allStoreFeatures)
      assert.equal(isDurable, true)
    }))

  test('a feature that is not offered -> its methods reject, with the reason; the others work', () =>
    withRedis({ 'maxmemory-policy': 'allkeys-lru' }, async (connection) => {
      const store = await RedisStore.open(connection)
      await assert.rejects(async () => store.markSeen('dpop', digestOf('jti'), start + 60, start), /noeviction/)
      await assert.rejects(async () => store.findClient('app'), /noeviction/)
      assert.equal(await store.countAttempt('login', digestOf('jti'), 60, start), 1)
    }))

  const forbidden: [name: string, thrown: Error][] = [
    ['an unknown command', new Error('ERR unknown command `CONFIG`, with args beginning with: `GET`')],
    ['no permission', new Error("NOPERM this user has no permissions to run the 'config|get' command")],
  ]
  for (const [name, thrown] of forbidden) {
    test(`CONFIG is ${name} -> written each second, as is usual`, async () => {
      const { features, isDurable } = (await RedisStore.open(saying(info('7.2.4'), thrown))).capabilities()
      assert.deepEqual([features, isDurable], [allStoreFeatures, false])
    })
  }

  test('the connection is lost while CONFIG is asked -> rejected', () =>
    assert.rejects(RedisStore.open(saying(info('7.2.4'), new Error('Socket closed unexpectedly'))), /Socket closed/))

  const replies: [name: string, reply: unknown][] = [
    ['a list', ['appendfsync', 'always']],
    ['a map', new Map([['appendfsync', 'always']])],
    ['an object', { appendfsync: 'always' }],
  ]
  for (const [name, reply] of replies) {
    test(`CONFIG answers ${name} -> understood`, async () =>
      assert.equal((await RedisStore.open(saying(info('6.2.0'), reply))).capabilities().isDurable, true))
  }

  for (const version of ['6.0.16', '5.0.7', 'unknown', '']) {
    test(`version "${version}" -> refused`, () =>
      assert.rejects(RedisStore.open(saying(info(version), [])), { name: 'StoreError', problem: 'unopenable' }))
  }
})

describe('RedisStore where Redis dies', { skip: whyNoRedis ?? false }, () => {
  test('killed at any time, with a log -> all that was answered is there', () =>
    withRedis({}, async (connection, server, reconnect) => {
      const store = await RedisStore.open(connection)
      await store.putCode(codeRow('code', 'g'), grantRow('g'))
      await store.putTokens({ grant: grantRow('r'), refresh: refreshRow('refresh', 'r') })
      await store.consumeCode(digestOf('code'), 'app', start)
      await store.rotateRefreshToken(rotationOf('1', { successor: refreshRow('next', 'r'), access: undefined }))
      await store.revokeAccessToken(digestOf('self-contained'), start + 600, start)
      let answered = 0
      const saving = (async () => {
        for (; ; answered++) await store.putTokens({ access: accessRow(`a${answered}`, undefined) })
      })()
      const failed = assert.rejects(saving)
      while (answered < 50) await store.ping()
      await server.stop()
      await failed
      await server.start()
      const again = await RedisStore.open(await reconnect())
      for (let index = 0; index < answered; index++) {
        assert.notEqual(
          await again.findAccessToken(digestOf(`a${index}`), start),
          undefined,
          `token ${index} of ${answered}`,
        )
      }
      assert.equal(await again.consumeCode(digestOf('code'), 'app', start), 'reused')
      assert.equal((await again.findRefreshToken(digestOf('refresh')))?.supersededAt, start)
      assert.equal(await again.isRevoked(digestOf('self-contained'), undefined, start), true)
    }))

  test('gone -> each method rejects, ping too, and a server answers 503', () =>
    withRedis({}, async (connection, server) => {
      const store = await RedisStore.open(connection)
      const { client, secret = '' } = await registerClient(store, {
        ...{ grantTypes: ['client_credentials'], scopes: ['read'], defaultScopes: ['read'] },
      })
      const oauth = new Server(new StoreValidator(store), { issuer: 'https://as.example' })
      const ask = () =>
        oauth.fetch(
          new Request('https://as.example/token', {
            method: 'POST',
            headers: { authorization: `Basic ${btoa(`${client.id}:${secret}`)}` },
            body: new URLSearchParams({ grant_type: 'client_credentials' }),
          }),
        )
      assert.equal((await ask()).status, 200)
      await server.stop()
      await assert.rejects(async () => store.ping())
      await assert.rejects(async () => store.findClient(client.id))
      await assert.rejects(async () => store.markSeen('dpop', digestOf('jti'), start + 60, start))
      await assert.rejects(async () => store.sweep(start, 10))
      await assert.rejects(RedisStore.open(connection))
      const response = await ask()
      assert.equal(response.status, 503)
      assert.equal(response.headers.get('Retry-After'), '1')
    }))

  test('out of memory -> refused, and nothing is done by halves', () =>
    withRedis({}, async (connection) => {
      const store = await RedisStore.open(connection)
      await store.putTokens({ grant: grantRow('g'), refresh: refreshRow('refresh', 'g') })
      await connection.command(['CONFIG', 'SET', 'maxmemory', '1'])
      await assert.rejects(async () => store.rotateRefreshToken(rotationOf('1')), /OOM/)
      await assert.rejects(async () => store.putCode(codeRow('code', 'h'), grantRow('h')), /OOM/)
      assert.equal((await store.findRefreshToken(digestOf('refresh')))?.supersededAt, undefined)
      await connection.command(['CONFIG', 'SET', 'maxmemory', '0'])
      assert.deepEqual(await store.rotateRefreshToken(rotationOf('1')), { outcome: 'rotated' })
    }))
})
