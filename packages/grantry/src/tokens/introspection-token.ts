/** The `typ` of signed answers to introspection (RFC 9701 §5). */
export const introspectionTokenType = 'token-introspection+jwt'

/** Their media type. */
export const introspectionMediaType = `application/${introspectionTokenType}`
