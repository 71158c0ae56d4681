import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import type { PageRequest } from './page-response.ts'

const digest = (text: string): Buffer => createHash('sha256').update(text).digest()

/** Whether two secrets are equal, in a time that does not tell where they differ. */
export const equalSecrets = (left: string, right: string): boolean => timingSafeEqual(digest(left), digest(right))

/** A token that binds a form to a session and to the authorization request that it shows. */
export const consentToken = (sessionId: string, query: string): string =>
  createHmac('sha256', sessionId).update(`consent\n${query}`).digest('base64url')

/**
 * Whether a form was posted by a page of another site. Browsers send `Origin: null` from pages with `Referrer-Policy: no-referrer`, ours
 * too, so that says nothing; `Sec-Fetch-Site` does. Forms carry a token beside this.
 */
export const isCrossSite = ({ headers }: Pick<PageRequest, 'headers'>, origin: string): boolean => {
  const site = headers.get('sec-fetch-site') ?? undefined
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return true
  const from = headers.get('origin') ?? undefined
  return from !== undefined && from !== 'null' && from !== origin
}
