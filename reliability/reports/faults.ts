import { injectFaults } from '../faults.ts'
import { count, none, some, type Experiment, type Report } from '../report.ts'

const run = async (): Promise<Report> => {
  const { cases, answers, withoutRetryAfter, violations } = await injectFaults()
  const control = await injectFaults(true)
  return {
    title: 'Storage faults',
    method:
      'Over a `MemoryStore` and a `SqliteStore`, the n-th store call of a request throws, rejects, acts and then rejects, returns undefined, or hangs, ' +
      'for every n of every flow. The answer must be a 5xx, or a success that holds: its tokens are active, its revocation ' +
      'is done. A failure is never called `invalid_grant` or an inactive token, and no live token belongs to a code that is still good. Undefined is also what ' +
      'most methods return for what is not there or always, and no caller can tell the two apart: there a refusal, or the answer for what is not there, is right. ' +
      'A call that hangs is given up after a limit, here of 20 ms.',
    rows: [
      count('cases', cases),
      count('answered 503', answers['503']),
      count('answered 500', answers['500']),
      count('refused, where undefined means "not there"', answers.refusal),
      count('answered with success', answers.success),
      none('503 without `Retry-After`', withoutRetryAfter),
      none('violations', violations.length),
    ],
    control: 'A store whose failed save is reported as done.',
    controlRows: [some('violations', control.violations.length)],
  }
}

/** Storage that fails at any call. */
export const faults: Experiment = { name: 'faults', needsPostgres: false, run }
