import type { Awaitable } from './awaitable.ts'
import type { OAuthRequest } from './oauth-request.ts'

/** Your own check of a request. Refuse by throwing an `OAuthError`; add claims through `request.claims`. */
export type Hook = (request: OAuthRequest) => Awaitable<void>

/** Where hooks run, in the order of the lists. */
export interface Hooks {
  /** Authorization endpoint, once client and redirect URI are known to be good. */
  readonly preAuthorize?: readonly Hook[] | undefined
  /** Authorization endpoint, once everything else is checked. */
  readonly postAuthorize?: readonly Hook[] | undefined
  /** Token endpoint, once the client is authenticated and may use the grant. */
  readonly preToken?: readonly Hook[] | undefined
  /** Token endpoint, once the grant is checked; before tokens are made. */
  readonly postToken?: readonly Hook[] | undefined
}

/** Runs hooks one after the other. */
export const runHooks = async (hooks: readonly Hook[] | undefined, request: OAuthRequest): Promise<void> => {
  for (const hook of hooks ?? []) await hook(request)
}
