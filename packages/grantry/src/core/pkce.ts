/** A code verifier: 43 to 128 unreserved characters (RFC 7636 §4.1). */
export const isCodeVerifier = (text: string): boolean => /^[A-Za-z0-9._~-]{43,128}$/.test(text)

/** A challenge of S256: base64url of 32 bytes, without padding (RFC 7636 §4.2). */
export const isS256Challenge = (text: string): boolean => /^[A-Za-z0-9_-]{43}$/.test(text)
