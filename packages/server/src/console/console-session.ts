import { createHmac, randomBytes } from 'node:crypto'
import { makeCookie, type Cookie } from '../http/cookies.ts'
import { equalSecrets } from '../http/forgery.ts'
import type { PageRequest } from '../http/page-response.ts'

/** An administrator at a browser. */
export interface ConsoleSession {
  /** Forms are bound to it. */
  readonly id: string
  readonly userId: string
  /** The session at the server that it is of: it ends with that. */
  readonly sid: string
}

/** What a login at the server is bound to: all of it is made of the secret in a cookie of the browser. */
export interface PendingConsoleLogin {
  readonly state: string
  readonly nonce: string
  /** For PKCE. */
  readonly verifier: string
}

/** The cookies of the console. What they say is signed with the secret of the server. */
export class ConsoleCookies {
  readonly #secret: string
  readonly #session: Cookie
  readonly #login: Cookie

  constructor(secret: string, isSecure: boolean) {
    this.#secret = secret
    this.#session = makeCookie('grantry-console', isSecure, { syntax: /^[\w-]{1,600}\.[\w-]{43}$/ })
    this.#login = makeCookie('grantry-console-login', isSecure)
  }

  /** The `Set-Cookie`s of a session that begins. */
  begin({ userId, sid }: Omit<ConsoleSession, 'id'>): readonly string[] {
    const session: ConsoleSession = { id: randomBytes(32).toString('base64url'), userId, sid }
    const text = Buffer.from(JSON.stringify(session)).toString('base64url')
    return [this.#session.write(`${text}.${this.#sign('session', text)}`), this.#login.clear()]
  }

  /** The session of a browser, as it was signed; whether it is live is asked elsewhere. */
  read(request: Pick<PageRequest, 'headers'>): ConsoleSession | undefined {
    const [text = '', signature = ''] = this.#session.read(request)?.split('.') ?? []
    if (!equalSecrets(signature, this.#sign('session', text))) return undefined
    return JSON.parse(Buffer.from(text, 'base64url').toString()) as ConsoleSession // only this class signs it
  }

  /** The `Set-Cookie` that takes it away. */
  end(): string {
    return this.#session.clear()
  }

  /** Begins a login that leads to a page, in a browser that may have another one under way. */
  startLogin(request: Pick<PageRequest, 'headers'>, to: string): PendingConsoleLogin & { readonly cookie: string } {
    const secret = this.#login.read(request) ?? randomBytes(32).toString('base64url')
    const target = Buffer.from(to).toString('base64url')
    const state = `${target}.${this.#sign(`state ${secret}`, target)}`
    return { ...this.#derive(secret), state, cookie: this.#login.write(secret) }
  }

  /** The login that an answer is to, with the page that it leads to; undefined where it was begun in no browser like this. */
  readLogin(request: Pick<PageRequest, 'headers'>, state: string) {
    const secret = this.#login.read(request)
    const [target = '', signature = ''] = state.split('.')
    if (secret === undefined || !equalSecrets(signature, this.#sign(`state ${secret}`, target))) return undefined
    return { ...this.#derive(secret), to: Buffer.from(target, 'base64url').toString() }
  }

  #derive(secret: string): Pick<PendingConsoleLogin, 'nonce' | 'verifier'> {
    return { nonce: this.#sign('nonce', secret), verifier: this.#sign('verifier', secret) }
  }

  #sign(purpose: string, text: string): string {
    return createHmac('sha256', this.#secret).update(`console ${purpose}\n${text}`).digest('base64url')
  }
}
