import { storeMigrations } from 'grantry/storage/postgres'
import { serverMigrations } from './server-migrations.ts'

/** The schema of all tables on PostgreSQL. */
export const schema = 'grantry'

/** What makes the tables on PostgreSQL: those of the store, and those of the server itself. */
export const migrationSets = [storeMigrations, serverMigrations('postgres')] as const
