import { createHash, randomBytes } from 'node:crypto'
import type { Claims, Clock, Store } from 'grantry'
import { unavailable } from './guarded-accounts.ts'

/** What a link is for: a new password, or a new account. */
export type LinkKind = 'password_reset' | 'sign_up'

/** What a link stands for. */
export interface OneTimeLink {
  /** Whatever it was made with. */
  readonly payload: Claims
  /** In seconds. */
  readonly expiresAt: number
}

/** Where links are kept. */
export interface LinkParts {
  readonly store: Pick<Store, 'putTicket' | 'findTicket' | 'consumeTicket'>
  readonly now: Clock
}

const paths: Readonly<Record<LinkKind, string>> = { password_reset: '/reset-password', sign_up: '/sign-up' }

/** The URL of a page that takes a ticket, below an issuer. */
export const linkUrl = (issuer: string, kind: LinkKind, ticket: string): string =>
  `${issuer.replace(/\/$/, '')}${paths[kind]}?ticket=${ticket}`

const digestOf = (ticket: string): string => createHash('sha256').update(ticket).digest('base64url')

/** Makes the tickets in links that are good once, whichever node gets them. The store has digests only. */
export class OneTimeLinks {
  readonly #parts: LinkParts

  constructor(parts: LinkParts) {
    this.#parts = parts
  }

  /** A ticket of 256 random bits, which is shown here and never again. */
  async make(kind: LinkKind, { payload, expiresAt }: OneTimeLink): Promise<string> {
    const ticket = randomBytes(32).toString('base64url')
    const digest = digestOf(ticket)
    const row = { kind, digest, altDigest: digest, clientId: '', grantId: undefined, state: 'single', interval: 0 }
    const isSaved = await this.#ask((store, now) => store.putTicket({ ...row, payload, expiresAt }, now))
    if (!isSaved) throw new Error('a random ticket is taken')
    return ticket
  }

  /** What a ticket is for that is good still. */
  async find(kind: LinkKind, ticket: string): Promise<OneTimeLink | undefined> {
    const digest = digestOf(ticket)
    return this.#ask((store, now) => store.findTicket(kind, digest, now))
  }

  /** The same, and it is used up by that. If two callers got it, one link made two passwords. */
  async use(kind: LinkKind, ticket: string): Promise<OneTimeLink | undefined> {
    const presented = { kind, digest: digestOf(ticket), clientId: '' }
    const row = await this.#ask((store, now) => store.consumeTicket({ ...presented, now }, 'single'))
    return row === 'reused' ? undefined : row
  }

  async #ask<Answer>(question: (store: LinkParts['store'], now: number) => Answer): Promise<Awaited<Answer>> {
    try {
      return await question(this.#parts.store, this.#parts.now())
    } catch (cause) {
      return unavailable(cause)
    }
  }
}
