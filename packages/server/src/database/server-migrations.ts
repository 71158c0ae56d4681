import type { MigrationSet } from 'grantry/storage/postgres'
import { sql } from 'kysely'
import { compile, flavours, newTable, statement, type Step } from './migration-step.ts'
import { upstreams, upstreamSessions } from './upstream-step.ts'

/** Users with their sessions. A session is live while its `password_version` is that of its user. */
const accounts: Step = (schema, flavour) => {
  const { key, bytes, integer } = flavour
  return [
    newTable(schema, flavour, 'user')
      .addColumn('id', key, (column) => column.notNull())
      .addColumn('username', key, (column) => column.notNull())
      .addColumn('password', 'text', (column) => column.notNull())
      .addColumn('password_version', integer, (column) => column.notNull())
      .addColumn('created_at', integer, (column) => column.notNull())
      .addPrimaryKeyConstraint('user_key', ['realm', 'id'])
      .addUniqueConstraint('user_username', ['realm', 'username']),
    newTable(schema, flavour, 'session')
      .addColumn('digest', bytes, (column) => column.notNull())
      .addColumn('user_id', key, (column) => column.notNull())
      .addColumn('password_version', integer, (column) => column.notNull())
      .addColumn('idle_until', integer, (column) => column.notNull())
      .addColumn('ends_at', integer, (column) => column.notNull())
      .addPrimaryKeyConstraint('session_key', ['realm', 'digest']),
    schema.createIndex('session_idle').on('session').columns(['realm', 'idle_until']),
  ]
}

/**
 * What OpenID Connect needs: what is known of users, when and as what a session began (unknown of those that a node of the version before
 * starts), what users consented to, and secrets that all nodes have in common. Lists and claims are JSON.
 */
const openid: Step = (schema, flavour) => {
  const { key, integer } = flavour
  return [
    schema.alterTable('user').addColumn('claims', 'text'),
    schema.alterTable('session').addColumn('auth_time', integer),
    schema.alterTable('session').addColumn('sid', key),
    newTable(schema, flavour, 'consent')
      .addColumn('user_id', key, (column) => column.notNull())
      .addColumn('client_id', key, (column) => column.notNull())
      .addColumn('scopes', 'text', (column) => column.notNull())
      .addColumn('resources', 'text', (column) => column.notNull())
      .addColumn('claims', 'text', (column) => column.notNull())
      .addColumn('receivers', 'text', (column) => column.notNull())
      .addColumn('granted_at', integer, (column) => column.notNull())
      .addPrimaryKeyConstraint('consent_key', ['realm', 'user_id', 'client_id']),
    newTable(schema, flavour, 'secret')
      .addColumn('name', key, (column) => column.notNull())
      .addColumn('value', 'text', (column) => column.notNull())
      .addColumn('created_at', integer, (column) => column.notNull())
      .addPrimaryKeyConstraint('secret_key', ['realm', 'name']),
  ]
}

/** Which clients know of a session: they are told when it ends, and `due_at` says when they are told next. */
const logout: Step = (schema, flavour) => {
  const { key, integer } = flavour
  const isDue = sql<boolean>`due_at is not null`
  return [
    newTable(schema, flavour, 'session_client')
      .addColumn('sid', key, (column) => column.notNull())
      .addColumn('client_id', key, (column) => column.notNull())
      .addColumn('user_id', key, (column) => column.notNull())
      .addColumn('expires_at', integer, (column) => column.notNull())
      .addColumn('due_at', integer)
      .addColumn('attempts', integer, (column) => column.notNull())
      .addPrimaryKeyConstraint('session_client_key', ['realm', 'sid', 'client_id']),
    schema.createIndex('session_client_expiry').on('session_client').columns(['realm', 'expires_at']),
    schema.createIndex('session_client_due').on('session_client').columns(['realm', 'due_at']).where(isDue),
  ]
}

/** Finds users whose hashes are of the versions before, as there soon are none. */
const scryptUsers: Step = (schema) => {
  const isScrypt = sql<boolean>`password like '$scrypt$%'`
  return [schema.createIndex('user_scrypt').on('user').columns(['realm']).where(isScrypt)]
}

/** Second factors: the sealed secret of a user, digests of recovery codes, and how a session began (by password, where nothing is said). */
const secondFactor: Step = (schema, flavour) => {
  const { key, bytes, integer } = flavour
  return [
    schema.alterTable('session').addColumn('amr', 'text'),
    newTable(schema, flavour, 'totp')
      .addColumn('user_id', key, (column) => column.notNull())
      .addColumn('id', key, (column) => column.notNull())
      .addColumn('secret', 'text', (column) => column.notNull())
      .addColumn('created_at', integer, (column) => column.notNull())
      .addPrimaryKeyConstraint('totp_key', ['realm', 'user_id']),
    newTable(schema, flavour, 'recovery_code')
      .addColumn('totp_id', key, (column) => column.notNull())
      .addColumn('digest', bytes, (column) => column.notNull())
      .addPrimaryKeyConstraint('recovery_code_key', ['realm', 'totp_id', 'digest']),
  ]
}

/** Users look at their sessions. */
const account: Step = (schema) => [schema.createIndex('session_user').on('session').columns(['realm', 'user_id'])]

/** What happened, for those who must be able to tell later, and what of it is still to be sent. Ids are in the order of time. */
const audit: Step = (schema, flavour) => {
  const { key, integer } = flavour
  const index = (name: string, column: string) =>
    schema.createIndex(`audit_event_${name}`).on('audit_event').columns(['realm', column, 'id'])
  return [
    newTable(schema, flavour, 'audit_event')
      .addColumn('id', key, (column) => column.notNull())
      .addColumn('type', key, (column) => column.notNull())
      .addColumn('user_id', key)
      .addColumn('client_id', key)
      .addColumn('event', 'text', (column) => column.notNull())
      .addColumn('due_at', integer)
      .addColumn('attempts', integer, (column) => column.notNull())
      .addPrimaryKeyConstraint('audit_event_key', ['realm', 'id']),
    index('type', 'type'),
    index('user', 'user_id').where(sql<boolean>`user_id is not null`),
    index('client', 'client_id').where(sql<boolean>`client_id is not null`),
    index('due', 'due_at').where(sql<boolean>`due_at is not null`),
  ]
}

/** Users from elsewhere: a row without a password, with what pages call them and what of them was told last. */
const outsideUsers: Step = (schema) => [
  schema.alterTable('user').addColumn('shown_name', 'text'),
  schema.alterTable('user').addColumn('source_version', 'text'),
]

/** Operators find users by name or e-mail address, disable them, and make some of them administrators. */
const administration: Step = (schema, { key, integer, email }) => [
  schema.alterTable('user').addColumn('email', key),
  schema.alterTable('user').addColumn('disabled_at', integer),
  schema.alterTable('user').addColumn('role', key),
  schema
    .createIndex('user_email')
    .on('user')
    .columns(['realm', 'email'])
    .where(sql<boolean>`email is not null`),
  statement(`update "user" set email = ${email} where claims is not null`),
]
/** Passkeys of users. The `id` follows from that of the authenticator, so no two users have the same one. */
const passkeys: Step = (schema, flavour) => {
  const { key, bytes, integer } = flavour
  return [
    newTable(schema, flavour, 'passkey')
      .addColumn('id', key, (column) => column.notNull())
      .addColumn('user_id', key, (column) => column.notNull())
      .addColumn('credential_id', 'text', (column) => column.notNull())
      .addColumn('public_key', bytes, (column) => column.notNull())
      .addColumn('counter', integer, (column) => column.notNull())
      .addColumn('transports', 'text', (column) => column.notNull())
      .addColumn('name', 'text', (column) => column.notNull())
      .addColumn('created_at', integer, (column) => column.notNull())
      .addColumn('last_used_at', integer)
      .addPrimaryKeyConstraint('passkey_key', ['realm', 'id']),
    schema.createIndex('passkey_user').on('passkey').columns(['realm', 'user_id']),
  ]
}

/** What servers did, minute by minute. */
const activity: Step = (schema, flavour) => [
  newTable(schema, flavour, 'activity')
    .addColumn('at', flavour.integer, (column) => column.notNull())
    .addColumn('name', flavour.key, (column) => column.notNull())
    .addColumn('count', flavour.integer, (column) => column.notNull())
    .addPrimaryKeyConstraint('activity_key', ['realm', 'at', 'name']),
]
/** Who has forgotten a password, until there was told how to get a new one. */
const resetRequests: Step = (schema, flavour) => {
  const { key, integer } = flavour
  return [
    newTable(schema, flavour, 'reset_request')
      .addColumn('id', key, (column) => column.notNull())
      .addColumn('user_id', key)
      .addColumn('target', 'text', (column) => column.notNull())
      .addColumn('language', 'text', (column) => column.notNull())
      .addColumn('requested_at', integer, (column) => column.notNull())
      .addColumn('due_at', integer, (column) => column.notNull())
      .addColumn('attempts', integer, (column) => column.notNull())
      .addPrimaryKeyConstraint('reset_request_key', ['realm', 'id']),
    schema.createIndex('reset_request_due').on('reset_request').columns(['realm', 'due_at']),
  ]
}

/** Every step, the first one first. One that was released is never changed: databases have it. */
const steps: readonly { readonly name: string; readonly step: Step }[] = [
  { name: 'accounts', step: accounts },
  { name: 'openid', step: openid },
  { name: 'logout', step: logout },
  { name: 'passwords', step: scryptUsers },
  { name: 'second_factor', step: secondFactor },
  { name: 'account', step: account },
  { name: 'audit', step: audit },
  { name: 'outside_users', step: outsideUsers },
  { name: 'administration', step: administration },
  { name: 'passkeys', step: passkeys },
  { name: 'activity', step: activity },
  { name: 'upstreams', step: upstreams },
  { name: 'reset_requests', step: resetRequests },
  { name: 'upstream_sessions', step: upstreamSessions },
]

/** The tables of the server itself, defined once for both databases. */
export const serverMigrations = (name: keyof typeof flavours): MigrationSet => ({
  table: 'server_migration',
  migrations: steps.map(({ name: title, step }, index) => ({
    version: index + 1,
    name: title,
    sql: compile(step, flavours[name]),
  })),
})
