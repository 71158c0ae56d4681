import type { OAuthRequest } from '../core/oauth-request.ts'
import type { ModelCode, ModelToken, ModelUser } from './model.ts'

/** What became known during one request, in the words of the model. */
export interface Note {
  /** The code that is redeemed. */
  redeemedCode?: string
  /** On whose behalf a client acts by itself. */
  user?: ModelUser
  /** The code that was saved. */
  code?: ModelCode
  /** The tokens that were saved. */
  token?: ModelToken
}

/** Notes by request: by its headers, which begin it, and by its state, which reaches the tokens. */
export class Notes {
  readonly #notes = new WeakMap<object, Note>()

  /** The note of headers or of a state. */
  of(key: object): Note {
    const note = this.#notes.get(key) ?? {}
    this.#notes.set(key, note)
    return note
  }

  /** The note of a request, found by its state from now on as well. */
  ofRequest({ headers, state }: Pick<OAuthRequest, 'headers' | 'state'>): Note {
    const note = this.of(headers)
    this.#notes.set(state, note)
    return note
  }
}

/** Remembers what records of ours were made from. */
export class Origins<Ours extends object, Theirs> {
  readonly #origins = new WeakMap<Ours, Theirs>()

  /** Notes where a record comes from, and returns it. */
  link(ours: Ours, theirs: Theirs): Ours {
    this.#origins.set(ours, theirs)
    return ours
  }

  /** Where it comes from. */
  of(ours: Ours): Theirs | undefined {
    return this.#origins.get(ours)
  }
}
