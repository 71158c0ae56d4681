import { InvalidScopeError } from './errors.ts'

const scopeSyntax = /^[\x21\x23-\x5b\x5d-\x7e]+(?: +[\x21\x23-\x5b\x5d-\x7e]+)*$/

/**
 * Splits a `scope` parameter (RFC 6749 §3.3). Spaces at the ends and doubled ones do no harm; a scope named twice counts once.
 * Undefined where there is no parameter.
 */
export const parseScope = (parameter: string | undefined): readonly string[] | undefined => {
  const text = parameter?.trim()
  if (text === undefined || text === '') return undefined
  if (!scopeSyntax.test(text))
    throw new InvalidScopeError('scope_malformed', { description: 'The scope has characters that are not allowed.' })
  return [...new Set(text.split(/ +/))]
}

/** Whether every scope of `narrow` is in `wide`. */
export const isWithinScope = (narrow: readonly string[], wide: readonly string[]): boolean =>
  narrow.every((scope) => wide.includes(scope))
