import type { Meter as OpenTelemetryMeter } from '@opentelemetry/api'
import type { Meter } from './meter.ts'

/** Counts by OpenTelemetry: `grantry.requests` becomes `grantry_requests_total` where a Prometheus takes it. */
export const openTelemetryMeter = (meter: OpenTelemetryMeter): Meter => ({
  counter: ({ name, help: description }) => {
    const counter = meter.createCounter(`grantry.${name}`, { description })
    return (labels, by) => counter.add(by, labels)
  },
  times: ({ name, help: description, buckets }) => {
    const advice = { explicitBucketBoundaries: [...buckets] }
    const histogram = meter.createHistogram(`grantry.${name}`, { description, unit: 's', advice })
    return (labels, seconds) => histogram.record(seconds, labels)
  },
  gauge: ({ name, help: description }, read) =>
    meter
      .createObservableGauge(`grantry.${name}`, { description })
      .addCallback((result) => read().forEach(([labels, value]) => result.observe(value, labels))),
})
