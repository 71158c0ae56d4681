import { randomBytes } from 'node:crypto'
import type { Clock } from 'grantry'

/** The counter has 12 bits; half of them are left for events of the same millisecond. */
const counterEnd = 0x1000

const format = (ms: number, counter: number, random: string): string => {
  const time = ms.toString(16).padStart(12, '0')
  return [
    time.slice(0, 8),
    time.slice(8),
    `7${counter.toString(16).padStart(3, '0')}`,
    random.slice(0, 4),
    random.slice(4),
  ].join('-')
}

/** 62 random bits behind the two of the variant. */
const randomTail = (): string => {
  const bytes = randomBytes(8)
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x80
  return bytes.toString('hex')
}

/**
 * Makes ids of events: UUIDs of version 7 (RFC 9562 §5.7), unique over all nodes, and in the order of time as text. Those of one maker are in
 * the order in which they were made.
 */
export const eventIds = (now: Clock): (() => string) => {
  let last = { ms: 0, counter: counterEnd }
  return () => {
    const ms = Math.max(last.ms, now() * 1000 + (Date.now() % 1000)) // the clock of the server tells whole seconds
    const isNew = ms > last.ms
    const counter = isNew ? randomBytes(2).readUInt16BE() % (counterEnd / 2) : last.counter + 1
    last = counter < counterEnd ? { ms, counter } : { ms: ms + 1, counter: 0 }
    return format(last.ms, last.counter, randomTail())
  }
}

/** What ids of events from a time on, in seconds, are not less than. */
export const eventIdBound = (time: number): string => format(Math.max(0, time) * 1000, 0, '').slice(0, 13)

/** The time in an id of an event, as ISO 8601 to the millisecond. */
export const eventTime = (id: string): string => new Date(parseInt(id.slice(0, 8) + id.slice(9, 13), 16)).toISOString()
