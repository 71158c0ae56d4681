import type { Claims } from 'grantry'
import { generatePassword } from '../accounts/password.ts'
import { passwordProblem } from '../accounts/password-policy.ts'
import { OneTimeLinks } from '../accounts/one-time-links.ts'
import { ResetTickets } from '../accounts/reset-tickets.ts'
import type { ListedPasskey } from '../accounts/passkey-store.ts'
import type { ListedConsent } from '../accounts/consent-store.ts'
import type { UserRecord } from '../accounts/user-directory.ts'
import { usernameProblem } from '../accounts/username.ts'
import { outsideIdOf } from '../users/outside-ids.ts'
import { limitOf, pageOf, type ActorParts, type Page, type PageQuery } from './parts.ts'
import { AdminRefusal, changedMeanwhile, invalid, notFound } from './refusal.ts'

/** A user with what there is beside the record. */
export interface UserDetails extends UserRecord {
  /** Whether a login asks for a second factor. */
  readonly hasSecondFactor: boolean
  /** How many recovery codes are left. */
  readonly recoveryCodes: number
  /** How many passkeys there are. */
  readonly passkeys: number
}

/** A user to make. */
export interface NewUser {
  readonly username: string
  /** Default: one is made. */
  readonly password?: string | undefined
  readonly claims?: Claims | undefined
  readonly isAdmin?: boolean | undefined
}

/** A user whose password was just set. One that was made is here and nowhere else. */
export interface UserWithPassword {
  readonly user: UserRecord
  readonly password: string | undefined
}

/** Claims that the server sets itself. */
const ownClaims = new Set('sub iss aud preferred_username updated_at'.split(' '))

const requireName = (username: string): void => {
  const problem = usernameProblem(username)
  if (problem !== undefined) throw invalid('username', problem)
}

const requireClaims = (claims: Claims): void => {
  const own = Object.keys(claims).find((name) => ownClaims.has(name))
  if (own !== undefined) throw invalid(`claims.${own}`, 'must not be given: the server sets it itself')
}

/** What operators do with users. They are named by id or by user name. */
export class UserAdmin {
  readonly #parts: ActorParts

  constructor(parts: ActorParts) {
    this.#parts = parts
  }

  /** Users in the order of their names; with `search`, those whose name or e-mail address begins so. */
  async list(query: PageQuery & { readonly search?: string | undefined } = {}): Promise<Page<UserRecord>> {
    const { cursor = '', search } = query
    const limit = limitOf(query)
    const found = await this.#parts.data.users.list({ after: cursor, limit: limit + 1, search })
    return pageOf(found, limit, ({ username }) => username)
  }

  /** One user. */
  async show(idOrName: string): Promise<UserDetails> {
    const { totp, passkeys: stored } = this.#parts.data
    const user = await this.#find(idOrName)
    const factor = await totp.find(user.id)
    const recoveryCodes = factor === undefined ? 0 : await totp.countRecoveryCodes(factor.id)
    const { length: passkeys } = await stored.list(user.id)
    return { ...user, hasSecondFactor: factor !== undefined, recoveryCodes, passkeys }
  }

  /** Which clients a user let in, the newest first. */
  async consents(idOrName: string): Promise<readonly ListedConsent[]> {
    const { id } = await this.#find(idOrName)
    return this.#parts.data.consents.list(id)
  }

  /** Makes a user. */
  async create({ username, password: chosen, claims = {}, isAdmin = false }: NewUser): Promise<UserWithPassword> {
    const { data, now, hasOwnUsers } = this.#parts
    if (!hasOwnUsers)
      throw new AdminRefusal('fixed', 'Users come from elsewhere (userView, userEndpoint). Make and change them there.')
    requireName(username)
    requireClaims(claims)
    const { password, hash } = await this.#newPassword(username, chosen)
    const id = await data.accounts.create(username, hash, now(), claims)
    if (id === undefined) throw new AdminRefusal('taken', `There is already a user "${username}". Choose another name.`)
    if (isAdmin) await data.users.setAdmin(id, true)
    this.#log('user.created', id, { isAdmin })
    return { user: await this.#find(id), password: chosen === undefined ? password : undefined }
  }

  /** Changes what clients may be told; what is `undefined` is forgotten. With a version, only where it still is of that. */
  async changeClaims(idOrName: string, change: Claims, version?: string): Promise<UserRecord> {
    const { data, now } = this.#parts
    requireClaims(change)
    const { id, username } = await this.#findLocal(idOrName)
    if (!(await data.users.changeClaims(id, change, now(), version))) throw changedMeanwhile(`The user "${username}"`)
    this.#log('user.changed', id, { members: Object.keys(change) })
    return this.#find(id)
  }

  /** Replaces the password, which ends all logins. */
  async setPassword(idOrName: string, chosen?: string): Promise<UserWithPassword> {
    const user = await this.#findWithName(idOrName)
    const { password, hash } = await this.#newPassword(user.username, chosen)
    await this.#parts.data.accounts.setPassword(user.username, hash)
    await this.#parts.links.endAllOf(user.id)
    this.#log('user.password_reset', user.id)
    return { user, password: chosen === undefined ? password : undefined }
  }

  /** A ticket with which the user sets a new password, once and until the password is another one: for `linkUrl`. It is shown here and never again. */
  async makeResetTicket(idOrName: string, expiresIn: number): Promise<string> {
    const { data, now } = this.#parts
    const { id, username } = await this.#findWithName(idOrName)
    const account = await data.accounts.find(username)
    if (account === undefined) throw notFound('user', idOrName)
    const tickets = new ResetTickets(new OneTimeLinks({ store: data.store, now }))
    const ticket = await tickets.make({ ...account, to: '' }, now() + expiresIn)
    this.#log('user.reset_link_made', id)
    return ticket
  }

  /** A ticket with which somebody makes an account, once, with claims that are known already. */
  async makeInvitation(claims: Claims, expiresIn: number): Promise<string> {
    const { data, now, log, actor } = this.#parts
    requireClaims(claims)
    const links = new OneTimeLinks({ store: data.store, now })
    const ticket = await links.make('sign_up', { payload: claims, expiresAt: now() + expiresIn })
    log({ type: 'user.invited', actor })
    return ticket
  }

  /** Takes the second factor away from a user who has lost it. */
  async removeSecondFactor(idOrName: string): Promise<void> {
    const { id, username } = await this.#find(idOrName)
    if (!(await this.#parts.data.totp.remove(id)))
      throw new AdminRefusal('not_found', `The user "${username}" has no second factor.`)
    this.#log('user.second_factor_removed', id)
  }

  /** The passkeys of a user, the first one first. */
  async passkeys(idOrName: string): Promise<readonly ListedPasskey[]> {
    return this.#parts.data.passkeys.list((await this.#find(idOrName)).id)
  }

  /** Takes a passkey away from a user, and ends all logins: any of them may be by it. */
  async removePasskey(idOrName: string, passkeyId: string): Promise<void> {
    const { id, username } = await this.#find(idOrName)
    if (!(await this.#parts.data.passkeys.remove(id, passkeyId)))
      throw new AdminRefusal('not_found', `The user "${username}" has no passkey "${passkeyId}".`)
    await this.#parts.links.endAllOf(id)
    this.#log('user.passkey_removed', id)
  }

  /** Makes a user an administrator, or takes that away. */
  async setAdmin(idOrName: string, isAdmin: boolean): Promise<UserRecord> {
    const { id } = await this.#find(idOrName)
    await this.#parts.data.users.setAdmin(id, isAdmin)
    this.#log('user.role_changed', id, { isAdmin })
    return this.#find(id)
  }

  /** Disables a user: all logins and all grants end, and nothing new begins. */
  async disable(idOrName: string): Promise<UserRecord> {
    const { id } = await this.#find(idOrName)
    await this.#endAll(id)
    this.#log('user.disabled', id)
    return this.#find(id)
  }

  /** Lets a user log in again. What ended with the disabling stays over. */
  async enable(idOrName: string): Promise<UserRecord> {
    const { id } = await this.#find(idOrName)
    await this.#parts.data.users.setDisabled(id, null)
    this.#log('user.enabled', id)
    return this.#find(id)
  }

  /** Deletes a user with all logins, grants, consents and factors. The user goes last: if anything fails, it can be tried again. */
  async delete(idOrName: string): Promise<UserRecord> {
    const { consents, totp, passkeys, users, identities } = this.#parts.data
    const user = await this.#find(idOrName)
    await this.#endAll(user.id)
    await consents.forgetUser(user.id)
    await totp.remove(user.id)
    await passkeys.removeAll(user.id)
    await identities.forgetUser(user.id)
    await users.delete(user.id)
    this.#log('user.deleted', user.id)
    return user
  }

  /** Disabled first, so that nothing begins while it ends. */
  async #endAll(id: string): Promise<void> {
    const { data, links, now } = this.#parts
    await data.users.setDisabled(id, now())
    await links.endUser(id)
  }

  async #newPassword(username: string, chosen: string | undefined) {
    const problem = chosen === undefined ? undefined : await passwordProblem(chosen, username)
    if (problem !== undefined)
      throw new AdminRefusal('invalid', problem, { problems: [{ member: 'password', problem }] })
    const password = chosen ?? generatePassword()
    return { password, hash: await this.#parts.hashPassword(password) }
  }

  async #find(idOrName: string): Promise<UserRecord> {
    const user = await this.#parts.data.users.find(idOrName)
    if (user === undefined) throw notFound('user', idOrName)
    return user
  }

  /** One whose password and claims are kept here. */
  async #findLocal(idOrName: string): Promise<UserRecord> {
    const user = await this.#find(idOrName)
    if (outsideIdOf(user.id) === undefined) return user
    throw new AdminRefusal('fixed', `The user "${user.username}" comes from elsewhere: change that there.`)
  }

  /** One who logs in by a user name and a password, or may do so once there is one. */
  async #findWithName(idOrName: string): Promise<UserRecord> {
    const user = await this.#findLocal(idOrName)
    if (user.username !== user.id) return user
    throw new AdminRefusal(
      'fixed',
      `The user "${user.shownName}" logs in at another provider, and has no password here.`,
    )
  }

  #log(type: string, userId: string, more: object = {}): void {
    const { log, actor } = this.#parts
    log({ type, actor, userId, ...more })
  }
}
