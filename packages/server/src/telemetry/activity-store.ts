import { sql, type Kysely, type SqlBool } from 'kysely'
import type { AccountTables, TableOptions } from '../accounts/account-tables.ts'
import { statementRows } from '../database/statement-rows.ts'

/** What is counted by label: tokens by grant, refusals by reason, logins and rotations by outcome. */
export const activityKinds = ['issued', 'refused', 'logins', 'rotations'] as const

/** One of them. */
export type ActivityKind = (typeof activityKinds)[number]

/** Upper ends of the classes of time, in milliseconds; there is one more for what took longer. */
export const latencyBounds: readonly number[] = [5, 10, 25, 50, 100, 250, 500, 1000]

/** What all nodes did in a step of time. What did not happen is not there. */
export interface ActivityPoint extends Readonly<Record<ActivityKind, Readonly<Record<string, number>>>> {
  /** When it began, in seconds. */
  readonly at: number
  /** Requests of an endpoint by how long they took: one number for each of `latencyBounds`, and the last for the rest. */
  readonly latency: Readonly<Record<string, readonly number[]>>
}

/** Which part of the series to read. */
export interface ActivityQuery {
  /** The first second. */
  readonly from: number
  /** The second after the last. */
  readonly to: number
  /** Seconds of a point: whole minutes. */
  readonly step: number
}

/** How often something happened in a minute. */
export interface ActivityCount {
  /** When the minute began. */
  readonly at: number
  /** The kind and the label, with a class for times: `issued refresh_token`, `latency /token 3`. */
  readonly name: string
  readonly count: number
}

type Point = Readonly<Record<ActivityKind, Record<string, number>>> & {
  readonly at: number
  readonly latency: Record<string, number[]>
}

const mostPoints = 2000

const newPoint = (at: number): Point => ({ at, issued: {}, refused: {}, logins: {}, rotations: {}, latency: {} })

const isKind = (text: string): text is ActivityKind => activityKinds.some((kind) => kind === text)

const addTo = (point: Point, { name, count }: Pick<ActivityCount, 'name' | 'count'>): void => {
  const [kind = '', label = '', bucket] = name.split(' ')
  if (isKind(kind)) point[kind][label] = count
  if (kind !== 'latency') return
  const counts = (point.latency[label] ??= Array.from({ length: latencyBounds.length + 1 }, () => 0))
  counts[Number(bucket)] = count
}

/** Keeps what all nodes do, minute by minute. */
export class ActivityStore {
  readonly #database: Kysely<AccountTables>
  readonly #realm: string
  readonly #skipLocked: boolean

  constructor(database: Kysely<AccountTables>, { realm = '', skipLocked }: TableOptions) {
    this.#database = database
    this.#realm = realm
    this.#skipLocked = skipLocked
  }

  /** Adds what one node did to what the others did. */
  async add(counts: readonly ActivityCount[]): Promise<void> {
    const ordered = counts.toSorted((a, b) => a.at - b.at || (a.name < b.name ? -1 : 1)) // so that nodes do not wait for each other in a circle
    for (const rows of statementRows(ordered))
      await this.#database
        .insertInto('activity')
        .values(rows.map((row) => ({ realm: this.#realm, ...row })))
        .onConflict((conflict) =>
          conflict
            .columns(['realm', 'at', 'name'])
            .doUpdateSet({ count: sql<number>`activity.count + excluded.count` }),
        )
        .execute()
  }

  /** A point for each step of a time, the first one first; also where nothing happened. Throws a `RangeError` for more than 2000. */
  async read({ from, to, step }: ActivityQuery): Promise<readonly ActivityPoint[]> {
    if (step < 60 || step % 60 !== 0) throw new RangeError('step must be whole minutes, in seconds.')
    const first = Math.floor(from / step) * step
    const length = Math.max(0, Math.ceil((to - first) / step))
    if (length > mostPoints) throw new RangeError(`This would be ${length} points; there may be ${mostPoints}.`)
    const points = Array.from({ length }, (_, index) => newPoint(first + index * step))
    const index = sql<number | string>`(at - cast(${first} as bigint)) / cast(${step} as bigint)` // of whole numbers
    const rows = await this.#database
      .selectFrom('activity')
      .select(['name', index.as('point'), (row) => row.fn.sum<number | string>('count').as('count')])
      .where('realm', '=', this.#realm)
      .where('at', '>=', first)
      .where('at', '<', first + length * step)
      .groupBy(['name', sql`2`])
      .execute()
    for (const { name, point, count } of rows) {
      const found = points[Number(point)]
      if (found !== undefined) addTo(found, { name, count: Number(count) })
    }
    return points
  }

  /** Deletes at most `limit` counts from before a time, and says how many they were. */
  async sweep(keptSince: number, limit: number): Promise<number> {
    const deleted = await this.#database
      .with('chosen', () => this.#choose(keptSince, limit))
      .deleteFrom('activity')
      .where('realm', '=', this.#realm)
      .where(sql<SqlBool>`(at, name) in (select at, name from chosen)`)
      .returning('at')
      .execute()
    return deleted.length
  }

  #choose(keptSince: number, limit: number) {
    return this.#database
      .selectFrom('activity')
      .select(['at', 'name'])
      .where('realm', '=', this.#realm)
      .where('at', '<', keptSince)
      .orderBy('at')
      .limit(limit)
      .$if(this.#skipLocked, (query) => query.forUpdate().skipLocked())
  }
}
