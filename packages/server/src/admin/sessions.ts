import type { UserSession } from '../accounts/user-sessions.ts'
import type { ActorParts } from './parts.ts'
import { notFound } from './refusal.ts'

/** What operators do with the logins of a user. */
export class SessionAdmin {
  readonly #parts: ActorParts

  constructor(parts: ActorParts) {
    this.#parts = parts
  }

  /** Where a user is logged in, the browser that was used last first. */
  list(userId: string): Promise<readonly UserSession[]> {
    const { data, now } = this.#parts
    return data.sessions.list(userId, now())
  }

  /** Ends one of them by its handle, with what was granted in it. */
  async end(userId: string, handle: string): Promise<void> {
    const sessions = await this.list(userId)
    if (!sessions.some((session) => session.handle === handle)) throw notFound('session', handle)
    const { links, log, actor } = this.#parts
    await links.endOneOf(userId, handle)
    log({ type: 'session.ended', actor, userId })
  }
}
