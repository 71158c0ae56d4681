import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './root.ts'

/** A page of the documentation that is written from tables. */
export interface WrittenPage {
  /** Its path in the repository. */
  readonly path: string
  /** The npm script that writes it. */
  readonly script: string
  readonly text: string
  /** What is wrong with its tables, one line for each. */
  readonly problems: readonly string[]
}

/** Writes a page, or with `--check` only compares it with its file. Prints what is wrong, and ends with an error where anything is. */
export const writePage = ({ path, script, text, problems }: WrittenPage): void => {
  const target = join(root, path)
  const isChecked = process.argv.includes('--check')
  if (!isChecked) writeFileSync(target, text)
  const isCurrent = existsSync(target) && readFileSync(target, 'utf8') === text
  const all = isCurrent ? problems : [...problems, `${path} is not what npm run ${script} writes.`]
  if (all.length === 0) return
  console.error(all.join('\n'))
  process.exitCode = 1
}
