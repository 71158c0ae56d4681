/** Anything JSON can carry. */
export type JsonValue =
  string | number | boolean | null | readonly JsonValue[] | { readonly [member: string]: JsonValue }

/** Claims about a token, by their registered names (`aud`, `sub`, …) or names of your own (RFC 7519 §4). */
export interface Claims {
  [name: string]: JsonValue | undefined
}

const ofOneToken = new Set(['exp', 'iat', 'nbf', 'jti', 'cnf'])

/** The claims that a code or refresh token hands on to later tokens: all but those that can hold for one token only. */
export const carriedClaims = (claims: Claims): Claims =>
  Object.fromEntries(Object.entries(claims).filter(([name]) => !ofOneToken.has(name)))
