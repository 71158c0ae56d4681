import type { RedisRealm } from './redis-connection.ts'
import { isOne, number } from './redis-rows.ts'
import { redisScript } from './redis-script.ts'
import type { MarkerStore } from './store.ts'

const markSeen = redisScript(`
local name = 'seen:' .. given.space .. ':' .. given.digest
local expires = get(name, 'expires')
if expires and tonumber(expires) > given.now then return 0 end
put(name, given.expiresAt, given.now)
return 1`)

const countAttempt = redisScript(`
local name = 'attempts:' .. given.space .. ':' .. given.digest
local expires = get(name, 'expires')
if expires and tonumber(expires) > given.now then return redis.call('HINCRBY', at(name), 'count', 1) end
put(name, given.now + given.windowSeconds, given.now, 'count', 1)
return 1`)

const clearAttempts = redisScript(`return drop('attempts:' .. given.space .. ':' .. given.digest)`)

/** Leases are few, and each is taken over and over again: they are not listed for `sweep`. */
const lease = redisScript(`
local name = 'lease:' .. given.name
local owner, held_until = get(name, 'owner', 'until')
if owner and owner ~= given.owner and tonumber(held_until) > given.now then return 0 end
set(name, 'owner', given.owner, 'until', given.untilTime)
expire(name, math.max(given.untilTime - given.now, 0) + spare)
return 1`)

/** The realm of each feature, because not every Redis offers all of them. */
export interface MarkerRealms {
  readonly seen: RedisRealm
  readonly attempts: RedisRealm
  readonly leases: RedisRealm
}

/** Markers, attempts and leases in Redis. */
export class RedisMarkers implements MarkerStore {
  readonly #realms: MarkerRealms

  constructor(realms: MarkerRealms) {
    this.#realms = realms
  }

  async markSeen(space: string, digest: string, expiresAt: number, now: number): Promise<boolean> {
    return isOne(await this.#realms.seen.run(markSeen, { space, digest, expiresAt, now }))
  }

  async countAttempt(space: string, digest: string, windowSeconds: number, now: number): Promise<number> {
    return number(await this.#realms.attempts.run(countAttempt, { space, digest, windowSeconds, now }))
  }

  async clearAttempts(space: string, digest: string): Promise<void> {
    await this.#realms.attempts.run(clearAttempts, { space, digest })
  }

  async lease(name: string, owner: string, until: number, now: number): Promise<boolean> {
    return isOne(await this.#realms.leases.run(lease, { name, owner, untilTime: until, now }))
  }
}
