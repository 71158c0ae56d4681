import { deviceCodeGrantType, reasons } from 'grantry'

/** The grants of the server with how metrics name them. */
const grants = new Map([
  ...['authorization_code', 'refresh_token', 'client_credentials', 'implicit'].map((name) => [name, name] as const),
  [deviceCodeGrantType, 'device_code'],
])

/** How a grant is named in metrics: `none` where there is none, `other` for what a client made up. */
export const grantLabel = (grantType: unknown): string =>
  typeof grantType === 'string' ? (grants.get(grantType) ?? 'other') : 'none'

/** A reason of the catalogue. */
export const reasonLabel = (reason: unknown): string =>
  typeof reason === 'string' && Object.hasOwn(reasons, reason) ? reason : 'other'

/** What became of a request, by its status. */
export const resultLabel = (status: unknown): 'ok' | 'refused' | 'failed' => {
  if (typeof status !== 'number' || status >= 500) return 'failed'
  return status >= 400 ? 'refused' : 'ok'
}

/** Lets so many different values be labels, in the order they come; all others are `other`. */
export const cappedLabel = (most: number): ((value: unknown) => string) => {
  const known = new Set<string>()
  return (value) => {
    const text = String(value)
    if (known.has(text)) return text
    if (known.size >= most) return 'other'
    known.add(text)
    return text
  }
}
