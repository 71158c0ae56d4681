import { sha1 } from '@noble/hashes/legacy.js'
import { bytesToHex } from '@noble/hashes/utils.js'

/** A Lua script: Redis runs it as one step. */
export interface RedisScript {
  readonly text: string
  /** How Redis calls it. */
  readonly sha1: string
}

/**
 * What all scripts share. A row is a hash under a name such as `code:<digest>`; it is judged by its member `expires` and the caller's `now`.
 * Redis drops it as well, `spare` seconds later: it counts them from the caller's clock to be independent of its own. Lists name what is in
 * the realm, in the order in which it expires, and live as long as the longest-living thing in them.
 */
const shared = `
local base, given, spare = KEYS[1], cjson.decode(ARGV[1]), 3600

local function at(name) return base .. ':' .. name end
local function get(name, ...) return unpack(redis.call('HMGET', at(name), ...)) end
local function set(name, ...) redis.call('HSET', at(name), ...) end
local function expire(name, seconds) redis.call('EXPIRE', at(name), math.min(math.ceil(seconds), 1e10)) end

local function list(name, moment, member, row)
  redis.call('ZADD', at(name), moment, member)
  local seconds = redis.call('TTL', at(row))
  if redis.call('TTL', at(name)) < seconds then expire(name, seconds) end
end

local function put(name, expires, now, ...)
  redis.call('DEL', at(name))
  set(name, 'expires', expires, ...)
  expire(name, math.max(expires - now, 0) + spare)
  list('expiry', expires, name, name)
end

local function drop(name)
  redis.call('ZREM', at('expiry'), name)
  return redis.call('DEL', at(name))
end

local function postpone(name, member, moment)
  local known = get(name, member)
  set(name, member, moment)
  if moment > tonumber(known) then expire(name, redis.call('TTL', at(name)) + moment - known) end
end

local function live(grant)
  local client, revoked = get('grant:' .. grant, 'client', 'revoked')
  return client and not revoked
end

local function revoke(grant)
  if not live(grant) then return 0 end
  set('grant:' .. grant, 'revoked', given.now)
  return 1
end
`

/** A script, after what all of them share. */
export const redisScript = (body: string): RedisScript => {
  const text = shared + body
  return { text, sha1: bytesToHex(sha1(new TextEncoder().encode(text))) }
}
