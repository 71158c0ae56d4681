import type { Claims, JsonValue } from './claims.ts'

/** What a token is bound to, by the members of the claim `cnf` (RFC 7800 §3.1): who uses the token must prove to have it. */
export interface Confirmation {
  /** The thumbprint of a key (RFC 9449 §6.1). */
  readonly jkt?: string | undefined
  /** The SHA-256 of a certificate (RFC 8705 §3.1). */
  readonly 'x5t#S256'?: string | undefined
}

const members = ['jkt', 'x5t#S256'] as const

/** Undefined for what is bound to nothing, null where what it is bound to is not known here. */
export const readConfirmation = (cnf: JsonValue | undefined): Confirmation | undefined | null => {
  if (cnf === undefined) return undefined
  const given = Object(cnf) as Claims // of anything but an object, its members are undefined
  const known = members.flatMap((name) => (given[name] === undefined ? [] : [[name, given[name]] as const]))
  return known.length > 0 && known.every(([, value]) => typeof value === 'string') ? Object.fromEntries(known) : null
}

/** The claim that says it; none for nothing. */
export const confirmationClaim = (confirmation: Confirmation): Claims => {
  const known = members.flatMap((name) => {
    const value = confirmation[name]
    return value === undefined ? [] : [[name, value] as const]
  })
  return known.length === 0 ? {} : { cnf: Object.fromEntries(known) }
}

/** Whether something that is bound by this `cnf`, or to nothing, may be used by who proved to have `shown`. */
export const isProven = (cnf: JsonValue | undefined, shown: Confirmation | undefined): boolean => {
  const bound = readConfirmation(cnf)
  return bound !== null && members.every((name) => bound?.[name] === undefined || bound[name] === shown?.[name])
}
