import type { Claims } from '../core/claims.ts'
import { slowDownSeconds } from './memory-tickets.ts'
import type { RedisRealm } from './redis-connection.ts'
import { isOne, list, number, optional, record, text } from './redis-rows.ts'
import { redisScript } from './redis-script.ts'
import type { PolledTicket, PresentedTicket, TicketRow, TicketTransition } from './store-rows.ts'
import type { TicketStore } from './store.ts'

/**
 * Tickets. The second handle is a key with the digest of the ticket that has it. It may name one that is gone or has another handle now,
 * so what it leads to is looked at.
 */
const tickets = `
local function ticket_name(digest) return 'ticket:' .. given.kind .. ':' .. digest end
local function handle_name(alt) return at('handle:' .. given.kind .. ':' .. alt) end

local function is_taken(digest, alt)
  local expires, held = get(ticket_name(digest), 'expires', 'alt')
  return expires and tonumber(expires) > given.now and (not alt or held == alt)
end

local function live_digest(alt)
  local digest = redis.call('GET', handle_name(alt))
  if not digest or not is_taken(digest, alt) or get(ticket_name(digest), 'used') then return false end
  return digest
end

local function row(digest)
  return { digest, get(ticket_name(digest), 'alt', 'client', 'grant', 'state', 'payload', 'interval', 'expires') }
end
`

const ticketScript = (body: string) => redisScript(tickets + body)

const putTicket = ticketScript(`
local ticket = given.ticket
if is_taken(ticket.digest) then return 0 end
local alt = ticket.altDigest
local holder = alt and redis.call('GET', handle_name(alt))
if holder and is_taken(holder, alt) then return 0 end
local name = ticket_name(ticket.digest)
put(name, ticket.expiresAt, given.now,
  'client', ticket.clientId, 'state', ticket.state, 'payload', ticket.payload, 'interval', ticket.interval)
if ticket.grantId then set(name, 'grant', ticket.grantId) end
if alt then
  set(name, 'alt', alt)
  redis.call('SET', handle_name(alt), ticket.digest, 'EX', redis.call('TTL', at(name)))
end
return 1`)

const findTicket = ticketScript(`
local digest = live_digest(given.altDigest)
return digest and row(digest)`)

const transitionTicket = ticketScript(`
local digest = live_digest(given.altDigest)
if not digest then return 0 end
local state = get(ticket_name(digest), 'state')
for _, from in ipairs(given.from) do
  if from == state then
    set(ticket_name(digest), 'state', given.to)
    if given.payload then set(ticket_name(digest), 'payload', given.payload) end
    return 1
  end
end
return 0`)

const pollTicket = ticketScript(`
local name = ticket_name(given.digest)
local client, used, polled, interval = get(name, 'client', 'used', 'polled', 'interval')
if not is_taken(given.digest) or client ~= given.clientId or used then return false end
local is_too_soon = polled and given.now - polled < tonumber(interval)
if is_too_soon then set(name, 'interval', interval + given.slowDownSeconds) end
set(name, 'polled', given.now)
return { is_too_soon and 1 or 0, row(given.digest) }`)

const consumeTicket = ticketScript(`
local name = ticket_name(given.digest)
local client, state, used, grant = get(name, 'client', 'state', 'used', 'grant')
if not is_taken(given.digest) or client ~= given.clientId or state ~= given.state then return false end
if used then
  if grant then revoke(grant) end
  return 'reused'
end
set(name, 'used', given.now)
return row(given.digest)`)

const toTicket = (kind: string, reply: unknown): TicketRow => {
  const [digest, altDigest, clientId, grantId, state, payload, interval, expiresAt] = list(reply)
  return {
    ...{ kind, digest: text(digest), altDigest: optional(altDigest), clientId: text(clientId) },
    ...{ grantId: optional(grantId), state: text(state), payload: record(payload) as Claims },
    ...{ interval: number(interval), expiresAt: number(expiresAt) },
  }
}

/** Tickets in Redis. */
export class RedisTickets implements TicketStore {
  readonly #realm: RedisRealm

  constructor(realm: RedisRealm) {
    this.#realm = realm
  }

  async putTicket(row: TicketRow, now: number): Promise<boolean> {
    const ticket = { ...row, payload: JSON.stringify(row.payload) }
    return isOne(await this.#realm.run(putTicket, { kind: row.kind, ticket, now }))
  }

  async findTicket(kind: string, altDigest: string, now: number): Promise<TicketRow | undefined> {
    const found = await this.#realm.run(findTicket, { kind, altDigest, now })
    return found === null ? undefined : toTicket(kind, found)
  }

  async transitionTicket({ payload, ...transition }: TicketTransition): Promise<boolean> {
    return isOne(
      await this.#realm.run(transitionTicket, { ...transition, payload: payload && JSON.stringify(payload) }),
    )
  }

  async pollTicket(presented: PresentedTicket): Promise<PolledTicket | undefined> {
    const found = await this.#realm.run(pollTicket, { ...presented, slowDownSeconds })
    if (found === null) return undefined
    const [isTooSoon, ticket] = list(found)
    return { ticket: toTicket(presented.kind, ticket), isTooSoon: isOne(isTooSoon) }
  }

  async consumeTicket(presented: PresentedTicket, state: string): Promise<TicketRow | 'reused' | undefined> {
    const found = await this.#realm.run(consumeTicket, { ...presented, state })
    if (found === null) return undefined
    return found === 'reused' ? found : toTicket(presented.kind, found)
  }
}
