import { redisScript } from './redis-script.ts'

/**
 * Families: `client`, `user`, `session`, `last` (when the last thing of it expires), `issued`, `revoked`. One that is there is never started anew, so
 * that what was revoked stays so. Those of a user, of a client and of a session are listed, and what is over leaves the lists as new ones come.
 */
const families = `
local function enlist(id)
  local name = 'grant:' .. id
  local client, user, session, last = get(name, 'client', 'user', 'session', 'last')
  list('families', last, id, name)
  list('families-of-client:' .. client, last, id, name)
  if user then list('families-of-user:' .. user, last, id, name) end
  if session then list('families-of-session:' .. session, last, id, name) end
end

local function keep(id, last)
  local known = get('grant:' .. id, 'last')
  if last <= tonumber(known) then return end
  postpone('grant:' .. id, 'last', last)
  enlist(id)
end

local function forget_old(name, now)
  redis.call('ZREMRANGEBYSCORE', at(name), '-inf', now - spare)
end

local function start(grant, last)
  local name = 'grant:' .. grant.id
  if get(name, 'client') then return keep(grant.id, last) end
  last = math.max(last, grant.createdAt)
  set(name, 'client', grant.clientId, 'last', last)
  if grant.userId then set(name, 'user', grant.userId) end
  if grant.sessionId then set(name, 'session', grant.sessionId) end
  expire(name, last - grant.createdAt + spare)
  enlist(grant.id)
  forget_old('families-of-client:' .. grant.clientId, grant.createdAt)
  if grant.userId then forget_old('families-of-user:' .. grant.userId, grant.createdAt) end
  if grant.sessionId then forget_old('families-of-session:' .. grant.sessionId, grant.createdAt) end
end

local function issue(id, last)
  keep(id, last)
  set('grant:' .. id, 'issued', 1)
end

local function save_access(token)
  local name = 'access:' .. token.digest
  put(name, token.expiresAt, token.issuedAt, 'row', token.row)
  if token.grantId then set(name, 'grant', token.grantId) end
end

local function save_refresh(token)
  put('refresh:' .. token.digest, token.expiresAt, token.issuedAt, 'row', token.row, 'grant', token.grantId)
end
`

/** The rule of `judgeRotation`, because it has to be decided where the row is. The 2 seconds are its `raceSeconds`. */
const judge = `
local function judge(superseded, is_successor_used, replays)
  if not superseded then return 'rotated' end
  if is_successor_used then return 'reused' end
  local age = given.now - superseded
  if given.graceSeconds == 0 then return age < 2 and 'raced' or 'reused' end
  return age <= given.graceSeconds and tonumber(replays or 0) < given.maxReplays and 'replayed' or 'reused'
end
`

const familyScript = (body: string) => redisScript(families + body)

const putCode = familyScript(`
local code, grant = given.code, given.grant
start(grant, code.expiresAt)
put('code:' .. code.digest, code.expiresAt, grant.createdAt, 'row', code.row, 'client', code.clientId, 'grant', code.grantId)
return 1`)

const consumeCode = familyScript(`
local name = 'code:' .. given.digest
local row, client, grant, expires, used = get(name, 'row', 'client', 'grant', 'expires', 'used')
if client ~= given.clientId or tonumber(expires) <= given.now then return false end
if used then
  if get('grant:' .. grant, 'issued') then revoke(grant) end
  return 'reused'
end
set(name, 'used', given.now)
return { row }`)

const putTokens = familyScript(`
local id = given.grantId
if given.grant then
  id = given.grant.id
  start(given.grant, given.last)
end
if id and not live(id) then return 0 end
if id then issue(id, given.last) end
if given.access then save_access(given.access) end
if given.refresh then save_refresh(given.refresh) end
local extended = given.extended
if extended and get('refresh:' .. extended.digest, 'grant') then
  local name = 'refresh:' .. extended.digest
  postpone(name, 'expires', extended.expiresAt)
  list('expiry', extended.expiresAt, name, name)
end
return 1`)

const findAccessToken = redisScript(`
local row, grant, expires = get('access:' .. given.digest, 'row', 'grant', 'expires')
if not row or tonumber(expires) <= given.now then return false end
return (not grant or live(grant)) and row`)

const findRefreshToken = redisScript(`
local row, grant, expires, superseded = get('refresh:' .. given.digest, 'row', 'grant', 'expires', 'superseded')
return grant and live(grant) and { row, expires, superseded }`)

const rotateRefreshToken = familyScript(`${judge}
local name = 'refresh:' .. given.digest
local grant, expires, superseded, is_successor_used, sealed, replays, predecessor =
  get(name, 'grant', 'expires', 'superseded', 'successor_used', 'sealed', 'replays', 'predecessor')
if not grant or not live(grant) or tonumber(expires) <= given.now then return { 'unknown' } end
local outcome = judge(superseded, is_successor_used, replays)
if outcome == 'reused' and given.revokesOnReuse then revoke(grant) end
if outcome ~= 'rotated' and outcome ~= 'replayed' then return { outcome } end
issue(grant, given.last)
if given.access then save_access(given.access) end
if outcome == 'replayed' then
  redis.call('HINCRBY', at(name), 'replays', 1)
  return { outcome, sealed }
end
set(name, 'superseded', given.now, 'sealed', given.sealed)
save_refresh(given.successor)
set('refresh:' .. given.successor.digest, 'predecessor', given.digest)
if predecessor and get('refresh:' .. predecessor, 'grant') then
  set('refresh:' .. predecessor, 'successor_used', 1)
  redis.call('HDEL', at('refresh:' .. predecessor), 'sealed')
end
return { outcome }`)

const revokeAccessToken = redisScript(`
if drop('access:' .. given.digest) == 1 then return 1 end
local name = 'revoked:' .. given.digest
local known = get(name, 'expires')
if not known or tonumber(known) < given.expiresAt then put(name, given.expiresAt, given.now) end
return 1`)

const isRevoked = redisScript(`
if given.grantId and not live(given.grantId) then return 1 end
local expires = get('revoked:' .. given.digest, 'expires')
return expires and tonumber(expires) > given.now and 1 or 0`)

const revokeGrant = redisScript(`return revoke(given.grantId)`)

const revokeGrants = redisScript(`
local families = 'families'
if given.clientId then families = 'families-of-client:' .. given.clientId end
if given.userId then families = 'families-of-user:' .. given.userId end
if given.sessionId then families = 'families-of-session:' .. given.sessionId end
local ended = 0
for _, id in ipairs(redis.call('ZRANGE', at(families), 0, -1)) do
  local client, user = get('grant:' .. id, 'client', 'user')
  if (not given.clientId or client == given.clientId) and (not given.userId or user == given.userId) then ended = ended + revoke(id) end
end
return ended`)

/** The scripts of codes, tokens and their families. */
export const grantScripts = {
  putCode,
  consumeCode,
  putTokens,
  findAccessToken,
  findRefreshToken,
  rotateRefreshToken,
  revokeAccessToken,
  isRevoked,
  revokeGrant,
  revokeGrants,
}
