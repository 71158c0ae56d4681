import { createMetricsApp } from '../http/metrics-app.ts'
import { listen, type Listener } from '../http/listen.ts'
import { metricsHostJudge } from '../http/own-host.ts'
import type { Settings } from '../settings.ts'
import { toldToStop } from '../told-to-stop.ts'
import { routeNamer } from '../telemetry/route-name.ts'
import { startTelemetry, type Telemetry } from '../telemetry/telemetry.ts'
import { Crew, type CrewPlan } from './crew.ts'
import type { ServerInfo } from './messages.ts'
import { workersOf } from './workers-of.ts'

/** What says how many workers there are, and how they end. */
export type PlanSettings = Pick<Settings, 'workers' | 'stopDelay'>

/** Seconds that a worker may take to end beside what it is told to wait: longer than its connections and statements do. */
const patience = 25
/** The process of the primary, among the ids of workers. */
const ownId = 0

const planOf = (settings: PlanSettings): CrewPlan => ({
  size: workersOf(settings),
  patience: patience + settings.stopDelay,
})

/** The port for the metrics of all processes. */
const openMetrics = async ({ settings, prometheus }: Telemetry, crew: Crew): Promise<Listener | undefined> => {
  const { metricsPort: port, metricsHost: host, log } = settings
  if (port === undefined || prometheus === undefined) return undefined
  const flags = { port: '--metrics-port', host: '--metrics-host' }
  const listener = await listen({
    ...{ port, host, log, flags },
    isTrustedProxy: () => false,
    isOwnHost: metricsHostJudge(settings),
  })
  const render = async () => {
    await crew.reports()
    crew.metrics.note(ownId, await prometheus.json())
    return crew.metrics.render()
  }
  const isReady = async () => (await crew.reports()).some((report) => report.isReady)
  const app = createMetricsApp({ render }, isReady)
  listener.serve(app.handle, routeNamer('', app.paths))
  return listener
}

const metricsUrlOf = ({ metricsHost: host }: Settings, { port }: Listener): string =>
  `http://${host.includes(':') ? `[${host}]` : host}:${port}`

/** Does the work when it is asked to, and once more for all who ask meanwhile. */
const oneAfterTheOther = (work: () => Promise<void>): (() => void) => {
  let current: Promise<void> | undefined
  let next: Promise<void> | undefined
  const run = async (): Promise<void> => {
    await current
    current = next
    next = undefined
    await work()
  }
  return () => void (next ??= run())
}

/** How a primary is run. */
export interface PrimaryOptions {
  /** Reads the configuration anew. Throws where it is wrong. */
  readonly read: () => PlanSettings
  /** Gets what to tell people. */
  readonly onReady: (info: ServerInfo) => void
}

/**
 * Runs workers until it is told to stop, and has no state of its own. SIGHUP replaces the workers one by one; they read the configuration
 * anew. Gives the exit code.
 */
export const runPrimary = async (given: Settings, { read, onReady }: PrimaryOptions): Promise<number> => {
  const telemetry = await startTelemetry(given)
  const { log } = telemetry.settings
  const crew = new Crew(log)
  telemetry.metrics.watchWorkers(() => crew.atWork)
  const metrics = await openMetrics(telemetry, crew)
  const starting = crew.start(planOf(given))
  const reload = oneAfterTheOther(async () => {
    try {
      await starting
      const isDone = await crew.replaceAll(planOf(read()))
      log(isDone ? { type: 'reload.done' } : { type: 'reload.failed', detail: 'A new worker did not start.' })
    } catch (cause) {
      log({ type: 'reload.failed', cause })
    }
  })
  const stop = toldToStop(reload).then(() => 0)
  const started = await Promise.race([starting, stop])
  if (typeof started !== 'number') {
    onReady({ ...started, metricsUrl: metrics && metricsUrlOf(given, metrics) })
    await stop
  }
  await crew.stop()
  await metrics?.close()
  await telemetry.close()
  return typeof started === 'number' ? started : 0
}
