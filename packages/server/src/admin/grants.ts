import { isDocumentId } from '../client-record.ts'
import type { GrantOwner, GrantRecord } from '../database/grant-directory.ts'
import { limitOf, pageOf, type ActorParts, type Page, type PageQuery } from './parts.ts'
import { invalid, notFound } from './refusal.ts'

/** Which grants to list. One of user and client must be named. */
export interface GrantListQuery extends PageQuery, GrantOwner {
  /** Also those that are over and still kept. */
  readonly all?: boolean | undefined
}

const cursorOf = ({ createdAt, id }: GrantRecord): string => `${createdAt}.${id}`

const readCursor = (cursor: string): Pick<GrantRecord, 'createdAt' | 'id'> => {
  const [, createdAt, id] = /^(\d{1,12})\.([\w-]{1,64})$/.exec(cursor) ?? []
  if (createdAt === undefined || id === undefined) throw invalid('cursor', 'must be what a page before said in next')
  return { createdAt: Number(createdAt), id }
}

/** What operators do with what users let clients have. */
export class GrantAdmin {
  readonly #parts: ActorParts

  constructor(parts: ActorParts) {
    this.#parts = parts
  }

  /** The grants of a user, of a client, or of a user at a client; the newest first. */
  async list({ userId, clientId, all = false, ...query }: GrantListQuery): Promise<Page<GrantRecord>> {
    if (userId === undefined && clientId === undefined) throw invalid('user', 'must be given, or a client')
    const { data, now } = this.#parts
    const limit = limitOf(query)
    const before = query.cursor === undefined ? undefined : readCursor(query.cursor)
    const liveAt = all ? undefined : now()
    const found = await data.grants.list({ userId, clientId, before, limit: limit + 1, liveAt })
    return pageOf(found, limit, cursorOf)
  }

  /** The id of a client by which its grants are asked for: of one that there is, or that is known by its document. */
  async clientIdOf(id: string): Promise<string> {
    if (isDocumentId(id) || (await this.#parts.data.store.findClient(id)) !== undefined) return id
    throw notFound('client', id)
  }

  /** One grant. */
  async show(id: string): Promise<GrantRecord> {
    const grant = await this.#parts.data.grants.find(id)
    if (grant === undefined) throw notFound('grant', id)
    return grant
  }

  /** Ends a grant with all that was issued from it; one that is over stays so. */
  async revoke(id: string): Promise<GrantRecord> {
    const { data, now, log, actor } = this.#parts
    const { clientId, userId } = await this.show(id)
    await data.store.revokeGrant(id, now())
    log({ type: 'grant.revoked', actor, grantId: id, clientId, userId })
    return this.show(id)
  }

  /**
   * Ends all grants of a user, of a client, or of a user at a client, and says how many were live. Consents are forgotten too, or the next visit
   * would bring back without a question what has just ended.
   */
  async revokeAll(owner: GrantOwner): Promise<number> {
    const { userId, clientId } = owner
    if (userId === undefined && clientId === undefined) throw invalid('user', 'must be given, or a client')
    const { data, now, log, actor } = this.#parts
    const before = await data.store.revokeGrants({ userId, clientId }, now())
    await this.#forgetConsents(owner)
    const meanwhile = await data.store.revokeGrants({ userId, clientId }, now())
    log({ type: 'grant.revoked', actor, userId, clientId, count: before + meanwhile })
    return before + meanwhile
  }

  async #forgetConsents({ userId, clientId }: GrantOwner): Promise<void> {
    const { consents } = this.#parts.data
    if (userId !== undefined && clientId !== undefined) return consents.forget({ userId, clientId })
    if (userId !== undefined) return consents.forgetUser(userId)
    if (clientId !== undefined) return consents.forgetClient(clientId)
  }
}
