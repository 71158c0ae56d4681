import type { Clock, KeyRing, KeyRotation } from 'grantry'
import type { SessionLinks } from '../accounts/session-links.ts'
import type { Data } from '../data.ts'
import type { Log } from '../log.ts'

/** Who does something: whoever runs commands; or a client at the admin API or a user at the console, with the id. */
export type Actor = { readonly kind: 'command' } | { readonly kind: 'admin'; readonly id: string }

/** What the operations of administration work with. */
export interface AdminParts {
  readonly data: Omit<Data, 'close' | 'poolCounts' | 'sweepStep'>
  readonly links: Pick<SessionLinks, 'endOneOf' | 'endAllOf' | 'endUser'>
  /** Makes and deletes signing keys. */
  readonly rotation: () => Promise<KeyRotation>
  /** The keys that tokens are checked with. */
  readonly keys: () => Promise<KeyRing>
  /** Whether users are made here; else they come from elsewhere. */
  readonly hasOwnUsers: boolean
  /** Whether every access token has a row, so that one without is over. */
  readonly hasTokenRows: boolean
  readonly hashPassword: (password: string) => Promise<string>
  readonly now: Clock
  readonly log: Log
}

/** The same for whoever does something. */
export interface ActorParts extends AdminParts {
  readonly actor: Actor
}

/** Which part of a list. */
export interface PageQuery {
  /** Where the page before ended, as it said in `next`. Default: the beginning. */
  readonly cursor?: string | undefined
  /** Most items, up to 200. Default: 50. */
  readonly limit?: number | undefined
}

/** A part of a list. */
export interface Page<Item> {
  readonly items: readonly Item[]
  /** Where the next page begins; undefined after the last one. */
  readonly next: string | undefined
}

/** How many items a page has at most. */
export const limitOf = ({ limit = 50 }: PageQuery): number => Math.min(200, Math.max(1, limit))

/** A page of what was found when one item more than fits was asked for. */
export const pageOf = <Item>(found: readonly Item[], limit: number, cursorOf: (last: Item) => string): Page<Item> => {
  const items = found.slice(0, limit)
  const last = items.at(-1)
  return { items, next: found.length > limit && last !== undefined ? cursorOf(last) : undefined }
}
