import { metrics as openTelemetryMetrics, trace, type Tracer } from '@opentelemetry/api'
import type { Log } from '../log.ts'
import type { Settings } from '../settings.ts'
import { version } from '../version.ts'
import type { Observe } from './measured.ts'
import { allMeters } from './meter.ts'
import { createMetrics, type Metrics } from './metrics.ts'
import { openTelemetryMeter } from './opentelemetry-meter.ts'
import type { Otlp } from './otlp.ts'
import { createPrometheus, type Prometheus } from './prometheus.ts'
import { requestSpan } from './request-scope.ts'
import { addSpan } from './request-span.ts'
import { watchLog } from './watch-log.ts'

/** What watches a server. */
export interface Telemetry {
  /** The settings with a log that is watched, and with what is told that something took its time. */
  readonly settings: Settings
  /** Adds somebody who gets each record, with the ids of its request, before it is written. */
  readonly watch: (watcher: Log) => void
  readonly tracer: Tracer
  readonly metrics: Pick<Metrics, 'watchPool' | 'watchWorkers'>
  /** Undefined where nobody asks for metrics. */
  readonly prometheus: Prometheus | undefined
  /** Sends what is left. */
  close(): Promise<void>
}

/** What is sent by OTLP, or given to whatever a program around this server has set up; to nobody where there is nothing. */
const openTelemetryOf = async (settings: Settings, log: Log): Promise<Otlp> => {
  const { otlpEndpoint: endpoint, otlpHeaders: headers, otlpSampling } = settings
  if (endpoint !== undefined) {
    const { startOtlp } = await import('./otlp.ts') // a tree of packages
    return startOtlp({ endpoint, headers, log, share: otlpSampling / 100 })
  }
  return {
    tracer: trace.getTracer('grantry-server', version),
    meter: openTelemetryMetrics.getMeter('grantry-server', version),
    close: async () => undefined,
  }
}

/** Starts what watches a server: metrics and traces, made of what it logs and of what took its time. */
export const startTelemetry = async (given: Settings): Promise<Telemetry> => {
  const { settings, watch } = watchLog(given)
  const { tracer, meter, ...sender } = await openTelemetryOf(settings, settings.log)
  const prometheus = settings.metricsPort === undefined ? undefined : createPrometheus()
  const metrics = createMetrics(
    allMeters([openTelemetryMeter(meter), ...(prometheus === undefined ? [] : [prometheus.meter])]),
  )
  watch(metrics.count)
  const observe: Observe = (measured) => {
    metrics.observe(measured)
    const span = requestSpan()
    if (span !== undefined) addSpan(tracer, span, measured)
  }
  return { settings: { ...settings, observe }, watch, tracer, metrics, prometheus, close: () => sender.close() }
}
