import type { GroupCommit } from './sqlite-group-commit.ts'
import type { Statements } from './sqlite-statements.ts'

/** One realm of an open file: what each part of the store works with. */
export interface SqliteRealm {
  readonly statements: Statements
  readonly writes: GroupCommit
  readonly realm: string
}
