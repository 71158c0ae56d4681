import { setTimeout } from 'node:timers/promises'
import { member, post, redeem, type Answer, type Target } from './kill-client.ts'
import { Journal, type Family, type JournalledCode } from './kill-journal.ts'

/** What clients saw of a server whose disk is full from time to time. */
export class DiskFullClient {
  readonly journal = new Journal(() => undefined)
  /** Answers 503 with `Retry-After`. */
  unavailable = 0
  /** Answers that are neither that nor a success, such as `invalid_grant` for a good code. */
  wrong = 0
  readonly #target: Target
  #isWorking = true

  constructor(target: Target) {
    this.#target = target
  }

  /** Works until `stop`: a client gets tokens for itself, redeems codes, refreshes and revokes. */
  async work(codes: JournalledCode[]): Promise<void> {
    const first = codes.pop()
    if (first !== undefined) await this.#redeem(first)
    for (let round = 0; this.#isWorking; round++) {
      const token = await this.#own()
      if (first !== undefined) await this.#refresh(first.family)
      if (round % 4 === 0) await this.#redeem(codes.pop())
      if (round % 4 === 2 && token !== undefined) await this.#revoke(token)
      await setTimeout(2)
    }
  }

  stop(): void {
    this.#isWorking = false
  }

  /** Whether a client gets a token now. */
  async isServed(): Promise<boolean> {
    return (await this.#own()) !== undefined
  }

  #note({ status, retryAfter }: Answer): boolean {
    if (status === 200) this.journal.acknowledge()
    else if (status === 503 && retryAfter !== null) this.unavailable++
    else this.wrong++
    return status === 200
  }

  async #own() {
    const answer = await post(this.#target, '/token', { grant_type: 'client_credentials' })
    return this.#note(answer) ? this.journal.addToken(member(answer, 'access_token')) : undefined
  }

  async #redeem(entry: JournalledCode | undefined): Promise<void> {
    if (entry !== undefined) this.#note(await redeem(this.#target, entry, this.journal))
  }

  async #refresh(family: Family): Promise<void> {
    if (family.refreshToken === undefined) return
    const fields = { grant_type: 'refresh_token', refresh_token: family.refreshToken }
    const answer = await post(this.#target, '/token', fields)
    if (!this.#note(answer)) return
    family.refreshToken = member(answer, 'refresh_token')
    this.journal.addToken(member(answer, 'access_token'), family)
  }

  async #revoke(entry: { readonly token: string; state: string }): Promise<void> {
    entry.state = 'unknown'
    if (this.#note(await post(this.#target, '/revoke', { token: entry.token }))) entry.state = 'ended'
  }
}
