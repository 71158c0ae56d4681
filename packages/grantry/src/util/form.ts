/** Why a form could not be decoded. */
export type FormProblem = { readonly problem: 'malformed' | 'too_many'; readonly name: string }

/** A decoded form. */
export interface Form {
  /** Each name with its value; the first one where it was sent more than once. */
  readonly values: ReadonlyMap<string, string>
  /** The values of the one name that may repeat. */
  readonly repeatable: readonly string[]
  /** Names that were sent more than once and may not be. */
  readonly duplicates: readonly string[]
}

/** Decodes one part of a form: `+` is a space, `%xx` are bytes of UTF-8. Undefined where it cannot be decoded. */
export const decodeFormPart = (text: string): string | undefined => {
  const spaced = text.includes('+') ? text.replaceAll('+', ' ') : text
  if (!spaced.includes('%')) return spaced
  try {
    return decodeURIComponent(spaced)
  } catch {
    return undefined
  }
}

/**
 * Decodes `application/x-www-form-urlencoded` text strictly: broken percent-encoding and more than `limit` parameters are
 * problems, not guesses. Empty values count as absent (RFC 6749 §3.1). Only the name `repeatable` may occur more than once.
 */
export const parseForm = (text: string, repeatableName: string, limit = 100): Form | FormProblem => {
  const values = new Map<string, string>()
  const seen = new Set<string>()
  const repeatable: string[] = []
  const duplicates: string[] = []
  const pairs = text.split('&', limit + 1)
  if (pairs.length > limit) return { problem: 'too_many', name: '' }
  for (const pair of pairs) {
    if (pair === '') continue
    const equals = pair.indexOf('=')
    const name = decodeFormPart(equals < 0 ? pair : pair.slice(0, equals))
    const value = equals < 0 ? '' : decodeFormPart(pair.slice(equals + 1))
    if (name === undefined || value === undefined) return { problem: 'malformed', name: name ?? '' }
    if (name === repeatableName) {
      if (value !== '') repeatable.push(value)
    } else if (seen.has(name)) {
      duplicates.push(name)
    } else {
      seen.add(name)
      if (value !== '') values.set(name, value)
    }
  }
  return { values, repeatable, duplicates }
}
