import type { KeyRing, OpenIdServer } from 'grantry'
import { AdminApi } from '../admin-api/api.ts'
import { adminFor, type Admin } from '../admin/admin.ts'
import { guardData } from '../admin/guard-data.ts'
import type { Actor, AdminParts } from '../admin/parts.ts'
import { Console, type ConsoleParts } from '../console/console.ts'
import { ConsoleLogin } from '../console/console-login.ts'
import { ConsoleCookies } from '../console/console-session.ts'
import { shownSettings } from '../console/shown-settings.ts'
import type { KeyEncryption } from '../key-encryption.ts'
import { makeAdminBearer, type ServerParts } from '../make-server.ts'
import type { Issuer } from '../issuer.ts'
import type { Settings } from '../settings.ts'
import { keyRotation } from '../signing-keys.ts'
import { hasOwnUsers } from '../user-settings.ts'
import type { AdminApp } from './listeners.ts'

/** What administration works with in a server that runs. */
export interface AdminAppParts
  extends Pick<AdminParts, 'data' | 'links' | 'hashPassword'>, Pick<ServerParts, 'validator' | 'nonceSecret'> {
  readonly keys: KeyRing
  readonly server: OpenIdServer
  /** Signs what pages give to the browser to bring back. */
  readonly pageSecret: string
  /** The secret of the console, as a client. */
  readonly consoleSecret: string
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

const consoleOf = (
  settings: Settings,
  issuer: Issuer,
  parts: AdminAppParts & Pick<ConsoleParts, 'adminFor'>,
): Console => {
  const { url, pageSecret, consoleSecret: secret, server, adminFor: forActor } = parts
  const { now, log, theme, adminSecondFactor: needsSecondFactor } = settings
  const { users, sessions } = guardData(parts.data)
  const cookies = new ConsoleCookies(pageSecret, url.startsWith('https:'))
  const login = new ConsoleLogin({ server, issuer, url, secret, needsSecondFactor, cookies, users, sessions, now })
  const shown = { settings: () => shownSettings(settings) }
  return new Console({ adminFor: forActor, login, cookies, url, issuer, theme, log, now, ...shown })
}

const isOfApi = (url: string): boolean => /^\/(?:v1(?:[/?#]|$)|openapi\.json(?:[?#]|$))/.test(url)

/** What answers at the port for administration: the API for programs, and the console for everybody else. */
export const createAdminApp = (settings: Settings, issuer: Issuer, parts: AdminAppParts): AdminApp => {
  const operations = partsOf(settings, parts)
  const forActor = (actor: Actor): Admin => adminFor(operations, actor)
  const api = new AdminApi({
    ...{ url: parts.url, tokenUrl: `${issuer.origin}${issuer.path}/token`, log: settings.log },
    bearer: makeAdminBearer(settings, issuer, parts),
    adminFor: forActor,
  })
  const pages = consoleOf(settings, issuer, { ...parts, adminFor: forActor })
  return {
    handle: (request) => (isOfApi(request.url) ? api.handle(request) : pages.handle(request)),
    routeOf: (url) => (isOfApi(url) ? api.routeOf(url) : pages.routeOf(url)) ?? 'other',
  }
}
