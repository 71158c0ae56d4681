import type { TestResult } from './results.ts'

/** A runtime that the toolkit is tested on. */
export interface Runtime {
  /** As it is named on the command line and in `differences.ts`. */
  readonly name: string
  readonly title: string
  /** Which file its conditions choose for `#platform`. */
  readonly platform: string
  readonly version: () => string
  /** Runs test files, and tells of each as it is done. */
  readonly run: (
    files: readonly string[],
    done: (file: string, results: readonly TestResult[]) => void,
  ) => Promise<void>
}
