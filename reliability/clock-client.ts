import { randomUUID } from 'node:crypto'
import type { Store } from 'grantry'
import { member, post, type Answer } from './kill-client.ts'
import { codeOf, type Credentials } from '../packages/grantry/src/testing/sample-provider.ts'

/** What a client has from a code. */
export interface Held {
  readonly code: string
  readonly access: string
  /** The newest refresh token. */
  readonly refresh: string
}

/** A client of one server, or of another one on the same data. */
export class ClockClient {
  readonly #target: { readonly url: string; readonly credentials: Credentials }
  readonly #store: Store

  constructor(url: string, credentials: Credentials, store: Store) {
    this.#target = { url, credentials }
    this.#store = store
  }

  /** A code that was approved at `now`. */
  async newCode(now: number): Promise<string> {
    const code = randomUUID()
    await this.#store.putCode(...codeOf(code, this.#target.credentials.client_id, randomUUID(), now))
    return code
  }

  /** A token for the client itself. */
  async own(): Promise<string> {
    return member(await post(this.#target, '/token', { grant_type: 'client_credentials' }), 'access_token')
  }

  redeem(code: string): Promise<Answer> {
    return post(this.#target, '/token', { grant_type: 'authorization_code', code })
  }

  refresh(token: string): Promise<Answer> {
    return post(this.#target, '/token', { grant_type: 'refresh_token', refresh_token: token })
  }

  /** Redeems a new code. */
  async hold(now: number): Promise<Held> {
    const code = await this.newCode(now)
    const answer = await this.redeem(code)
    return { code, access: member(answer, 'access_token'), refresh: member(answer, 'refresh_token') }
  }

  async revoke(token: string): Promise<void> {
    const { status } = await post(this.#target, '/revoke', { token })
    if (status !== 200) throw new Error(`A revocation was answered ${status}.`)
  }

  async isActive(token: string): Promise<boolean> {
    return (await post(this.#target, '/introspect', { token })).members['active'] === true
  }

  /** How many of these are active. */
  async active(tokens: readonly string[]): Promise<number> {
    return (await Promise.all(tokens.map((token) => this.isActive(token)))).filter(Boolean).length
  }
}

/** Does something so many times, one after the other. */
export const times = async <Result>(count: number, run: () => Promise<Result>): Promise<Result[]> => {
  const results: Result[] = []
  for (let index = 0; index < count; index++) results.push(await run())
  return results
}
