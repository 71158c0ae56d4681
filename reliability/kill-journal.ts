/** Whether something is live by what was acknowledged; `unknown` while an answer that ends it is out. */
export type Expected = 'live' | 'ended' | 'unknown'

/** A family as its client knows it. */
export interface Family {
  state: Expected
  /** The newest acknowledged refresh token. */
  refreshToken: string | undefined
}

/** An access token that was acknowledged. */
export interface JournalledToken {
  readonly token: string
  state: Expected
  readonly family: Family | undefined
}

/** A code, with how often it was presented and how often that was answered with tokens. */
export interface JournalledCode {
  readonly code: string
  readonly family: Family
  presented: number
  answers: number
}

/** What a client was told between a start of the server and the kill. */
export class Journal {
  readonly tokens: JournalledToken[] = []
  readonly codes: JournalledCode[] = []
  /** Answers of success. */
  acknowledged = 0
  /** Answers that refuse what should have worked, of a server that is not being killed. */
  refused = 0
  readonly #onAcknowledged: (count: number) => void

  constructor(onAcknowledged: (count: number) => void) {
    this.#onAcknowledged = onAcknowledged
  }

  /** Notes an answer of success; whoever kills learns of it at once. */
  acknowledge(): void {
    this.acknowledged++
    this.#onAcknowledged(this.acknowledged)
  }

  /** Notes an access token. */
  addToken(token: string, family?: Family): JournalledToken {
    const entry: JournalledToken = { token, state: 'live', family }
    this.tokens.push(entry)
    return entry
  }

  /** Notes a code of a new family. */
  addCode(code: string): JournalledCode {
    const entry: JournalledCode = { code, family: { state: 'live', refreshToken: undefined }, presented: 0, answers: 0 }
    this.codes.push(entry)
    return entry
  }
}
