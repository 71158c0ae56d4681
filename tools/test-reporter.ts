import { relative } from 'node:path'
import { Transform } from 'node:stream'
import type { TestEvent } from 'node:test/reporters'
import { inspect } from 'node:util'

type Failure = Extract<TestEvent, { type: 'test:fail' }>['data']
type FileSummary = Extract<TestEvent, { type: 'test:summary' }>['data']

/** Failures of a suite that only say that something inside it failed. */
const repeatsAnother = ({ details }: Failure): boolean =>
  'failureType' in details.error && details.error.failureType === 'subtestsFailed'

const place = ({ file, line, column }: Failure): string => (file === undefined ? '' : ` (${file}:${line}:${column})`)

const failure = (data: Failure): string => {
  const cause: unknown = data.details.error.cause
  return `✖ ${data.name}${place(data)}\n${inspect(cause ?? data.details.error).replaceAll(/^/gm, '    ')}\n`
}

const summary = ({ file = '', success, counts, duration_ms: ms }: FileSummary): string => {
  const name = relative(process.cwd(), file)
  return `${success ? '✔' : '✖'} ${name}: ${counts.passed} of ${counts.tests} (${(ms / 1000).toFixed(1)} s)\n`
}

const textOf = ({ type, data }: TestEvent): string => {
  if (type === 'test:fail' && !repeatsAnother(data)) return failure(data)
  if (type === 'test:stdout' || type === 'test:stderr') return data.message
  return type === 'test:summary' && data.file !== undefined ? summary(data) : ''
}

const closing: string[] = []

/**
 * One line per test file, every failure where it happens, and node's own closing summary as the last thing printed, so that its
 * figures are never out of sight above a long list. A stream and not a generator: what it has is printed at once, even where the run
 * is interrupted.
 */
export default new Transform({
  writableObjectMode: true,
  transform(event: TestEvent, _encoding, done) {
    const { type, data } = event
    if (type === 'test:diagnostic' && data.file === undefined && data.nesting === 0) closing.push(`ℹ ${data.message}\n`)
    done(null, textOf(event))
  },
  flush(done) {
    done(null, closing.join(''))
  },
})
