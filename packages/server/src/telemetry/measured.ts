/** Something that took its time, and is not told in the log. */
export interface Measured {
  readonly kind: 'database' | 'outbound'
  /** What was done, of a fixed list: `rotateRefreshToken`, `select session`. That of a request to another server is its host. */
  readonly name: string
  /** The statement, with places for its values and without them. */
  readonly text?: string | undefined
  readonly ms: number
  /** Why it failed, as a code; undefined where it did not. */
  readonly problem: string | undefined
}

/** Receives what took its time. It must not throw. */
export type Observe = (measured: Measured) => void

/** The code of what was thrown: that of a database or the system, or the name of its class. */
export const problemOf = (thrown: unknown): string => {
  if (!(thrown instanceof Error)) return 'unknown'
  if ('code' in thrown && typeof thrown.code === 'string') return thrown.code
  return thrown.constructor.name
}
