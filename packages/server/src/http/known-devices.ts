import { createHmac, randomBytes } from 'node:crypto'
import { foldUsername } from '../accounts/account-store.ts'
import { makeCookie, type Cookie } from './cookies.ts'
import { equalSecrets } from './forgery.ts'
import type { PageRequest } from './page-response.ts'

/** Users of one browser that are remembered, the latest first. */
const mostUsers = 5
const lifetime = 180 * 86_400
const syntax = /^[\w-]{22}\.\d{1,12}\.[\w-]{43}(?:~[\w-]{22}\.\d{1,12}\.[\w-]{43}){0,4}$/

interface KnownDevicesOptions {
  /** The secret of the server. */
  readonly secret: string
  readonly isSecure: boolean
}

/**
 * Knows browsers that a user has logged in at, by a signed cookie that lives for 180 days (OWASP, "Slow Down Online Guessing Attacks with Device
 * Cookies"). It has random characters and the time in it, no user name, and logs nobody in.
 */
export class KnownDevices {
  readonly #secret: string
  readonly #cookie: Cookie

  constructor({ secret, isSecure }: KnownDevicesOptions) {
    this.#secret = secret
    this.#cookie = makeCookie('grantry-device', isSecure, { syntax, maxAge: lifetime })
  }

  /** The name of the browser, where this user has logged in at it before; forged and old ones are nothing. */
  find(request: Pick<PageRequest, 'headers'>, username: string, now: number): string | undefined {
    const known = this.#read(request).find((mark) => this.#isOf(mark, username, now))
    return known?.split('.')[0]
  }

  /** The `Set-Cookie` that remembers that a user has logged in at this browser, beside others. */
  remember(request: Pick<PageRequest, 'headers'>, username: string, now: number): string {
    const others = this.#read(request).filter((mark) => !this.#isOf(mark, username, now))
    const id = this.find(request, username, now) ?? randomBytes(16).toString('base64url')
    const mark = `${id}.${now}.${this.#sign(id, String(now), username)}`
    return this.#cookie.write([mark, ...others].slice(0, mostUsers).join('~'))
  }

  #read(request: Pick<PageRequest, 'headers'>): readonly string[] {
    return this.#cookie.read(request)?.split('~') ?? []
  }

  #isOf(mark: string, username: string, now: number): boolean {
    const [id = '', time = '', signature = ''] = mark.split('.')
    return Number(time) + lifetime > now && equalSecrets(signature, this.#sign(id, time, username))
  }

  #sign(id: string, time: string, username: string): string {
    const signed = ['device', id, time, foldUsername(username)].join('\n')
    return createHmac('sha256', this.#secret).update(signed).digest('base64url')
  }
}
