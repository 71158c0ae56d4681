/** A real Redis for one test file, with two connections to it. */
import { after, before, describe } from 'node:test'
import { RedisStore, type RedisConnection, type RedisStoreOptions } from 'grantry/storage/redis'
import { createClient } from 'redis'
import { startRedis, whyNoRedis, type RedisServer } from './redis-server.ts'

export interface TestConnection extends RedisConnection {
  close(): void
}

/** As the documentation says to connect. */
export const connect = async ({ socket }: RedisServer): Promise<TestConnection> => {
  const client = createClient({ socket: { path: socket, reconnectStrategy: 10 }, disableOfflineQueue: true })
  client.on('error', () => undefined) // the commands fail; it connects again
  await client.connect()
  return { command: (args) => client.sendCommand([...args]), close: () => client.destroy() }
}

export let server: RedisServer
export let connections: [TestConnection, TestConnection]

let realms = 0
/** The realm of the stores made last. */
export let realm: string

/** Two views, over two connections, of a store that nobody else uses. */
export const freshStores = async (options: RedisStoreOptions = {}): Promise<[RedisStore, RedisStore]> => {
  realm = `realm${realms++}`
  const [one, other] = connections
  return [await RedisStore.open(one, { realm, ...options }), await RedisStore.open(other, { realm, ...options })]
}

export const command = (...args: string[]): Promise<unknown> => connections[0].command(args)

/** All keys that begin with `prefix`. */
export const keysOf = async (prefix: string): Promise<string[]> => {
  const keys = await command('KEYS', '*')
  return Array.isArray(keys) ? keys.map(String).filter((key) => key.startsWith(prefix)) : []
}

if (whyNoRedis !== undefined) console.log(`RedisStore is not tested: ${whyNoRedis}.`)

/** Tests that need a Redis: skipped, with the reason, where there is none. */
export const describeRedis = (name: string, tests: () => void): void => {
  describe(name, { skip: whyNoRedis ?? false }, () => {
    before(async () => {
      server = await startRedis()
      connections = [await connect(server), await connect(server)]
    })
    after(async () => {
      for (const connection of connections) connection.close()
      await server.remove()
    })

    tests()
  })
}
