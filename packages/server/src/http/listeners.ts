import { routeNamer, type RouteNamer } from '../telemetry/route-name.ts'
import type { Telemetry } from '../telemetry/telemetry.ts'
import type { App } from './app.ts'
import { listen, type Listener, type ListenOptions } from './listen.ts'
import { createMetricsApp } from './metrics-app.ts'
import { adminHostJudge, hostJudge, metricsHostJudge } from './own-host.ts'
import { trustJudge } from './trusted-proxies.ts'

/** What answers at the port for administration. */
export interface AdminApp extends Pick<App, 'handle'> {
  /** Names the route of a URL. There are only so many names, whatever is asked for. */
  readonly routeOf: RouteNamer
}

/** What is served at the ports of a server. */
export interface Served extends App {
  readonly issuerPath: string
  /** Undefined where there is no port for it. */
  readonly admin: AdminApp | undefined
  isReady(): Promise<boolean>
}

/** The ports of a server. */
export interface Listeners extends Pick<Listener, 'port' | 'drain' | 'close'> {
  /** Undefined where there are no metrics. */
  readonly metricsPort: number | undefined
  /** Undefined where it is not administered here. */
  readonly adminPort: number | undefined
  /** Answers requests from now on, also those that came before and waited. */
  serve(served: Served): void
}

interface Opened {
  readonly main: Listener
  readonly admin: Listener | undefined
  readonly metrics: Listener | undefined
}

/** The options of each port that there is. */
const optionsOf = ({ settings, tracer }: Pick<Telemetry, 'settings' | 'tracer'>, hasMetrics: boolean) => {
  const { port, host, log, adminPort, adminHost, metricsPort, metricsHost } = settings
  const isTrustedProxy = trustJudge(settings.trustedProxies)
  const optionsAt = (
    at: Pick<ListenOptions, 'port' | 'host' | 'isOwnHost' | 'tracer'>,
    name: string,
  ): ListenOptions => ({ ...{ ...at, log, isTrustedProxy }, flags: { port: `--${name}port`, host: `--${name}host` } })
  const admin = { host: adminHost, tracer, isOwnHost: adminHostJudge(settings) }
  const metrics = { host: metricsHost, isOwnHost: metricsHostJudge(settings) }
  return {
    main: optionsAt({ port, host, tracer, isOwnHost: hostJudge(settings) }, ''),
    admin: adminPort === undefined ? undefined : optionsAt({ ...admin, port: adminPort }, 'admin-'),
    metrics:
      metricsPort === undefined || !hasMetrics ? undefined : optionsAt({ ...metrics, port: metricsPort }, 'metrics-'),
  }
}

/** In the order in which they close: what is watched ends before who watches. */
const closeAll = async ({ main, admin, metrics }: Partial<Opened>, how: 'stop' | 'retire' = 'stop'): Promise<void> => {
  for (const each of [main, admin, metrics]) await each?.close(how)
}

const openAll = async (telemetry: Pick<Telemetry, 'settings' | 'tracer'>, hasMetrics: boolean): Promise<Opened> => {
  const options = optionsOf(telemetry, hasMetrics)
  let opened: Partial<Opened> = {}
  try {
    const main = await listen(options.main)
    opened = { main }
    const admin = options.admin && (await listen(options.admin))
    opened = { main, admin }
    return { main, admin, metrics: options.metrics && (await listen(options.metrics)) }
  } catch (thrown) {
    await closeAll(opened)
    throw thrown
  }
}

/** Listens at the ports for requests, for administration and for metrics. Throws a `StartError` that says what to change; nothing stays open then. */
export const openListeners = async (
  telemetry: Pick<Telemetry, 'settings' | 'tracer' | 'prometheus'>,
  { hasMetrics }: { readonly hasMetrics: boolean },
): Promise<Listeners> => {
  const opened = await openAll(telemetry, hasMetrics)
  const { prometheus } = telemetry
  return {
    port: opened.main.port,
    adminPort: opened.admin?.port,
    metricsPort: opened.metrics?.port,
    serve: (served) => {
      opened.main.serve(served.handle, routeNamer(served.issuerPath, served.paths))
      if (served.admin !== undefined) opened.admin?.serve(served.admin.handle, served.admin.routeOf)
      if (prometheus === undefined) return
      const app = createMetricsApp(prometheus, () => served.isReady())
      opened.metrics?.serve(app.handle, routeNamer('', app.paths))
    },
    drain: () => {
      opened.main.drain()
      opened.admin?.drain()
    },
    close: (how) => closeAll(opened, how),
  }
}
