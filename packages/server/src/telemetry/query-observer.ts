import type { LogEvent } from 'kysely'
import { problemOf, type Observe } from './measured.ts'

const mostNames = 500

/** What a statement does to which table: `update session`. */
const summaryOf = (sql: string): string => {
  const operation = /(?:^|\) )(select|insert|update|delete)\b/.exec(sql)?.[1] ?? 'other' // after the tables of the statement itself
  const table = /\b(?:from|into|update) "(?:\w+"\.")?(\w+)"/.exec(sql)?.[1]
  return table === undefined ? operation : `${operation} ${table}`
}

/** Tells of the statements of kysely, whose text has places for values and no values. */
export const queryObserver = (observe: Observe): ((event: LogEvent) => void) => {
  const names = new Map<string, string>()
  const nameOf = (sql: string): string => {
    const known = names.get(sql)
    if (known !== undefined) return known
    const name = summaryOf(sql)
    if (names.size < mostNames) names.set(sql, name)
    return name
  }
  return ({ level, query: { sql: text }, queryDurationMillis: ms, ...event }) => {
    const problem = level === 'error' && 'error' in event ? problemOf(event.error) : undefined
    observe({ kind: 'database', name: nameOf(text), text, ms, problem })
  }
}
