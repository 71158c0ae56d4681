import type { Columns } from './postgres-rows.ts'
import type { PostgresPool } from './postgres-sql.ts'
import type { Statements } from './postgres-statements.ts'

/** How often a statement is repeated that PostgreSQL rolled back because of another transaction. */
const mostRepeats = 3

/** Serialization failure, deadlock: nothing of the statement happened, and PostgreSQL asks to repeat it. */
const mayRepeat = (thrown: unknown): boolean =>
  thrown instanceof Error && 'code' in thrown && (thrown.code === '40001' || thrown.code === '40P01')

/** Runs one statement; the realm is the first value of each. */
export type RunStatement = (name: keyof Statements, ...values: readonly unknown[]) => Promise<readonly Columns[]>

/** Runs the statements of one realm. */
export const statementRunner =
  (pool: PostgresPool, statements: Statements, realm: string): RunStatement =>
  async (name, ...values) => {
    const statement = { text: statements[name], values: [realm, ...values].map((value) => value ?? null) }
    for (let repeats = 0; ; repeats++) {
      try {
        return (await pool.query(statement)).rows
      } catch (thrown) {
        if (repeats === mostRepeats || !mayRepeat(thrown)) throw thrown
      }
    }
  }
