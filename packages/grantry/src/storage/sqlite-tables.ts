import type { Migration } from './migration.ts'

// Made by `npm run schema` from tools/schema.ts.
/** Every step of the schema, the first one first. One that was released is never changed: databases have it. */
export const sqliteMigrations: readonly Migration[] = [
  {
    version: 1,
    name: 'tables',
    sql: `create table "client" ("realm" text not null, "id" text not null, "record" text not null, constraint "client_key" primary key ("realm", "id")) strict;
create table "grant" ("realm" text not null, "id" text not null, "client_id" text not null, "user_id" text, "created_at" integer not null, "revoked_at" integer, "issued" integer default 0 not null, "purge_at" integer not null, constraint "grant_key" primary key ("realm", "id")) strict;
create index "grant_purge" on "grant" ("realm", "purge_at");
create index "grant_user" on "grant" ("realm", "user_id", "client_id");
create index "grant_client" on "grant" ("realm", "client_id");
create table "code" ("realm" text not null, "digest" blob not null, "client_id" text not null, "user_id" text not null, "grant_id" text not null, "scopes" text, "redirect_uri" text, "code_challenge" text, "code_challenge_method" text, "resources" text, "claims" text, "openid" text, "expires_at" integer not null, "consumed_at" integer, constraint "code_key" primary key ("realm", "digest")) strict;
create index "code_expiry" on "code" ("realm", "expires_at");
create table "access_token" ("realm" text not null, "digest" blob not null, "client_id" text, "user_id" text, "grant_id" text, "scopes" text, "audience" text, "claims" text, "openid" text, "issued_at" integer not null, "expires_at" integer not null, constraint "access_token_key" primary key ("realm", "digest")) strict;
create index "access_token_expiry" on "access_token" ("realm", "expires_at");
create table "refresh_token" ("realm" text not null, "digest" blob not null, "client_id" text not null, "user_id" text, "grant_id" text not null, "scopes" text, "resources" text, "claims" text, "openid" text, "issued_at" integer not null, "expires_at" integer not null, "family_expires_at" integer not null, "superseded_at" integer, "predecessor" blob, "successor_used" integer default 0 not null, "sealed" text, "replays" integer default 0 not null, constraint "refresh_token_key" primary key ("realm", "digest")) strict;
create index "refresh_token_expiry" on "refresh_token" ("realm", "expires_at");
create table "ticket" ("realm" text not null, "kind" text not null, "digest" blob not null, "alt_digest" blob, "client_id" text not null, "grant_id" text, "state" text not null, "payload" text not null, "poll_interval" integer not null, "expires_at" integer not null, "polled_at" integer, "consumed_at" integer, constraint "ticket_key" primary key ("realm", "kind", "digest")) strict;
create index "ticket_expiry" on "ticket" ("realm", "expires_at");
create unique index "ticket_alt" on "ticket" ("realm", "kind", "alt_digest") where "alt_digest" is not null;
create table "seen" ("realm" text not null, "space" text not null, "digest" blob not null, "expires_at" integer not null, constraint "seen_key" primary key ("realm", "space", "digest")) strict;
create index "seen_expiry" on "seen" ("realm", "expires_at");
create table "attempt" ("realm" text not null, "space" text not null, "digest" blob not null, "attempts" integer not null, "expires_at" integer not null, constraint "attempt_key" primary key ("realm", "space", "digest")) strict;
create index "attempt_expiry" on "attempt" ("realm", "expires_at");
create table "lease" ("realm" text not null, "name" text not null, "owner" text not null, "expires_at" integer not null, constraint "lease_key" primary key ("realm", "name")) strict;
create table "signing_key" ("realm" text not null, "key_id" text not null, "algorithm" text not null, "private_key" text not null, "created_at" integer not null, constraint "signing_key_key" primary key ("realm", "key_id")) strict;
`,
  },
  {
    version: 2,
    name: 'sessions',
    sql: `alter table "grant" add column "session_id" text;
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
