import type { EventListener, GrantryEvent } from 'grantry'
import type { Log } from '../log.ts'
import { holdAnswer, requestAddress } from '../telemetry/request-scope.ts'
import type { ClientLimits } from './client-limits.ts'

/** Refusals by which somebody failed to be a client; what was only forgotten is not there. */
export const failedAuthentication: ReadonlySet<string> = new Set([
  ...['client_unknown', 'client_secret_wrong', 'client_assertion_key_unknown', 'client_assertion_signature_wrong'],
  ...['client_assertion_claims_wrong', 'client_assertion_replayed', 'registration_access_token_wrong'],
])

/** Endpoints where clients authenticate. Elsewhere anyone may name a client. */
export const authenticating: ReadonlySet<string> = new Set([
  ...['token', 'introspection', 'revocation', 'device_authorization'],
])

const isFailure = (event: GrantryEvent): event is GrantryEvent & { readonly type: 'request.refused' } =>
  event.type === 'request.refused' && authenticating.has(event.endpoint) && failedAuthentication.has(event.reason)

/** Counts failures to authenticate among the events, before they are answered: who guesses knows no result that is not counted. */
export const countFailures =
  (limits: Pick<ClientLimits, 'count'>, log: Log): EventListener =>
  (event) => {
    const address = requestAddress()
    if (address === undefined || !isFailure(event)) return
    const counted = limits.count({ clientId: event.clientId ?? '', address })
    holdAnswer(counted.catch((cause: unknown) => log({ type: 'store.failed', cause })))
  }
