import { matchesGlob } from 'node:path'
import { differences, type Difference } from './differences.ts'
import type { TestResult } from './results.ts'
import type { Runtime } from './runtime.ts'

/** How the tests went on one runtime. */
export interface Summary {
  readonly runtime: Runtime
  readonly version: string
  readonly files: number
  readonly passed: number
  /** By the tests themselves. */
  readonly skipped: number
  /** Tests that failed as `differences.ts` says. */
  readonly known: number
  /** What failed beside those, by file and name. */
  readonly failures: readonly string[]
}

const covers = ({ files }: Difference, file: string): boolean => files.some((glob) => matchesGlob(file, glob))
const isOn = ({ on }: Difference, runtime: Runtime): boolean => on === undefined || on.includes(runtime.name)

/** Runs those of the files that are for a runtime, and says what fails. With all files, every known difference must show. */
export const runOn = async (runtime: Runtime, files: readonly string[], areAll: boolean): Promise<Summary> => {
  const rows = differences.filter((row) => isOn(row, runtime))
  const leftOut = rows.filter(({ tests }) => tests === undefined)
  const expected = rows.filter(({ tests }) => tests !== undefined)
  const wanted = files.filter((file) => !leftOut.some((row) => covers(row, file)))
  const counts = { passed: 0, skipped: 0, known: 0 }
  const failures: string[] = []
  const seen = new Set<Difference>()

  const judge = (file: string, { name, outcome, message }: TestResult): void => {
    if (outcome !== 'failed') {
      counts[outcome]++
      return
    }
    const row = expected.find((each) => covers(each, file) && each.tests?.test(name))
    if (row === undefined) {
      failures.push(`${file}: ${name}`)
      console.error(`✖ ${runtime.title}, ${file}: ${name}\n${message.replaceAll(/^/gm, '    ')}`)
    } else {
      counts.known++
      seen.add(row)
    }
  }
  await runtime.run(wanted, (file, results) => results.forEach((result) => judge(file, result)))
  if (areAll)
    for (const { files, tests } of expected.filter((row) => !seen.has(row)))
      failures.push(`differences.ts: nothing fails of ${files.join(', ')} ${String(tests)}; delete the row`)
  return { runtime, version: runtime.version(), files: wanted.length, ...counts, failures }
}
