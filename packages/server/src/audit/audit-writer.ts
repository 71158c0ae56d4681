import type { Clock } from 'grantry'
import type { Log, LogRecord } from '../log.ts'
import { startRounds, type Rounds } from '../rounds.ts'
import { auditEventOf, type AuditChoice, type AuditEvent } from './audit-event.ts'
import type { AuditStore } from './audit-store.ts'
import { kindOf } from './audit-table.ts'
import { eventIds, eventTime } from './event-id.ts'

/** How events are written. */
export interface AuditWriterOptions extends AuditChoice {
  readonly now: Clock
  readonly log: Log
  /** Whether somebody wants to be sent them. */
  readonly isSent: boolean
  /** Milliseconds between two rounds, on average. Default: a second. */
  readonly everyMs?: number | undefined
}

/** While the database fails, so many events wait; those that strangers can make come to no more than half of it. */
const mostWaiting = 20_000

/**
 * Writes the audit events among the records that are logged, in batches: what comes while one is written is in the next. Where the database
 * fails they wait for the next round, but answers do not wait for them any longer: they are in the log.
 */
export class AuditWriter {
  readonly #store: Pick<AuditStore, 'add'>
  readonly #options: AuditWriterOptions
  readonly #nextId: () => string
  readonly #rounds: Rounds
  #events: AuditEvent[] = []
  #waiters: (() => void)[] = []
  #lost = 0

  /** Starts to write. */
  constructor(store: Pick<AuditStore, 'add'>, options: AuditWriterOptions) {
    this.#store = store
    this.#options = options
    this.#nextId = eventIds(options.now)
    this.#rounds = startRounds(() => this.#write(), { everyMs: options.everyMs ?? 1000 })
  }

  /** Takes a record. Where it is an event that must be there before the answer, resolves when that was tried; it never rejects. */
  take(record: LogRecord): Promise<void> | undefined {
    const event = auditEventOf(record, this.#options)
    if (event === undefined) return undefined
    const isAwaited = kindOf(event.type).written === 'before'
    const id = this.#nextId()
    if (this.#events.length < (isAwaited ? mostWaiting : mostWaiting / 2))
      this.#events.push({ id, at: eventTime(id), ...event })
    else this.#lost++
    if (!isAwaited) return undefined
    const written = new Promise<void>((resolve) => this.#waiters.push(resolve))
    this.#rounds.wake()
    return written
  }

  /** Writes what waits, and stops. */
  async stop(): Promise<void> {
    await this.#rounds.stop()
    await this.#write()
  }

  async #write(): Promise<void> {
    const { now, log, isSent } = this.#options
    const batch = [...this.#events]
    const waiters = this.#waiters
    this.#waiters = []
    try {
      if (batch.length > 0) {
        await this.#store.add(batch, isSent ? now() : undefined)
        this.#events = this.#events.slice(batch.length)
      }
      this.#tellLost()
    } catch (cause) {
      log({ type: 'audit.failed', cause })
    } finally {
      for (const tell of waiters) tell()
    }
  }

  #tellLost(): void {
    if (this.#lost === 0) return
    const lost = this.#lost
    this.#lost = 0
    this.#options.log({ type: 'audit.lost', lost })
  }
}
