/** What a JWT says, checked by nobody. */
export interface DecodedJwt {
  readonly header: Readonly<Record<string, unknown>>
  readonly claims: Readonly<Record<string, unknown>>
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** A part of a JWT, which is JSON in base64url; undefined for what is something else. */
export const decodeJwtPart = (part: string): Readonly<Record<string, unknown>> | undefined => {
  if (!/^[\w-]+$/.test(part)) return undefined
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(part, 'base64url')))
    return isRecord(value) ? value : undefined
  } catch {
    return undefined // whatever it is, it is none
  }
}

/** Reads a signed JWT without trusting it; undefined for what is none. */
export const decodeJwt = (token: string): DecodedJwt | undefined => {
  const [first = '', second = '', ...rest] = token.split('.')
  const [header, claims] = [decodeJwtPart(first), decodeJwtPart(second)]
  return rest.length === 1 && header !== undefined && claims !== undefined ? { header, claims } : undefined
}
