import type { Account } from './account-tables.ts'
import type { OneTimeLinks } from './one-time-links.ts'

/** Whose password a link replaces: the one of that version, so that a link is over as soon as the password is another one. */
export interface ResetTicket extends Pick<Account, 'id' | 'username' | 'passwordVersion'> {
  /** Where the user goes on to log in. */
  readonly to: string
}

/** Makes and takes the tickets of links for a new password. */
export class ResetTickets {
  readonly #links: OneTimeLinks

  constructor(links: OneTimeLinks) {
    this.#links = links
  }

  /** A ticket for one user. */
  make({ id, username, passwordVersion, to }: ResetTicket, expiresAt: number): Promise<string> {
    return this.#links.make('password_reset', { payload: { id, username, passwordVersion, to }, expiresAt })
  }

  /** Whom a ticket is for. */
  async find(ticket: string): Promise<ResetTicket | undefined> {
    return read(await this.#links.find('password_reset', ticket))
  }

  /** The same, once. */
  async use(ticket: string): Promise<ResetTicket | undefined> {
    return read(await this.#links.use('password_reset', ticket))
  }
}

const read = (link: Awaited<ReturnType<OneTimeLinks['find']>>): ResetTicket | undefined =>
  link === undefined ? undefined : (link.payload as unknown as ResetTicket) // only this file makes links of this kind
