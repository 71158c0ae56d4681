/** Who did what is recorded, where the record itself names nobody. */
type Doer = 'user' | 'client' | 'server' | 'unknown'

/** What an audit event of one type is. */
interface AuditKind {
  /** Grows when a member changes its meaning or goes; members that are added change nothing. */
  readonly version: number
  readonly actor: Doer
  /** Members of the record that the event has beside those that all have. */
  readonly details: readonly string[]
  /**
   * `before`: the row is written before the answer is sent, so that nothing that was acknowledged is missing after a crash. `soon`: within about
   * a second, with others; a crash loses these.
   */
  readonly written: 'before' | 'soon'
  /** For the reference. */
  readonly about: string
}

const changed = (actor: Doer, about: string, ...details: readonly string[]): AuditKind => ({
  ...{ version: 1, actor, about, details, written: 'before' },
})

const tried = (actor: Doer, about: string, ...details: readonly string[]): AuditKind => ({
  ...{ version: 1, actor, about, details, written: 'soon' },
})

/**
 * Which events there are. What changes who may do what is written before the answer; what was tried and changed nothing is written soon
 * after it, since strangers decide how much of it there is.
 */
export const auditTable = {
  'login.accepted': changed('user', 'A user logged in.', 'amr', 'upstream'),
  'login.refused': tried('unknown', 'A name and password, a second factor or a passkey was wrong.', 'factor', 'reason'),
  'login.limited': tried('unknown', 'A login was not judged: there were too many.', 'limit'),
  'password.changed': changed('user', 'A password was changed.'),
  'password.reset': changed('user', 'A user made a new password by a link.'),
  'password.reset_requested': changed('unknown', 'Somebody said to be a user who has forgotten the password.'),
  'user.signed_up': changed('user', 'A user made an account.', 'isInvited', 'terms'),
  'password.refused': tried('user', 'A user who is logged in gave a wrong password to confirm a change.'),
  'second_factor.added': changed('user', 'A second factor was turned on.'),
  'second_factor.removed': changed('user', 'A second factor was turned off.'),
  'passkey.added': changed('user', 'A user made a passkey.'),
  'passkey.removed': changed('user', 'A user removed a passkey.'),
  'passkey.copied': changed('unknown', 'ALARM: a passkey counts less than it did, so there are two of it.'),
  'passkey.refused': tried('user', 'A new passkey, or one that was to confirm a change, was refused.', 'reason'),
  'session.ended': changed('user', 'Sessions of a user were ended from another one.'),
  logout: changed('user', 'A user logged out.'),
  'consent.given': changed('user', 'A user allowed a client something.', 'scopes', 'device'),
  'consent.denied': tried('user', 'A user denied a client what it asked for.', 'device'),
  'access.revoked': changed('user', 'A user took the access of a client away.'),
  'access.revoked_all': changed('server', 'All grants and logins of everybody were ended.', 'grants', 'sessions'),
  'backup.restored': changed('server', 'The database was replaced by a backup.', 'createdAt', 'keepsGrants'),
  'token.revoked': changed('client', 'A client revoked a token.', 'kind'),
  'refresh_token.reused': changed('client', 'ALARM: a refresh token was used again, so two parties have it.', 'age'),
  'code.reused': changed('client', 'ALARM: a code was used again; what was issued from it is revoked.', 'grantType'),
  'client.refused': tried('unknown', 'Somebody failed to authenticate as a client.', 'endpoint', 'reason'),
  'client.limited': tried(
    'unknown',
    'Somebody failed too often to authenticate as a client, and was not judged.',
    'endpoint',
  ),
  'client.registered': changed('client', 'A client registered itself.'),
  'client.updated': changed('client', 'A client changed its registration.'),
  'client.created': changed('server', 'A client was made.', 'source'),
  'client.changed': changed('server', 'A client was changed.', 'source', 'members'),
  'client.deleted': changed('client', 'A client was deleted, with what it was granted.', 'source'),
  'client.secret_rotated': changed('server', 'A client got a new secret.', 'liveSecrets'),
  'client.secret_dropped': changed('server', 'Older secrets of a client were ended.'),
  'registration_token.created': changed(
    'server',
    'A token was made that lets clients register.',
    'isReusable',
    'expiresIn',
  ),
  'user.created': changed('server', 'A user was made.', 'isAdmin'),
  'user.changed': changed('server', 'What clients may be told of a user was changed.', 'members'),
  'user.password_reset': changed('server', 'A user was given a new password.'),
  'user.reset_link_made': changed('server', 'A link for a new password of a user was made.'),
  'user.invited': changed('server', 'A link for a new account was made.'),
  'user.passkey_removed': changed('server', 'A passkey of a user was taken away.'),
  'user.second_factor_removed': changed('server', 'The second factor of a user was taken away.'),
  'identity.connected': changed('user', 'A user connected a login at another provider.', 'upstream'),
  'identity.disconnected': changed('user', 'A user disconnected a login at another provider.'),
  'source.user_changed': changed('server', 'A user from elsewhere has a new password there: sessions were ended.'),
  'source.user_gone': changed('server', 'A user from elsewhere is gone there: all that was granted was ended.'),
  'client.disabled': changed('server', 'A client was disabled: it is refused everywhere, with its tokens.'),
  'client.enabled': changed('server', 'A client that was disabled works again.'),
  'user.disabled': changed('server', 'A user was disabled: logins and grants were ended.'),
  'user.enabled': changed('server', 'A user who was disabled may log in again.'),
  'user.deleted': changed('server', 'A user was deleted, with all that was granted.'),
  'user.role_changed': changed('server', 'A user was made an administrator, or an ordinary user.', 'isAdmin'),
  'grant.revoked': changed('server', 'A grant was ended, or all of a user or a client.', 'grantId', 'count'),
  'keys.rotated': changed('server', 'A signing key was announced.', 'keyId', 'algorithm'),
  'keys.withdrawn': changed('server', 'A signing key was withdrawn: it has leaked.', 'keyId', 'algorithm'),
  'keys.deleted': changed('server', 'A signing key that was over was deleted.', 'keyId', 'algorithm'),
  'audit.lost': changed('server', 'ALARM: so many events could not be kept.', 'lost'),
  'authorization.granted': tried(
    'user',
    'A code was sent to a client. Only with auditTokens.',
    'responseType',
    'scopes',
  ),
  'token.issued': tried('client', 'A token was issued. Only with auditTokens.', 'grantType', 'scopes', 'refreshToken'),
} satisfies Readonly<Record<string, AuditKind>>

/** A type of the table, or what an operator did by the console or the admin API, which names its own. */
export type AuditEventType = keyof typeof auditTable | `admin.${string}`

/** Types that there are too many of to be kept unless that is asked for. */
export const tokenTypes: ReadonlySet<string> = new Set(['authorization.granted', 'token.issued'])

const ofAdmin: AuditKind = changed('unknown', 'An operator did something by the console or the admin API.')

/** What an event of a type is. */
export const kindOf = (type: AuditEventType): AuditKind =>
  Object.hasOwn(auditTable, type) ? auditTable[type as keyof typeof auditTable] : ofAdmin // the rest are those of operators
