/** What became of a test. */
export type Outcome = 'passed' | 'failed' | 'skipped'

/** One test as a runtime tells of it. */
export interface TestResult {
  /** With the suites around it, where the runtime tells them. */
  readonly name: string
  readonly outcome: Outcome
  /** Of a failure. */
  readonly message: string
}

const entities: Readonly<Record<string, string>> = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' }
const unescape = (text: string): string =>
  text.replace(/&(?:#(\d+)|(\w+));/g, (_, code: string | undefined, name: string) =>
    code === undefined ? (entities[name] ?? '') : String.fromCodePoint(Number(code)),
  )

const testcase = /<testcase name="([^"]*)"(?:\s+\w+="[^"]*")*\s*(?:\/>|>([\s\S]*?)<\/testcase>)/g
const failure = /<failure(?:\s+\w+="[^"]*")*\s*(?:\/>|>([\s\S]*?)<\/failure>)/

/** Reads the report that the test runners of Node, Bun and Deno write. */
export const readJunit = (xml: string): readonly TestResult[] => {
  const results = [...xml.matchAll(testcase)].map(([, name = '', content = '']): TestResult => {
    const failed = failure.exec(content)
    const outcome = failed !== null ? 'failed' : content.includes('<skipped') ? 'skipped' : 'passed'
    return { name: unescape(name), outcome, message: unescape(failed?.[1] ?? '').trim() }
  })
  // Deno also counts a suite, which fails where a test in it does.
  return results.filter(({ name }) => !results.some((other) => other.name.startsWith(`${name} > `)))
}
