import type { Experiment } from './report.ts'
import { cleanUpBesideRequests } from './reports/clean-up.ts'
import { diskFull } from './reports/disk-full.ts'
import { liveTokens } from './reports/live-tokens.ts'

/** What becomes of a database that is full, or holds millions of rows. */
export const dataExperiments: readonly Experiment[] = [diskFull, cleanUpBesideRequests, liveTokens]
