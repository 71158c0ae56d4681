import { createHmac } from 'node:crypto'
import type { Clock } from 'grantry'
import type { Account, UpstreamSession } from '../accounts/account-tables.ts'
import { makeCookie, type Cookie } from './cookies.ts'
import { equalSecrets } from './forgery.ts'
import type { PageRequest } from './page-response.ts'

/** Seconds between the password and the code. */
const lifetime = 300
const tolerance = 60

/** Someone whose password was right, and who has not given the second factor yet. */
export interface PendingAccount extends Pick<Account, 'id' | 'username' | 'passwordVersion'> {
  /** Where the login was at another provider: the methods of this server alone are told. */
  readonly upstream?: (UpstreamSession & { readonly id: string }) | undefined
}

interface Sealed extends PendingAccount {
  readonly time: number
}

/** What pending logins are made of. */
export interface PendingLoginOptions {
  readonly secret: string
  readonly isSecure: boolean
  readonly now: Clock
}

/** The path of the page that asks for the second factor. */
export const secondFactorPath = (path: string, to: string): string => `${path}/login/code?to=${encodeURIComponent(to)}`

/**
 * Remembers that a browser gave the right password, for five minutes, by a signed cookie that is bound to the cookie of its login page. It starts
 * nothing by itself.
 */
export class PendingLogin {
  readonly #secret: string
  readonly #cookie: Cookie
  readonly #now: Clock

  constructor({ secret, isSecure, now }: PendingLoginOptions) {
    this.#secret = secret
    this.#cookie = makeCookie('grantry-second-factor', isSecure, { syntax: /^[\w-]{1,3000}\.[\w-]{43}$/ })
    this.#now = now
  }

  /** The `Set-Cookie` after the right password; `browser` is the secret of the login page. */
  write({ id, username, passwordVersion, upstream }: PendingAccount, browser: string): string {
    const sealed: Sealed = { id, username, passwordVersion, upstream, time: this.#now() }
    const text = Buffer.from(JSON.stringify(sealed)).toString('base64url')
    return this.#cookie.write(`${text}.${this.#sign(text, browser)}`)
  }

  /** Who gave the right password at this browser; forged, old and foreign ones are nothing. */
  read(request: Pick<PageRequest, 'headers'>, browser: string): PendingAccount | undefined {
    const [text = '', signature = ''] = this.#cookie.read(request)?.split('.') ?? []
    if (!equalSecrets(signature, this.#sign(text, browser))) return undefined
    const { time, ...account } = JSON.parse(Buffer.from(text, 'base64url').toString()) as Sealed // only this class signs it
    const age = this.#now() - time
    return age > lifetime || age < -tolerance ? undefined : account
  }

  /** The `Set-Cookie` that takes it away, where it is there. */
  clear(request: Pick<PageRequest, 'headers'>): readonly string[] {
    return this.#cookie.read(request) === undefined ? [] : [this.#cookie.clear()]
  }

  #sign(text: string, browser: string): string {
    return createHmac('sha256', this.#secret).update(['second factor', browser, text].join('\n')).digest('base64url')
  }
}
