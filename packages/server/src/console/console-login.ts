import { createHash } from 'node:crypto'
import type { HttpResponse, OpenIdServer } from 'grantry'
import type { UserDirectory } from '../accounts/user-directory.ts'
import type { UserSessions } from '../accounts/user-sessions.ts'
import { decodeJwt } from '../decode-jwt.ts'
import { queryOf } from '../http/form.ts'
import { seeOther, type PageRequest } from '../http/page-response.ts'
import { acrValues } from '../http/authentication-classes.ts'
import type { Issuer } from '../issuer.ts'
import { callbackOf, consoleClientId } from './console-client.ts'
import type { ConsoleCookies, ConsoleSession } from './console-session.ts'

/** What logins of administrators work with. */
export interface ConsoleLoginParts {
  readonly server: Pick<OpenIdServer, 'handle'>
  readonly issuer: Issuer
  /** Of the console. */
  readonly url: string
  /** Of its client. */
  readonly secret: string
  readonly needsSecondFactor: boolean
  readonly cookies: ConsoleCookies
  readonly users: Pick<UserDirectory, 'find'>
  readonly sessions: Pick<UserSessions, 'keepAlive'>
  readonly now: () => number
}

/** Why nobody is let in. */
export type LoginRefusal = 'notAdmin' | 'needsSecondFactor' | 'loginFailed'

const strongest = acrValues[0]

/** Lets administrators in by the authorization endpoint of this very server: code and PKCE, as any client does it. */
export class ConsoleLogin {
  readonly #parts: ConsoleLoginParts

  constructor(parts: ConsoleLoginParts) {
    this.#parts = parts
  }

  /** Sends the browser to log in; `prompt` is as in OpenID Connect. */
  start(http: PageRequest, to: string, prompt?: 'login'): HttpResponse {
    const { issuer, url, cookies, needsSecondFactor } = this.#parts
    const { state, nonce, verifier, cookie } = cookies.startLogin(http, to)
    const claims = { id_token: { acr: { essential: true, values: [strongest] } } }
    const query = new URLSearchParams({
      ...{ response_type: 'code', client_id: consoleClientId, redirect_uri: callbackOf(url), scope: 'openid' },
      ...{ state, nonce, code_challenge_method: 'S256', ui_locales: http.messages.lang },
      code_challenge: createHash('sha256').update(verifier).digest('base64url'),
      acr_values: acrValues.join(' '), // who has a second factor gives it
      ...(needsSecondFactor && { claims: JSON.stringify(claims) }),
      ...(prompt !== undefined && { prompt }),
    })
    return seeOther(`${issuer.origin}${issuer.path}/authorize?${query.toString()}`, cookie)
  }

  /** Takes the answer: the page to go on to with the cookies of the session, or why there is none. */
  async finish(http: PageRequest): Promise<HttpResponse | LoginRefusal> {
    const { cookies, needsSecondFactor, issuer } = this.#parts
    const answer = new URLSearchParams(queryOf(http.url))
    const login = cookies.readLogin(http, answer.get('state') ?? '')
    if (login === undefined || answer.get('iss') !== issuer.url) return 'loginFailed' // RFC 9207 §2.4
    if (answer.get('error') === 'unmet_authentication_requirements') return 'needsSecondFactor'
    const claims = await this.#redeem(answer.get('code') ?? '', login.verifier)
    const { sub, sid, nonce, acr } = claims ?? {}
    if (typeof sub !== 'string' || typeof sid !== 'string' || nonce !== login.nonce) return 'loginFailed'
    if (needsSecondFactor && acr !== strongest) return 'needsSecondFactor'
    if ((await this.#admin({ userId: sub, sid })) === undefined) return 'notAdmin'
    return seeOther(login.to, ...cookies.begin({ userId: sub, sid }))
  }

  /** Who is at a browser: only an administrator whose session at the server is live. */
  async find(http: PageRequest): Promise<{ readonly session: ConsoleSession; readonly username: string } | undefined> {
    const session = this.#parts.cookies.read(http)
    const user = session && (await this.#admin(session))
    return session && user && { session, username: user.shownName }
  }

  async #admin({ userId, sid }: Pick<ConsoleSession, 'userId' | 'sid'>) {
    const { users, sessions, now } = this.#parts
    if (!(await sessions.keepAlive(userId, sid, now()))) return undefined
    const user = await users.find(userId)
    return user?.isAdmin === true && user.disabledAt === undefined ? user : undefined
  }

  /** The claims of the ID token, which comes from this very process and needs no signature to be believed. */
  async #redeem(code: string, verifier: string): Promise<Readonly<Record<string, unknown>> | undefined> {
    const { server, issuer, url, secret } = this.#parts
    const headers = new Headers({
      Authorization: `Basic ${Buffer.from(`${consoleClientId}:${secret}`).toString('base64')}`,
      'Content-Type': 'application/x-www-form-urlencoded',
    })
    const fields = { grant_type: 'authorization_code', code, redirect_uri: callbackOf(url), code_verifier: verifier }
    const text = (): Promise<string> => Promise.resolve(new URLSearchParams(fields).toString())
    const answer = await server.handle({ method: 'POST', url: `${issuer.path}/token`, headers, text })
    if (answer.status !== 200) return undefined
    const { id_token: idToken = '' } = JSON.parse(answer.body) as { id_token?: string } // OpenID Connect Core §3.1.3.3
    return decodeJwt(idToken)?.claims
  }
}
