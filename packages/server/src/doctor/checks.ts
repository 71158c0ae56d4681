import type { Check } from './check.ts'
import { clientChecks } from './client-checks.ts'
import { deploymentChecks } from './deployment-checks.ts'
import { settingsChecks } from './settings-checks.ts'

/** Every check by what it looks at. */
export const checks = { settings: settingsChecks, deployment: deploymentChecks, client: clientChecks } as const

/** What is looked at. */
export type Area = keyof typeof checks

/** The id of a check. */
export type CheckId = { readonly [Each in Area]: keyof (typeof checks)[Each] }[Area]

/** A check as people are told of it. */
export type CheckRow = Omit<Check<never>, 'find'>

/** Every check with its area, in the order of the reference. */
export const checkRows = (Object.entries(checks) as [Area, Readonly<Record<string, CheckRow>>][]).flatMap(
  ([area, table]) => Object.entries(table).map(([id, row]) => ({ area, id: id as CheckId, ...row })), // entries widens the names
)
