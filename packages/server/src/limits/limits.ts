import type { ClientLimits } from './client-limits.ts'
import { authenticating } from './failed-authentication.ts'
import type { RequestLimits } from './request-limits.ts'
import { requestAddress } from '../telemetry/request-scope.ts'

/** What limits requests. */
export interface Limits {
  readonly requests: RequestLimits
  readonly clients: ClientLimits
}

/** Throws where a client is not judged now: it sent too many requests, or somebody at this address failed too often to be it. */
export const admitClient =
  ({ requests, clients }: Limits) =>
  (clientId: string, endpoint: string): void => {
    const address = requestAddress()
    if (address === undefined || !authenticating.has(endpoint)) return
    clients.require({ clientId, address })
    requests.requireClient(clientId)
  }
