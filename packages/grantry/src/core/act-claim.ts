import type { Claims, JsonValue } from './claims.ts'

/** How many actors a token may name, one behind the other: each exchange adds one, and tokens do not grow without end. */
const longestChain = 10

const isObject = (value: unknown): value is Claims =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const lengthOf = (act: unknown): number => {
  if (act === undefined) return 0
  return isObject(act) ? 1 + lengthOf(act['act']) : Infinity
}

/**
 * The claim `act` of a new token: who acts now, around those who acted before, of whom nobody goes (RFC 8693 §4.1). Null for more than 10, or a
 * chain that is none.
 */
export const chainActors = (
  actor: Claims | undefined,
  previous: JsonValue | undefined,
): JsonValue | undefined | null => {
  const act = actor === undefined ? previous : { ...actor, ...(previous !== undefined && { act: previous }) }
  return lengthOf(act) <= longestChain ? act : null
}

/**
 * Whether the claim `may_act` of a token names this actor, or there is none (RFC 8693 §4.4). All of its members must be those of the actor; without
 * `iss` it speaks of the issuer that made the token.
 */
export const namesActor = ({ may_act: named, iss }: Claims, actor: Claims): boolean => {
  if (named === undefined) return true
  if (!isObject(named) || (named['sub'] === undefined && named['client_id'] === undefined)) return false
  return Object.entries({ iss, ...named }).every(([name, value]) => actor[name] === value)
}
