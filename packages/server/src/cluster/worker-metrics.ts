import { AggregatorRegistry, type Registry } from 'prom-client'

/** Metrics of a process, as prom-client gives them to others. */
type ProcessMetrics = readonly object[]

/** What only grows. */
const isKept = (metric: object): boolean =>
  'type' in metric && (metric.type === 'counter' || metric.type === 'histogram')

/** The lag of the slowest process counts: the mean hides it. */
const readable = (metric: object): object =>
  'name' in metric && String(metric.name).startsWith('nodejs_eventloop_lag') ? { ...metric, aggregator: 'max' } : metric

const sumOf = (all: readonly ProcessMetrics[]): Registry => AggregatorRegistry.aggregate(all.map((each) => [...each]))

/** The metrics of all processes, with what those counted that have ended: a sum that got smaller would be taken for a new beginning. */
export class WorkerMetrics {
  readonly #latest = new Map<number, ProcessMetrics>()
  #ended: Promise<ProcessMetrics> = Promise.resolve([])

  /** Notes what a process has counted. */
  note(id: number, metrics: ProcessMetrics): void {
    this.#latest.set(id, metrics.map(readable))
  }

  /** Keeps what a process had counted that has ended. */
  end(id: number): void {
    const kept = (this.#latest.get(id) ?? []).filter(isKept)
    this.#latest.delete(id)
    this.#ended = this.#ended.then((ended) => sumOf([ended, kept]).getMetricsAsJSON())
  }

  /** All of it as Prometheus reads it. */
  async render(): Promise<{ readonly contentType: string; readonly body: string }> {
    const registry = sumOf([await this.#ended, ...this.#latest.values()])
    return { contentType: registry.contentType, body: await registry.metrics() }
  }
}
