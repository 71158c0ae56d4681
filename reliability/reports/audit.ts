import { killAmongAuditEvents, type AuditFigures } from '../audit-kill.ts'
import { whyNoPostgres } from '../postgres-bench.ts'
import { count, none, some, type Experiment, type Report, type Row } from '../report.ts'

const kills = 15

const rowsOf = (backend: string, figures: AuditFigures): readonly Row[] => [
  count(`${backend}: acknowledged revocations`, figures.acknowledged),
  none(`${backend}: acknowledged revocations without an event`, figures.lost),
  none(`${backend}: events that the receiver never took`, figures.unsent),
  count(`${backend}: events that it took more than once`, figures.sentAgain),
]

const run = async (): Promise<Report> => {
  const backends = whyNoPostgres === undefined ? (['SQLite', 'PostgreSQL'] as const) : (['SQLite'] as const)
  const rows: Row[] = []
  let [attempts, attemptsLost] = [0, 0]
  for (const backend of backends) {
    const figures = await killAmongAuditEvents(kills, backend)
    rows.push(...rowsOf(backend, figures))
    attempts += figures.attempts
    attemptsLost += figures.attemptsLost
  }
  return {
    title: 'Audit events and kill -9',
    method:
      `Six workers get tokens, revoke them and guess secrets, and \`grantry-server start\` is killed after an answer that chance chooses, ${kills} times on each database. ` +
      'A receiver of the audit events takes a message, answers 500, or takes one without saying so, as chance has it. Every acknowledged revocation must ' +
      'have its event in the database, and every event of the database must be taken in the end.',
    rows,
    control: 'Events of attempts, which are written within about a second and not before the answer.',
    controlRows: [count('answered attempts', attempts), some('answered attempts without an event', attemptsLost)],
  }
}

/** Kills among audit events. */
export const audit: Experiment = { name: 'audit', needsPostgres: false, run }
