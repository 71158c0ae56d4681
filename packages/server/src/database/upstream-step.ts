import { sql } from 'kysely'
import { newTable, type Step } from './migration-step.ts'

/** Logins at other providers: whose they are, and those that are under way. */
export const upstreams: Step = (schema, flavour) => {
  const { key, bytes, integer } = flavour
  return [
    newTable(schema, flavour, 'identity')
      .addColumn('issuer', key, (column) => column.notNull())
      .addColumn('subject', key, (column) => column.notNull())
      .addColumn('user_id', key, (column) => column.notNull())
      .addColumn('shown_name', 'text', (column) => column.notNull())
      .addColumn('linked_at', integer, (column) => column.notNull())
      .addPrimaryKeyConstraint('identity_key', ['realm', 'issuer', 'subject']),
    schema.createIndex('identity_user').on('identity').columns(['realm', 'user_id']),
    newTable(schema, flavour, 'upstream_login')
      .addColumn('digest', bytes, (column) => column.notNull())
      .addColumn('browser', bytes, (column) => column.notNull())
      .addColumn('upstream', key, (column) => column.notNull())
      .addColumn('target', 'text', (column) => column.notNull())
      .addColumn('user_id', key)
      .addColumn('max_age', integer)
      .addColumn('expires_at', integer, (column) => column.notNull())
      .addPrimaryKeyConstraint('upstream_login_key', ['realm', 'digest']),
    schema.createIndex('upstream_login_expiry').on('upstream_login').columns(['realm', 'expires_at']),
  ]
}

/** Where sessions began, so that the provider there can end them. */
export const upstreamSessions: Step = (schema, { key }) => [
  schema.alterTable('session').addColumn('upstream', key),
  schema.alterTable('session').addColumn('upstream_sid', key),
  schema
    .createIndex('session_upstream')
    .on('session')
    .columns(['realm', 'upstream_sid'])
    .where(sql<boolean>`upstream_sid is not null`),
]
