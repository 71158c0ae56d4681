/** Why a form could not be decoded. */
export type FormProblem = { readonly problem: 'malformed' | 'too_many' }

/** A decoded form. */
export interface Form {
  /** Each name with its value. */
  readonly values: ReadonlyMap<string, string>
  /** The values of the one name that may repeat. */
  readonly repeatable: readonly string[]
  /** Names that were sent more than once and may not be. */
  readonly duplicates: readonly string[]
}

const decodeEscapes = (text: string): string | undefined => {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    return undefined
  }
}

/** Decodes one part of a form: `+` is a space, `%xx` are bytes of UTF-8. Undefined where it cannot be decoded. */
export const decodeFormPart = (text: string): string | undefined => (/[+%]/.test(text) ? decodeEscapes(text) : text)

const decodePair = (pair: string): readonly [name: string | undefined, value: string | undefined] => {
  const end = pair.indexOf('=')
  return end < 0
    ? [decodeFormPart(pair), '']
    : [decodeFormPart(pair.slice(0, end)), decodeFormPart(pair.slice(end + 1))]
}

/**
 * Decodes `application/x-www-form-urlencoded` text strictly, which `URLSearchParams` does not: broken percent-encoding, bytes that are not
 * UTF-8 and more than `limit` parameters are problems, not guesses. Empty values count as absent (RFC 6749 §3.1). Only `repeatableName`
 * may occur more than once.
 */
export const parseForm = (text: string, repeatableName: string, limit = 100): Form | FormProblem => {
  const pairs = text.split('&', limit + 1)
  if (pairs.length > limit) return { problem: 'too_many' }
  const values = new Map<string, string>()
  const [seen, duplicates, repeatable] = [new Set<string>(), new Set<string>(), new Set<string>()]
  for (const [name, value] of pairs.map(decodePair)) {
    if (name === undefined || value === undefined) return { problem: 'malformed' }
    const all = name === repeatableName ? repeatable : seen.has(name) && name !== '' ? duplicates : seen
    all.add(name === repeatableName ? value : name)
    if (value !== '' && all !== repeatable) values.set(name, value)
  }
  return { values, repeatable: [...repeatable].filter(Boolean), duplicates: [...duplicates] }
}
