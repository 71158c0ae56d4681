import type { KeyRing } from 'grantry'
import { AdminApi } from '../admin-api/api.ts'
import { adminFor } from '../admin/admin.ts'
import { guardData } from '../admin/guard-data.ts'
import type { AdminParts } from '../admin/parts.ts'
import type { KeyEncryption } from '../key-encryption.ts'
import { makeAdminBearer, type ServerParts } from '../make-server.ts'
import type { Issuer } from '../issuer.ts'
import type { Settings } from '../settings.ts'
import { keyRotation } from '../signing-keys.ts'
import { hasOwnUsers } from '../user-settings.ts'
import type { AdminApp } from './listeners.ts'

/** What administration works with in a server that runs. */
export interface AdminAppParts
  extends Pick<AdminParts, 'data' | 'links' | 'hashPassword'>, Pick<ServerParts, 'validator'> {
  readonly keys: KeyRing
  readonly encryption: KeyEncryption
  /** Where browsers and programs find it. */
  readonly url: string
}

const partsOf = (settings: Settings, parts: AdminAppParts): AdminParts => {
  const { now, log } = settings
  const { links, hashPassword, keys, encryption } = parts
  const data = guardData(parts.data)
  return {
    ...{ data, links, hashPassword, now, log, hasOwnUsers: hasOwnUsers(settings) },
    hasTokenRows: settings.tokenFormat !== 'jwt',
    rotation: async () => keyRotation(data, encryption, { now, days: 0 }),
    keys: async () => keys,
  }
}

/** What answers at the port for administration. */
export const createAdminApp = (settings: Settings, issuer: Issuer, parts: AdminAppParts): AdminApp => {
  const operations = partsOf(settings, parts)
  const api = new AdminApi({
    ...{ url: parts.url, tokenUrl: `${issuer.origin}${issuer.path}/token`, log: settings.log },
    bearer: makeAdminBearer(settings, issuer, parts),
    adminFor: (actor) => adminFor(operations, actor),
  })
  return { handle: (request) => api.handle(request), routeOf: (url) => api.routeOf(url) ?? 'other' }
}
