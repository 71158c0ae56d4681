import type { Settings } from '../settings.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import { routeNamer } from '../telemetry/route-name.ts'
import type { App } from './app.ts'
import { listen, type Listener } from './listen.ts'
import { createMetricsApp } from './metrics-app.ts'
import { hostJudge, metricsHostJudge } from './own-host.ts'
import { trustJudge } from './trusted-proxies.ts'

/** What is served at the ports of a server. */
export interface Served extends App {
  readonly issuerPath: string
  isReady(): Promise<boolean>
}

/** The ports of a server. */
export interface Listeners extends Pick<Listener, 'port' | 'close'> {
  /** Undefined where there are no metrics. */
  readonly metricsPort: number | undefined
  /** Answers requests from now on; before, they get 503. */
  serve(served: Served): void
}

const openMetrics = async (settings: Settings, metrics: Metrics | undefined): Promise<Listener | undefined> => {
  const { metricsPort: port, metricsHost: host, log } = settings
  if (port === undefined || metrics === undefined) return undefined
  const flags = { port: '--metrics-port', host: '--metrics-host' }
  return listen({ port, host, log, flags, isTrustedProxy: () => false, isOwnHost: metricsHostJudge(settings) })
}

/** Listens at the port for requests, and at the one for metrics. Throws a `StartError` that says what to change; nothing stays open then. */
export const openListeners = async (settings: Settings, metrics: Metrics | undefined): Promise<Listeners> => {
  const { port, host, log, trustedProxies } = settings
  const flags = { port: '--port', host: '--host' }
  const judges = { isTrustedProxy: trustJudge(trustedProxies), isOwnHost: hostJudge(settings) }
  const main = await listen({ port, host, log, flags, ...judges })
  const aside = await openMetrics(settings, metrics).catch(async (thrown: unknown) => {
    await main.close()
    throw thrown
  })
  return {
    port: main.port,
    metricsPort: aside?.port,
    serve: (served) => {
      main.serve(served.handle, routeNamer(served.issuerPath, served.paths))
      if (metrics === undefined) return
      const app = createMetricsApp(metrics, () => served.isReady())
      aside?.serve(app.handle, routeNamer('', app.paths))
    },
    close: async () => {
      await main.close()
      await aside?.close() // last, so that it can be watched how the other one ends
    },
  }
}
