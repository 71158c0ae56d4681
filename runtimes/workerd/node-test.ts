/** As much of `node:test` as the tests use, for workerd, which has none. */
import type { Outcome, TestResult } from '../results.ts'

type Hook = () => unknown
type TestBody = (context: { readonly after: (hook: Hook) => void }) => unknown
interface Options {
  readonly skip?: string | boolean
}

interface Suite {
  readonly path: readonly string[]
  readonly before: Hook[]
  readonly after: Hook[]
  readonly members: (() => Promise<unknown>)[]
}

const newSuite = (path: readonly string[]): Suite => ({ path, before: [], after: [], members: [] })

let suite = newSuite([])
let results: TestResult[] = []

const report = (path: readonly string[], outcome: Outcome, message = ''): void => {
  results.push({ name: path.join(' > '), outcome, message })
}

const runAll = async (hooks: readonly Hook[]): Promise<void> => {
  for (const hook of hooks) await hook()
}

/** Runs something, then the hooks that clean up after it. Says whether nothing was thrown; what was is a failure of the path. */
const attempt = async (path: readonly string[], run: Hook, after: readonly Hook[]): Promise<boolean> => {
  try {
    await run()
    return true
  } catch (error) {
    report(path, 'failed', error instanceof Error ? (error.stack ?? error.message) : String(error))
    return false
  } finally {
    await runAll(after)
  }
}

const runSuite = ({ path, before, after, members }: Suite): Promise<boolean> =>
  attempt(path, () => runAll([...before, ...members]), after)

const runTest = async (path: readonly string[], body: TestBody): Promise<void> => {
  const hooks: Hook[] = []
  const passed = await attempt(path, () => body({ after: (hook) => hooks.push(hook) }), hooks)
  if (passed) report(path, 'passed')
}

const isSkipped = ({ skip = false }: Options): boolean => skip !== false
const split = <Body>([first, second]: Given<Body>): readonly [Options, Body] =>
  second === undefined ? [{}, first as Body] : [first as Options, second]
type Given<Body> = readonly [body: Body, none?: undefined] | readonly [options: Options, body: Body]

export const test = (name: string, ...given: Given<TestBody>): void => {
  const [options, body] = split(given)
  const path = [...suite.path, name]
  suite.members.push(async () => (isSkipped(options) ? report(path, 'skipped') : runTest(path, body)))
}

export const describe = (name: string, ...given: Given<() => void>): void => {
  const [options, body] = split(given)
  const outer = suite
  const inner = newSuite([...outer.path, name])
  outer.members.push(async () => (isSkipped(options) ? report(inner.path, 'skipped') : runSuite(inner)))
  if (isSkipped(options)) return
  suite = inner
  body()
  suite = outer
}

export { describe as suite, test as default }

export const before = (hook: Hook): void => {
  suite.before.push(hook)
}

export const after = (hook: Hook): void => {
  suite.after.push(hook)
}

/** There is no clock to move: tests that ask for one fail. */
export const mock = {}

/** Loads one file of tests and runs them. */
export const runFile = async (load: () => Promise<unknown>): Promise<readonly TestResult[]> => {
  const root = newSuite([])
  suite = root
  results = []
  if (await attempt(['(the file)'], load, [])) await runSuite(root)
  return results
}
