import { randomUUID } from 'node:crypto'
import type { Meter, Tracer } from '@opentelemetry/api'
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-http'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { defaultResource, detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources'
import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics'
import {
  BatchSpanProcessor,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace'
import type { Log } from '../log.ts'
import { version } from '../version.ts'

/** Where to send traces and metrics. */
export interface OtlpOptions {
  /** Without the paths `/v1/traces` and `/v1/metrics`. */
  readonly endpoint: string
  /** For whoever takes them, such as a token. */
  readonly headers: Readonly<Record<string, string>>
  /** Of the traces, from 0 to 1. */
  readonly share: number
  readonly log: Log
}

/** What sends them. */
export interface Otlp {
  readonly tracer: Tracer
  readonly meter: Meter
  /** Sends what is left, and stops. */
  close(): Promise<void>
}

/** For one attempt. What cannot be sent while a server stops does not hold it up for longer. */
const timeoutMillis = 3000

interface Exporter<Items> {
  export(items: Items, done: (result: { readonly code: number; readonly error?: Error }) => void): void
}

/** Logs what an exporter could not send; by itself it says nothing. */
const telling = <Items, Given extends Exporter<Items>>(exporter: Given & Exporter<Items>, log: Log): Given => {
  const send = exporter.export.bind(exporter)
  exporter.export = (items, done) =>
    send(items, (result) => {
      if (result.code !== 0) log({ type: 'otlp.failed', cause: result.error })
      done(result)
    })
  return exporter
}

/** Starts to send by OTLP over HTTP. `OTEL_SERVICE_NAME`, `OTEL_RESOURCE_ATTRIBUTES` and `OTEL_EXPORTER_OTLP_CERTIFICATE` count too. */
export const startOtlp = ({ endpoint, headers, share, log }: OtlpOptions): Otlp => {
  const own = { 'service.name': 'grantry-server', 'service.version': version, 'service.instance.id': randomUUID() }
  const resource = defaultResource()
    .merge(resourceFromAttributes(own))
    .merge(detectResources({ detectors: [envDetector] }))
  const at = (path: string) => ({ url: endpoint.replace(/\/$/, '') + path, headers: { ...headers }, timeoutMillis })
  const spans = telling(new OTLPTraceExporter(at('/v1/traces')), log)
  const ratio = new TraceIdRatioBasedSampler(share)
  const sampler = new ParentBasedSampler({ root: ratio, remoteParentSampled: ratio }) // nobody can have more of them sent
  const traces = new TracerProvider({
    resource,
    sampler,
    spanProcessors: [new BatchSpanProcessor({ exporter: spans })],
  })
  const exporter = telling(new OTLPMetricExporter(at('/v1/metrics')), log)
  const metrics = new MeterProvider({ resource, readers: [new PeriodicExportingMetricReader({ exporter })] })
  return {
    tracer: traces.getTracer('grantry-server', version),
    meter: metrics.getMeter('grantry-server', version),
    close: async () => {
      const closed = await Promise.allSettled([traces.shutdown(), metrics.shutdown()])
      for (const each of closed) if (each.status === 'rejected') log({ type: 'otlp.failed', cause: each.reason })
    },
  }
}
