import type { Client, Clock, Store } from 'grantry'
import type { Session } from './account-tables.ts'
import type { AccountStore } from './account-store.ts'
import { unavailable } from './guarded-accounts.ts'
import type { ClientSession, SessionClients } from './session-clients.ts'
import type { UserSession, UpstreamSessionQuery, UserSessions } from './user-sessions.ts'

/** Where what hangs on sessions is kept. */
export interface LinkedData {
  readonly store: Pick<Store, 'findClient' | 'revokeGrants'>
  readonly accounts: Pick<AccountStore, 'endSession'>
  readonly sessions: Pick<UserSessions, 'list' | 'others' | 'end' | 'fromUpstream'>
  readonly sessionClients: Pick<SessionClients, 'note' | 'extend' | 'clientsOf' | 'end'>
}

const wantsToKnow = ({ backchannelLogoutUri, frontchannelLogoutUri }: Client): boolean =>
  backchannelLogoutUri !== undefined || frontchannelLogoutUri !== undefined

/**
 * What hangs on a session and ends with it: grants, and what clients think of who is logged in. Failures of the database are answered with
 * 503.
 */
export class SessionLinks {
  readonly #data: LinkedData
  readonly #now: Clock
  readonly #wakeDelivery: () => void

  constructor(data: LinkedData, now: Clock, wakeDelivery: () => void) {
    this.#data = data
    this.#now = now
    this.#wakeDelivery = wakeDelivery
  }

  /** Notes that a client gets an ID token of the session, if it wants to be told of the end. Call it before the client gets it. */
  async add(session: ClientSession, client: Client): Promise<void> {
    if (wantsToKnow(client)) await this.#data.sessionClients.note(session, client.id, this.#now()).catch(unavailable)
  }

  /** Ends a session that goes on under a new login of the same user: what hangs on it stays. */
  async carryOn({ id, sid }: Session): Promise<void> {
    await this.#data.sessionClients.extend(sid, this.#now()).catch(unavailable)
    await this.#data.accounts.endSession(id).catch(unavailable)
  }

  /**
   * Ends a session, the session itself last: whatever fails, the user sees it and can log out again. Returns the clients that the browser is
   * to tell.
   */
  async end(session: Session): Promise<readonly Client[]> {
    const clients = await this.#endLinks(session.sid).catch(unavailable)
    await this.#data.accounts.endSession(session.id).catch(unavailable)
    this.#wakeDelivery()
    return clients.filter(({ frontchannelLogoutUri: uri }) => uri !== undefined)
  }

  /** Where the user of a session is logged in. */
  listOf({ userId }: Session): Promise<readonly UserSession[]> {
    return this.#data.sessions.list(userId, this.#now()).catch(unavailable)
  }

  /** Ends another session of the same user by its handle. Clients that only the browser there could tell learn nothing. */
  async endOther(session: Pick<Session, 'userId' | 'id' | 'sid'>, handle: string): Promise<void> {
    const others = await this.#data.sessions.others(session.userId, session.id).catch(unavailable)
    await this.#endAll(
      session,
      others.filter((other) => other.handle === handle),
    )
  }

  /** The same for all other sessions. */
  async endOthers(session: Session): Promise<void> {
    await this.#endAll(session, await this.#data.sessions.others(session.userId, session.id).catch(unavailable))
  }

  /** Ends one session of a user by its handle. */
  async endOneOf(userId: string, handle: string): Promise<void> {
    await this.endOther({ userId, id: '', sid: '' }, handle)
  }

  /** Ends every session of a user. */
  async endAllOf(userId: string): Promise<void> {
    await this.#endAll({ userId, sid: '' }, await this.#data.sessions.others(userId, '').catch(unavailable))
  }

  /** Ends the sessions that began at a provider, which says that they are over there. */
  async endUpstream(which: UpstreamSessionQuery): Promise<number> {
    const sessions = await this.#data.sessions.fromUpstream(which).catch(unavailable)
    for (const { userId, ...session } of sessions) await this.#endAll({ userId, sid: '' }, [session])
    return sessions.length
  }

  /** Ends every session of a user, and all that was granted by the user, whatever it hangs on. */
  async endUser(userId: string): Promise<void> {
    await this.endAllOf(userId)
    await this.#revokeAll(userId).catch(unavailable)
  }

  /** What hangs on them first: whatever fails, they are still there to be ended again. */
  async #endAll(
    { userId, sid: own }: Pick<Session, 'userId' | 'sid'>,
    others: readonly Pick<UserSession, 'handle' | 'sid'>[],
  ): Promise<void> {
    for (const { handle, sid } of others) {
      if (sid !== undefined && sid !== own) await this.#endLinks(sid).catch(unavailable)
      await this.#data.sessions.end(userId, handle).catch(unavailable)
    }
    this.#wakeDelivery()
  }

  async #revokeAll(userId: string): Promise<void> {
    await this.#data.store.revokeGrants({ userId }, this.#now())
  }

  async #endLinks(sid: string): Promise<readonly Client[]> {
    const { store, sessionClients } = this.#data
    const now = this.#now()
    await store.revokeGrants({ sessionId: sid }, now)
    const ids = await sessionClients.clientsOf(sid)
    const clients = await Promise.all(ids.map(async (id) => store.findClient(id)))
    await sessionClients.end(sid, now)
    return clients.filter((client) => client !== undefined)
  }
}
