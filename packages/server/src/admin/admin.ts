import { AuditAdmin } from './audit.ts'
import { ClientAdmin } from './clients.ts'
import { GrantAdmin } from './grants.ts'
import { KeyAdmin } from './keys.ts'
import type { Actor, AdminParts } from './parts.ts'
import { SessionAdmin } from './sessions.ts'
import { TokenAdmin } from './tokens.ts'
import { UserAdmin } from './users.ts'

/** What operators do, whichever way they come: the command line, the admin API and the console are faces of this. */
export interface Admin {
  readonly clients: ClientAdmin
  readonly users: UserAdmin
  readonly sessions: SessionAdmin
  readonly grants: GrantAdmin
  readonly tokens: TokenAdmin
  readonly keys: KeyAdmin
  readonly audit: AuditAdmin
}

/** The operations for whoever does them; their changes are logged under that name. */
export const adminFor = (parts: AdminParts, actor: Actor): Admin => {
  const own = { ...parts, actor }
  return {
    clients: new ClientAdmin(own),
    users: new UserAdmin(own),
    sessions: new SessionAdmin(own),
    grants: new GrantAdmin(own),
    tokens: new TokenAdmin(own),
    keys: new KeyAdmin(own),
    audit: new AuditAdmin(own),
  }
}
