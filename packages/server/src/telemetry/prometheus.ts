import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client'
import { version } from '../version.ts'
import type { Meter } from './meter.ts'

/** What is counted, as Prometheus reads it. */
export interface Prometheus {
  readonly meter: Meter
  /** All of it. */
  render(): Promise<{ readonly contentType: string; readonly body: string }>
  /** The same for another process, which adds it to that of others. */
  json(): Promise<readonly object[]>
}

const meterOf = (registry: Registry): Meter => {
  const registers = [registry]
  return {
    counter: ({ name, help, labels }) => {
      const counter = new Counter({ name: `grantry_${name}_total`, help, labelNames: labels, registers })
      return (values, by) => counter.inc({ ...values }, by)
    },
    times: ({ name, help, labels, buckets }) => {
      const times = { name: `grantry_${name}_seconds`, help, labelNames: labels, buckets: [...buckets], registers }
      const histogram = new Histogram(times)
      return (values, seconds) => histogram.observe({ ...values }, seconds)
    },
    gauge: ({ name, help, labels }, read) => {
      const gauge = new Gauge({
        ...{ name: `grantry_${name}`, help, labelNames: labels, registers },
        collect: () => read().forEach(([values, value]) => gauge.set({ ...values }, value)),
      })
    },
  }
}

/** Metrics in a registry of their own, with those of the process. */
export const createPrometheus = (): Prometheus => {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const info = { name: 'grantry_build_info', help: 'The version.', labelNames: ['version'], registers: [registry] }
  new Gauge({ ...info, aggregator: 'first' }).set({ version }, 1) // of several processes, it is that of one
  return {
    meter: meterOf(registry),
    json: () => registry.getMetricsAsJSON(),
    render: async () => ({ contentType: registry.contentType, body: await registry.metrics() }),
  }
}
