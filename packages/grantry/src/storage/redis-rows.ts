const wrong = (): TypeError => new TypeError('Redis gave an answer of the wrong type.')

/** An answer that is text. */
export const text = (value: unknown): string => {
  if (typeof value === 'string') return value
  throw wrong()
}

/** An answer that is text, where there is any. */
export const optional = (value: unknown): string | undefined => (value === null ? undefined : text(value))

/** An answer that is a number; members of rows come as text. */
export const number = (value: unknown): number => {
  const read = typeof value === 'string' && value !== '' ? Number(value) : value
  if (typeof read === 'number' && Number.isFinite(read)) return read
  throw wrong()
}

/** An answer that is a list. */
export const list = (value: unknown): readonly unknown[] => {
  if (Array.isArray(value)) return value
  throw wrong()
}

/** Whether a script that answers 0 or 1 did what it was asked. */
export const isOne = (value: unknown): boolean => number(value) === 1

/** A record that was saved as JSON. Only this store writes to its keys, so whoever reads it knows its type. */
export const record = (value: unknown): object => {
  const read: unknown = JSON.parse(text(value))
  if (typeof read === 'object' && read !== null) return read
  throw wrong()
}

/** A limit that Redis can count to: none below 0, none without end. */
export const countable = (limit: number): number => Math.min(Math.max(limit, 0), Number.MAX_SAFE_INTEGER)
