import { relative } from 'node:path'
import { inspect } from 'node:util'
import type { TestEvent } from 'node:test/reporters'

type Failure = Extract<TestEvent, { type: 'test:fail' }>['data']

/** Failures of a suite that only say that something inside it failed. */
const repeatsAnother = ({ details }: Failure): boolean =>
  'failureType' in details.error && details.error.failureType === 'subtestsFailed'

const place = ({ file, line, column }: Failure): string =>
  file === undefined ? '' : ` (${file}:${String(line)}:${String(column)})`

const failure = (data: Failure): string => {
  const cause: unknown = data.details.error.cause
  return `✖ ${data.name}${place(data)}\n${inspect(cause ?? data.details.error).replaceAll(/^/gm, '    ')}\n`
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`

/**
 * One line per test file, every failure where it happens, and node's own closing summary as the last thing printed, so that its
 * figures are never out of sight above a long list.
 */
export default async function* report(events: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  const closing: string[] = []
  for await (const { type, data } of events) {
    if (type === 'test:fail' && !repeatsAnother(data)) yield failure(data)
    if (type === 'test:stdout' || type === 'test:stderr') yield data.message
    if (type === 'test:summary' && data.file !== undefined) {
      const { tests, passed } = data.counts
      const file = relative(process.cwd(), data.file)
      yield `${data.success ? '✔' : '✖'} ${file}: ${passed} of ${tests} (${seconds(data.duration_ms)})\n`
    }
    if (type === 'test:diagnostic' && data.file === undefined && data.nesting === 0) closing.push(`ℹ ${data.message}\n`)
  }
  yield* closing
}
