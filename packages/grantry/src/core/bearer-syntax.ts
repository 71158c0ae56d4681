const syntax = /^[A-Za-z0-9\-._~+/]+=*$/

/** Whether a value is text of the syntax of bearer tokens, `b64token` (RFC 6750 §2.1). */
export const isBearerText = (value: unknown): value is string => typeof value === 'string' && syntax.test(value)
