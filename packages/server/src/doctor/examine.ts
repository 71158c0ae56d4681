import { clientPages } from '../client-pages.ts'
import type { Data } from '../data.ts'
import type { Settings } from '../settings.ts'
import type { Check, Severity } from './check.ts'
import { checks, type Area, type CheckId } from './checks.ts'
import { lookAround } from './deployment.ts'
import { profiles, type ProfileName, type ProfileTable } from './profiles.ts'

/** Something that a check found. */
export interface Finding {
  readonly check: CheckId
  readonly severity: Severity
  readonly area: Area
  /** The id of the client that it is about. */
  readonly clientId?: string
  /** What was found, in a few words. */
  readonly found: string
  readonly text: string
  readonly mend: string
  readonly source: string
}

/** What was found, the worst first. */
export interface Diagnosis {
  readonly profile: ProfileName
  readonly clients: number
  readonly findings: readonly Finding[]
}

const order: readonly Severity[] = ['error', 'warning', 'hint']

/** Runs checks of one area on one subject. */
const grader =
  ({ severities }: ProfileTable) =>
  <Subject>(area: Area, table: Readonly<Record<string, Check<Subject>>>, subject: Subject): readonly Finding[] =>
    Object.entries(table).flatMap(([id, check]) => {
      const graded = severities[id as CheckId] ?? check.severity // entries widens the names
      if (graded === 'off') return []
      const { text, mend, source } = check
      return check
        .find(subject)
        .map((found) => ({ check: id as CheckId, severity: graded, area, found, text, mend, source }))
    })

/** Looks at settings, deployment and every client, and changes nothing. `config` is the path of the configuration file. */
export const examine = async (settings: Settings, config: string | undefined): Promise<Diagnosis> => {
  const grade = grader(profiles[settings.profile])
  const findings: Finding[] = [...grade('settings', checks.settings, settings)]
  let clients = 0
  const lookAtClients = async ({ store }: Data): Promise<void> => {
    for await (const page of clientPages(store)) {
      clients += page.length
      for (const client of page) {
        const found = grade('client', checks.client, { client, now: settings.now() })
        findings.push(...found.map((finding) => ({ ...finding, clientId: client.id })))
      }
    }
  }
  const deployment = await lookAround(settings, config, lookAtClients)
  findings.push(...grade('deployment', checks.deployment, deployment))
  const rank = ({ severity }: Finding): number => order.indexOf(severity)
  return { profile: settings.profile, clients, findings: findings.toSorted((a, b) => rank(a) - rank(b)) }
}
