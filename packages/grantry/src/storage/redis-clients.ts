import type { Client } from '../core/records.ts'
import { byAge, type KeyStore, type SigningKeyRow } from '../core/signing-key.ts'
import type { RedisRealm } from './redis-connection.ts'
import { countable, isOne, list, record } from './redis-rows.ts'
import { redisScript } from './redis-script.ts'
import type { ClientStore } from './store.ts'

const putClient = redisScript(`
redis.call('HSET', at('clients'), given.id, given.record)
redis.call('ZADD', at('client-ids'), 0, given.id)
return 1`)

const createClient = redisScript(`
if redis.call('HSETNX', at('clients'), given.id, given.record) == 0 then return 0 end
redis.call('ZADD', at('client-ids'), 0, given.id)
return 1`)

const replaceClient = redisScript(`
if redis.call('HGET', at('clients'), given.id) ~= given.previous then return 0 end
redis.call('HSET', at('clients'), given.id, given.next)
return 1`)

const deleteClient = redisScript(`
redis.call('ZREM', at('client-ids'), given.id)
return redis.call('HDEL', at('clients'), given.id)`)

/** The ids are all of one score, so that Redis orders them by their bytes. */
const listClients = redisScript(`
local records = {}
for _, id in ipairs(redis.call('ZRANGE', at('client-ids'), '(' .. given.after, '+', 'BYLEX', 'LIMIT', 0, given.limit)) do
  records[#records + 1] = redis.call('HGET', at('clients'), id)
end
return records`)

const createKey = redisScript(`
local newest
for _, record in ipairs(redis.call('HVALS', at('keys'))) do
  local key = cjson.decode(record)
  if key.algorithm == given.algorithm and (newest == nil or key.createdAt > newest.createdAt
    or key.createdAt == newest.createdAt and key.keyId > newest.keyId) then newest = key end
end
if (newest and newest.keyId or '') ~= given.newest then return 0 end
return redis.call('HSETNX', at('keys'), given.id, given.record)`)

// what was saved was one
const toClient = (value: unknown): Client => record(value) as Client
const toKey = (value: unknown): SigningKeyRow => record(value) as SigningKeyRow

/** Clients and signing keys in Redis: a hash of records for each, and a list of the ids of clients in their order. */
export class RedisClients implements ClientStore, KeyStore {
  readonly #realm: RedisRealm

  constructor(realm: RedisRealm) {
    this.#realm = realm
  }

  async findClient(id: string): Promise<Client | undefined> {
    const found = await this.#realm.send('HGET', 'clients', id)
    return found === null ? undefined : toClient(found)
  }

  async putClient(client: Client): Promise<void> {
    await this.#realm.run(putClient, { id: client.id, record: JSON.stringify(client) })
  }

  async createClient(client: Client): Promise<boolean> {
    return isOne(await this.#realm.run(createClient, { id: client.id, record: JSON.stringify(client) }))
  }

  async replaceClient(previous: Client, next: Client): Promise<boolean> {
    const change = { id: previous.id, previous: JSON.stringify(previous), next: JSON.stringify(next) }
    return isOne(await this.#realm.run(replaceClient, change))
  }

  async deleteClient(id: string): Promise<boolean> {
    return isOne(await this.#realm.run(deleteClient, { id }))
  }

  async listClients(after: string, limit: number): Promise<readonly Client[]> {
    const found = await this.#realm.run(listClients, { after, limit: countable(limit) })
    return list(found).map(toClient)
  }

  async findSigningKeys(): Promise<readonly SigningKeyRow[]> {
    return list(await this.#realm.send('HVALS', 'keys'))
      .map(toKey)
      .sort(byAge)
  }

  async putSigningKey(key: SigningKeyRow): Promise<void> {
    await this.#realm.send('HSET', 'keys', key.keyId, JSON.stringify(key))
  }

  async createSigningKey(key: SigningKeyRow, newest = ''): Promise<boolean> {
    const { keyId: id, algorithm } = key
    return isOne(await this.#realm.run(createKey, { id, algorithm, newest, record: JSON.stringify(key) }))
  }

  async deleteSigningKey(keyId: string): Promise<boolean> {
    return isOne(await this.#realm.send('HDEL', 'keys', keyId))
  }
}
