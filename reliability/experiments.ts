import { dataExperiments } from './data-experiments.ts'
import type { Experiment } from './report.ts'
import { audit } from './reports/audit.ts'
import { clock } from './reports/clock.ts'
import { crash } from './reports/crash.ts'
import { databaseRestarts } from './reports/database-restarts.ts'
import { faults } from './reports/faults.ts'
import { gracefulStop } from './reports/graceful-stop.ts'
import { histories } from './reports/histories.ts'
import { keyRotation } from './reports/key-rotation.ts'
import { kill } from './reports/kill.ts'
import { lifecycle } from './reports/lifecycle.ts'
import { slow } from './reports/slow-database.ts'
import { logouts } from './reports/logouts.ts'
import { timing } from './reports/timing.ts'
import { restarts } from './reports/restarts.ts'
import { twoNodes } from './reports/two-nodes.ts'

/** All experiments in their long form. */
export const experiments: readonly Experiment[] = [
  kill,
  twoNodes,
  databaseRestarts,
  slow,
  gracefulStop,
  restarts,
  logouts,
  audit,
  crash,
  faults,
  histories,
  lifecycle,
  clock,
  keyRotation,
  timing,
  ...dataExperiments,
]
