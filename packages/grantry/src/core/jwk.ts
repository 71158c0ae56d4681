import type { Jwk, PublicJwk } from './signer.ts'

/** The members that make up a public key, in the order of the thumbprint (RFC 7638 §3.2). */
const publicMembers: Readonly<Record<string, readonly (keyof Jwk)[]>> = {
  RSA: ['e', 'kty', 'n'],
  EC: ['crv', 'kty', 'x', 'y'],
  OKP: ['crv', 'kty', 'x'],
}

/**
 * Only the members that make up the public key, so nothing private can slip through. Undefined when one is missing or the key is
 * symmetric.
 */
export const publicHalf = (jwk: Jwk): PublicJwk | undefined => {
  const { kty } = jwk
  if (kty === undefined || !Object.hasOwn(publicMembers, kty)) return undefined
  const members = (publicMembers[kty] ?? []).map((name) => [name, jwk[name]] as const)
  if (members.some(([, value]) => typeof value !== 'string')) return undefined
  return { ...Object.fromEntries(members), kty }
}

const materialMembers = ['kty', 'crv', 'x', 'y', 'n', 'e', 'd', 'p', 'q', 'dp', 'dq', 'qi'] as const

/** Only the members that make up the key, public and private, without those that say how to use it. */
export const keyMaterial = (jwk: Jwk): Partial<Record<(typeof materialMembers)[number], string>> => {
  const members = materialMembers.map((name) => [name, jwk[name]] as const)
  return Object.fromEntries(members.filter(([, value]) => value !== undefined))
}

/** The text whose SHA-256 is the thumbprint of a public key (RFC 7638 §3). Takes what `publicHalf` returns. */
export const thumbprintInput = (key: PublicJwk): string => JSON.stringify(key, [...(publicMembers[key.kty] ?? [])])
