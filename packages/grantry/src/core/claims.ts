/** Anything JSON can carry. */
export type JsonValue = string | number | boolean | null | readonly JsonValue[] | { readonly [member: string]: JsonValue }

/** Claims about a token, by their registered names (`aud`, `sub`, …) or names of your own (RFC 7519 §4). */
export interface Claims {
  [name: string]: JsonValue | undefined
}
