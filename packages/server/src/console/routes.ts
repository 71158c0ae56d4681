import { inspectToken, listGrants, revokeGrant, revokeGrants, revokeToken, showTokens } from './access.ts'
import type { ConsoleHandler } from './call.ts'
import {
  createClient,
  deleteClient,
  dropOldSecret,
  listClients,
  newClient,
  rotateSecret,
  setClientDisabled,
  showClient,
  updateClient,
} from './clients.ts'
import { showOverview } from './overview.ts'
import { listKeys, retireKey, rotateKeys, showAudit, showSettings } from './upkeep.ts'
import {
  createUser,
  deleteUser,
  listUsers,
  newUser,
  otherUserAction,
  resetPassword,
  showUser,
  updateUser,
  userAction,
} from './users.ts'

/** What routes need beside the requests. */
export interface RouteParts {
  readonly now: () => number
  /** Settings with their values, without secrets. */
  readonly settings: () => readonly (readonly [name: string, value: string])[]
}

/** A page of the console. */
export interface ConsoleRoute {
  readonly path: string
  readonly pattern: RegExp
  readonly methods: Readonly<Record<string, ConsoleHandler>>
}

const get = (handler: ConsoleHandler) => ({ GET: handler })
const post = (handler: ConsoleHandler) => ({ POST: handler })

/** Every page, the first that fits counts. */
export const consoleRoutes = ({ now, settings }: RouteParts): readonly ConsoleRoute[] => {
  const routes: Readonly<Record<string, Readonly<Record<string, ConsoleHandler>>>> = {
    '/': get(showOverview(now)),
    '/clients': get(listClients),
    '/clients/new': { GET: newClient, POST: createClient },
    '/clients/{id}': { GET: showClient, POST: updateClient },
    '/clients/{id}/secret': post(rotateSecret),
    '/clients/{id}/drop-old-secret': post(dropOldSecret),
    '/clients/{id}/disable': post(setClientDisabled(true)),
    '/clients/{id}/enable': post(setClientDisabled(false)),
    '/clients/{id}/delete': post(deleteClient),
    '/users': get(listUsers),
    '/users/new': { GET: newUser, POST: createUser },
    '/users/{id}': { GET: showUser, POST: updateUser },
    '/users/{id}/password': post(resetPassword),
    '/users/{id}/remove-factor': post(userAction(({ admin }, id) => admin.users.removeSecondFactor(id))),
    '/users/{id}/make-admin': post(userAction(({ admin }, id) => admin.users.setAdmin(id, true))),
    '/users/{id}/unmake-admin': post(otherUserAction(({ admin }, id) => admin.users.setAdmin(id, false))),
    '/users/{id}/disable': post(otherUserAction(({ admin }, id) => admin.users.disable(id))),
    '/users/{id}/enable': post(userAction(({ admin }, id) => admin.users.enable(id))),
    '/users/{id}/delete': post(deleteUser),
    '/users/{id}/sessions/{inner}/end': post(
      userAction(({ admin, path: { inner = '' } }, id) => admin.sessions.end(id, inner)),
    ),
    '/grants': get(listGrants),
    '/grants/revoke': post(revokeGrants),
    '/grants/{id}/revoke': post(revokeGrant),
    '/tokens': { GET: showTokens, POST: inspectToken },
    '/tokens/revoke': { GET: showTokens, POST: revokeToken },
    '/keys': get(listKeys),
    '/keys/rotate': post(rotateKeys),
    '/keys/{id}/retire': post(retireKey),
    '/audit': get(showAudit),
    '/settings': get(showSettings(settings)),
  }
  return Object.entries(routes).map(([path, methods]) => ({
    path,
    pattern: new RegExp(`^${path.replaceAll(/\{\w+\}/g, '([^/]+)')}$`),
    methods,
  }))
}
