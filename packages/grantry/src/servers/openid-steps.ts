import type { Authentication } from '../core/login-context.ts'
import {
  AccountSelectionRequiredError,
  ConsentRequiredError,
  InteractionRequiredError,
  LoginRequiredError,
} from '../core/openid-errors.ts'
import type { OAuthError } from '../core/errors.ts'
import type { OpenIdRequest } from '../core/openid-request.ts'

/** What the pages know when an authorization request arrives. */
export interface KnownLogin {
  /** The user who is logged in at this browser, under the `sub` that the client sees; undefined where nobody is. */
  readonly subject: string | undefined
  /** How and when that was. */
  readonly authentication: Authentication | undefined
  /** Whether the user has consented to all of this request before. */
  readonly hasConsent: boolean
  /** What the user did for this very request since it arrived: such a login or choice is not asked for again. */
  readonly done?: readonly ('login' | 'select_account' | 'create' | 'consent')[] | undefined
}

/** What comes next: a page to show, an error to answer with, or nothing, and the request can be approved. */
export type NextStep =
  | { readonly step: 'login' | 'select_account' | 'create' | 'consent' | 'approve' }
  | { readonly step: 'refuse'; readonly error: OAuthError }

const needsLogin = (request: OpenIdRequest, known: KnownLogin, expected: string | undefined, now: number): boolean => {
  const { subject, authentication, done = [] } = known
  if (subject === undefined) return true
  if (expected !== undefined && expected !== subject) return true
  if (done.includes('login')) return false
  if (request.prompt.includes('login')) return true
  const { maxAge, essentialAcr } = request
  if (maxAge !== undefined && (authentication === undefined || now - authentication.authTime > maxAge)) return true
  return essentialAcr.length > 0 && !essentialAcr.includes(authentication?.acr ?? '')
}

const pageFor = (
  request: OpenIdRequest,
  known: KnownLogin,
  expected: string | undefined,
  now: number,
): Exclude<NextStep['step'], 'refuse'> => {
  const { done = [] } = known
  const asksFor = (page: 'select_account' | 'create' | 'consent'): boolean =>
    request.prompt.includes(page) && !done.includes(page)
  if (asksFor('create') && !done.includes('login')) return 'create'
  if (asksFor('select_account') && !done.includes('login')) return 'select_account'
  if (needsLogin(request, known, expected, now)) return 'login'
  if (asksFor('consent') || (!known.hasConsent && !done.includes('consent'))) return 'consent'
  return 'approve'
}

const refusals = {
  login: () => new LoginRequiredError(),
  select_account: () => new AccountSelectionRequiredError(),
  consent: () => new ConsentRequiredError(),
  create: () => new InteractionRequiredError(),
}

/**
 * What an authorization request needs next (OpenID Connect Core §3.1.2.3, §3.1.2.4). `expected` is the only user that is wanted, by an
 * ID token hint or the `claims` parameter.
 */
export const nextStep = (
  request: OpenIdRequest,
  known: KnownLogin,
  expected: string | undefined,
  now: number,
): NextStep => {
  const step = pageFor(request, known, expected, now)
  if (step === 'approve' || !request.prompt.includes('none')) return { step }
  return { step: 'refuse', error: refusals[step]() }
}
