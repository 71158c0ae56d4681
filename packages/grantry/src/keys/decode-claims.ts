import { decodeJwt } from 'jose'
import type { Claims } from '../core/claims.ts'

/** The claims of a signed token, not yet verified; undefined where they are no JSON object. */
export const decodeClaims = (token: string): Claims | undefined => {
  try {
    return decodeJwt<Claims>(token)
  } catch {
    return undefined // jose throws for nothing but what cannot be decoded
  }
}
