import { ConfigurationError } from '../core/errors.ts'
import { ComposedStore } from './composed-store.ts'
import { askSettings, redisCapabilities, type RedisPersistence } from './redis-capabilities.ts'
import { RedisClients } from './redis-clients.ts'
import { redisRealm, type RedisConnection, type RedisRealm } from './redis-connection.ts'
import { RedisGrants } from './redis-grants.ts'
import { RedisMarkers } from './redis-markers.ts'
import { countable, number, text } from './redis-rows.ts'
import { redisScript } from './redis-script.ts'
import { RedisTickets } from './redis-tickets.ts'
import type { StoreCapabilities, StoreFeature } from './store.ts'

export type { RedisPersistence } from './redis-capabilities.ts'
export type { RedisConnection } from './redis-connection.ts'
export { StoreError } from './store-error.ts'

/** How a `RedisStore` works. */
export interface RedisStoreOptions {
  /** What all keys begin with, without braces. Default: `grantry`. */
  readonly prefix?: string | undefined
  /**
   * Keeps several servers apart in the same Redis: nothing of one realm is seen in another. In a cluster, all of a realm is on one node.
   * Default: the realm without a name.
   */
  readonly realm?: string | undefined
  /**
   * What Redis keeps on disk, where you know better than it says: services that forbid CONFIG, or have a log of their own. A word too much
   * here, and after a restart used and revoked tokens work again. Default: what INFO and CONFIG say; `everysec` where only CONFIG is forbidden.
   */
  readonly persistence?: RedisPersistence | undefined
}

/** Stands in for the realm where it must not be used for a feature. */
const refusingRealm = (feature: StoreFeature, reason = ''): RedisRealm => {
  const refuse = () => Promise.reject(new Error(`RedisStore does not offer ${feature} here: ${reason}.`))
  return { run: refuse, send: refuse }
}

/** Rows that Redis dropped by itself are still listed, and counted. Families are not: they have a list of their own. */
const sweepScript = redisScript(`
local function due(list) return redis.call('ZRANGEBYSCORE', at(list), '-inf', given.now, 'LIMIT', 0, given.limit) end
local rows = due('expiry')
for _, name in ipairs(rows) do drop(name) end
for _, id in ipairs(due('families')) do
  redis.call('ZREM', at('families'), id)
  redis.call('DEL', at('grant:' .. id))
end
return #rows`)

/** Redis does nothing else while it sweeps, so it is asked for a little at a time: a few milliseconds. */
const mostAtOnce = 1000

const sweepRealm = async (realm: RedisRealm, now: number, limit: number): Promise<number> => {
  for (let deleted = 0; ;) {
    const batch = Math.min(countable(limit) - deleted, mostAtOnce)
    const found = number(await realm.run(sweepScript, { now, limit: batch }))
    deleted += found
    if (found < mostAtOnce) return deleted
  }
}

/**
 * Keeps everything in Redis 6.2 or later, for any number of servers; or tickets, markers and attempts only, beside a database
 * (`composeStores`). Each step is one command or one script: Redis runs it without any other between. The driver is yours. Whether it may be
 * the home of refresh tokens is for the settings of Redis to say: see its `capabilities`.
 */
export class RedisStore extends ComposedStore {
  private constructor(realm: RedisRealm, connection: RedisConnection, capabilities: StoreCapabilities) {
    const realmOf = (feature: StoreFeature): RedisRealm =>
      capabilities.features.includes(feature) ? realm : refusingRealm(feature, capabilities.reasons?.[feature])
    super({
      capabilities,
      clients: new RedisClients(realmOf('clients')),
      keys: new RedisClients(realmOf('signing_keys')),
      grants: new RedisGrants(realmOf('grants')),
      tickets: new RedisTickets(realmOf('tickets')),
      markers: new RedisMarkers({ seen: realmOf('seen'), attempts: realmOf('attempts'), leases: realmOf('leases') }),
      ping: async () => void text(await connection.command(['PING'])),
      sweep: (now, limit) => sweepRealm(realm, now, limit),
    })
  }

  /**
   * Asks Redis for its version and settings, and opens a store on it. Throws a `StoreError` where it is too old, and what the connection
   * throws where there is none. Settings that change later are seen when it is opened again.
   */
  static async open(connection: RedisConnection, options: RedisStoreOptions = {}): Promise<RedisStore> {
    const { prefix = 'grantry', realm = '', persistence } = options
    if (/[{}]/.test(prefix)) throw new ConfigurationError('RedisStore: prefix must not have braces in it.')
    const settings = await askSettings(connection, persistence)
    return new RedisStore(redisRealm(connection, prefix, realm), connection, redisCapabilities(settings))
  }
}
