import type { Migration } from './migration.ts'

// Made by `npm run schema` from tools/schema.ts.
/** Every step of the schema, the first one first. One that was released is never changed: databases have it. */
export const postgresMigrations: readonly Migration[] = [
  {
    version: 1,
    name: 'tables',
    sql: `create table "client" ("realm" text collate "C" not null, "id" text collate "C" not null, "record" text not null, constraint "client_key" primary key ("realm", "id"));
create table "grant" ("realm" text collate "C" not null, "id" text collate "C" not null, "client_id" text collate "C" not null, "user_id" text collate "C", "created_at" bigint not null, "revoked_at" bigint, "issued" boolean default false not null, "purge_at" bigint not null, constraint "grant_key" primary key ("realm", "id"));
create index "grant_purge" on "grant" ("realm", "purge_at");
create index "grant_user" on "grant" ("realm", "user_id", "client_id");
create index "grant_client" on "grant" ("realm", "client_id");
create table "code" ("realm" text collate "C" not null, "digest" bytea not null, "client_id" text collate "C" not null, "user_id" text collate "C" not null, "grant_id" text collate "C" not null, "scopes" text, "redirect_uri" text, "code_challenge" text, "code_challenge_method" text, "resources" text, "claims" text, "openid" text, "expires_at" bigint not null, "consumed_at" bigint, constraint "code_key" primary key ("realm", "digest"));
create index "code_expiry" on "code" ("realm", "expires_at");
create table "access_token" ("realm" text collate "C" not null, "digest" bytea not null, "client_id" text collate "C", "user_id" text collate "C", "grant_id" text collate "C", "scopes" text, "audience" text, "claims" text, "openid" text, "issued_at" bigint not null, "expires_at" bigint not null, constraint "access_token_key" primary key ("realm", "digest"));
create index "access_token_expiry" on "access_token" ("realm", "expires_at");
create table "refresh_token" ("realm" text collate "C" not null, "digest" bytea not null, "client_id" text collate "C" not null, "user_id" text collate "C", "grant_id" text collate "C" not null, "scopes" text, "resources" text, "claims" text, "openid" text, "issued_at" bigint not null, "expires_at" bigint not null, "family_expires_at" bigint not null, "superseded_at" bigint, "predecessor" bytea, "successor_used" boolean default false not null, "sealed" text, "replays" bigint default 0 not null, constraint "refresh_token_key" primary key ("realm", "digest"));
create index "refresh_token_expiry" on "refresh_token" ("realm", "expires_at");
create table "ticket" ("realm" text collate "C" not null, "kind" text collate "C" not null, "digest" bytea not null, "alt_digest" bytea, "client_id" text collate "C" not null, "grant_id" text collate "C", "state" text collate "C" not null, "payload" text not null, "poll_interval" bigint not null, "expires_at" bigint not null, "polled_at" bigint, "consumed_at" bigint, constraint "ticket_key" primary key ("realm", "kind", "digest"));
create index "ticket_expiry" on "ticket" ("realm", "expires_at");
create unique index "ticket_alt" on "ticket" ("realm", "kind", "alt_digest") where "alt_digest" is not null;
create table "seen" ("realm" text collate "C" not null, "space" text collate "C" not null, "digest" bytea not null, "expires_at" bigint not null, constraint "seen_key" primary key ("realm", "space", "digest"));
create index "seen_expiry" on "seen" ("realm", "expires_at");
create table "attempt" ("realm" text collate "C" not null, "space" text collate "C" not null, "digest" bytea not null, "attempts" bigint not null, "expires_at" bigint not null, constraint "attempt_key" primary key ("realm", "space", "digest"));
create index "attempt_expiry" on "attempt" ("realm", "expires_at");
create table "lease" ("realm" text collate "C" not null, "name" text collate "C" not null, "owner" text collate "C" not null, "expires_at" bigint not null, constraint "lease_key" primary key ("realm", "name"));
create table "signing_key" ("realm" text collate "C" not null, "key_id" text collate "C" not null, "algorithm" text not null, "private_key" text not null, "created_at" bigint not null, constraint "signing_key_key" primary key ("realm", "key_id"));
`,
  },
  {
    version: 2,
    name: 'sessions',
    sql: `alter table "grant" add column "session_id" text collate "C";
create index "grant_session" on "grant" ("realm", "session_id") where "session_id" is not null;
`,
  },
  {
    version: 3,
    name: 'grants_by_time',
    sql: `create index "grant_client_time" on "grant" ("realm", "client_id", "created_at", "id");
drop index "grant_client";
`,
  },
]
