import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import type { Session } from '../accounts/account-tables.ts'
import type { PageRequest } from './page-response.ts'

const digest = (text: string): Buffer => createHash('sha256').update(text).digest()

/** Whether two secrets are equal, in a time that does not tell where they differ. */
export const equalSecrets = (left: string, right: string): boolean => timingSafeEqual(digest(left), digest(right))

/** A form of a page, and what it shows: the authorization request, the user code, … */
export interface BoundForm {
  readonly form:
    | 'consent'
    | 'select_account'
    | 'device'
    | 'device_decision'
    | 'logout'
    | 'account_revoke'
    | 'account_end_session'
    | 'account_end_others'
    | 'account_password'
    | 'account_link'
    | 'account_unlink'
    | 'totp'
    | 'remove_totp'
    | 'add_passkey'
    | 'create_passkey'
    | 'remove_passkey'
  readonly shown: string
}

/** A token that binds a form to a session and to what it shows. */
export const formToken = ({ id }: Session, { form, shown }: BoundForm): string =>
  createHmac('sha256', id).update(`${form}\n${shown}`).digest('base64url')

/** Whether a posted form carries the token that was made for the login of the browser. */
export const isOwnForm = (fields: URLSearchParams, session: Session, bound: BoundForm): boolean =>
  equalSecrets(fields.get('csrf') ?? '', formToken(session, bound))

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
