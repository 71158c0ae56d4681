import { createHash, createHmac, randomBytes } from 'node:crypto'
import type { Logout, Store } from 'grantry'
import { addressBlock, isNearby } from '../accounts/address-block.ts'
import { unavailable } from '../accounts/guarded-accounts.ts'
import type { KnownUser } from '../accounts/password-login.ts'
import type { WaysIn } from '../accounts/ways-in.ts'
import type { Issuer } from '../issuer.ts'
import { withDeadline } from '../request-deadline.ts'
import type { Identity, IdentityKey, IdentityStore, PendingUpstream } from './identity-store.ts'
import { Upstream, type AskedLogin, type UpstreamChecks, type UpstreamLogin, type UpstreamParts } from './upstream.ts'
import type { UpstreamSettings } from './upstream-settings.ts'

/** What logins at other providers work with. */
export interface UpstreamsParts extends UpstreamParts {
  readonly settings: readonly UpstreamSettings[]
  readonly identities: IdentityStore
  readonly store: Pick<Store, 'countAttempt' | 'markSeen'>
  readonly issuer: Issuer
  /** Nonces and code verifiers are made with it. */
  readonly secret: string
}

/** A login that begins. */
export interface BegunLogin extends Omit<PendingUpstream, 'upstream' | 'maxAge'> {
  readonly asked: AskedLogin
  /** A secret that only this browser has. */
  readonly browser: string
}

/** Where a session at a provider is ended. */
export interface UpstreamLogout {
  readonly href: string
  readonly label: string
}

/** Seconds for a login there. */
const lifetime = 600
const mostBegun = { most: 60, windowSeconds: 300 }

/** The path at which a browser sets out to a provider; it comes back to `/callback` below it. */
export const upstreamPath = (path: string, id: string): string => `${path}/login/via/${id}`

const guard = async <Answer>(ask: () => Answer | Promise<Answer>): Promise<Answer> => {
  try {
    return await ask()
  } catch (thrown) {
    return unavailable(thrown)
  }
}

/** The providers that users log in at, and what comes of it. Failures of the database are answered with 503. */
export class Upstreams {
  readonly all: readonly Upstream[]
  readonly #parts: UpstreamsParts

  constructor(parts: UpstreamsParts) {
    const { settings, issuer } = parts
    this.#parts = parts
    this.all = settings.map((each) => {
      const redirectUri = `${issuer.origin}${upstreamPath(issuer.path, each.id)}/callback`
      return new Upstream(each, redirectUri, parts)
    })
  }

  /** Where to send a browser that sets out. Throws where the provider does not answer. */
  async begin(upstream: Upstream, { browser, target, userId, asked }: BegunLogin): Promise<string> {
    const { identities, now } = this.#parts
    const state = randomBytes(32).toString('base64url')
    const { maxAge } = asked
    const url = await upstream.authorizationUrl(this.#checksOf(state, maxAge), asked)
    const pending = { upstream: upstream.settings.id, target, userId, maxAge }
    await guard(() => withDeadline(() => identities.begin({ state, browser }, pending, now() + lifetime)))
    return url
  }

  /** Whether so many began from an address that it is one too many. */
  async isTooMany(address: string): Promise<boolean> {
    const { store, now } = this.#parts
    if (isNearby(address)) return false
    const { most, windowSeconds } = mostBegun
    return (await guard(() => store.countAttempt('upstream', addressBlock(address), windowSeconds, now()))) > most
  }

  /** What a browser set out for, once; undefined for another browser, another provider, and too late. */
  finish(upstream: Upstream, state: string, browser: string): Promise<PendingUpstream | undefined> {
    const { identities, now } = this.#parts
    return guard(() => identities.finish({ state, browser }, upstream.settings.id, now()))
  }

  /** Who comes back from a provider. Throws for an answer that is not the one that was asked for. */
  login(upstream: Upstream, query: string, { maxAge }: Pick<PendingUpstream, 'maxAge'>): Promise<UpstreamLogin> {
    const state = new URLSearchParams(query).get('state') ?? ''
    return upstream.login(query, this.#checksOf(state, maxAge))
  }

  /** Where users end the session at a provider that theirs began at. */
  async logoutAt(issuer: string | undefined): Promise<UpstreamLogout | undefined> {
    const upstream = this.all.find(({ settings }) => settings.issuer === issuer)
    const href = await upstream?.logoutUrl()
    return upstream && href !== undefined ? { href, label: upstream.settings.label } : undefined
  }

  /** A logout that a provider tells of, once; undefined for a token that is not valid, or came before. */
  async readLogout(upstream: Upstream, token: string): Promise<Logout | undefined> {
    const { store, now } = this.#parts
    const logout = await upstream.readLogout(token, now)
    if (logout === undefined) return undefined
    const digest = createHash('sha256').update(`${upstream.settings.issuer}\n${logout.tokenId}`).digest('base64url')
    const isNew = await guard(() => store.markSeen('upstream_logout', digest, logout.expiresAt + 60, now()))
    return isNew ? logout : undefined
  }

  /** The user that a login belongs to; one is made where that is the policy. */
  async userOf({ settings }: Upstream, login: UpstreamLogin): Promise<KnownUser | undefined> {
    const { identities, now } = this.#parts
    const { shownName, claims } = login
    const known = await guard(() => identities.find(login))
    if (known !== undefined) await guard(() => identities.update(known.id, shownName, claims, now()))
    else if (settings.unknownUsers === 'create')
      await guard(() => identities.createUser(login, shownName, claims, now()))
    else return undefined
    return guard(() => identities.find(login))
  }

  /** Gives a login to a user; false where it is someone else's. */
  async connect(login: UpstreamLogin, userId: string): Promise<boolean> {
    const { identities, now } = this.#parts
    return (await guard(() => identities.link(login, userId, login.shownName, now()))) === userId
  }

  /** The logins of a user. */
  listOf(userId: string): Promise<readonly Identity[]> {
    return guard(() => this.#parts.identities.list(userId))
  }

  /** Whether a user has a password in the database of the server. */
  hasPassword(userId: string): Promise<boolean> {
    return guard(() => this.#parts.identities.hasPassword(userId))
  }

  /** Takes a login away from a user; false where it is the last of the ways in. */
  disconnect(userId: string, key: IdentityKey, ways: WaysIn): Promise<boolean> {
    return guard(() => this.#parts.identities.unlink(userId, key, ways))
  }

  /** Nothing secret has to be kept of a login that is under way: it is made of the state. */
  #checksOf(state: string, maxAge: number | undefined): UpstreamChecks {
    const derive = (use: string): string =>
      createHmac('sha256', this.#parts.secret).update(`upstream ${use}\n${state}`).digest('base64url')
    return { state, nonce: derive('nonce'), verifier: derive('verifier'), maxAge }
  }
}
