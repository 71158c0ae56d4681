/** Labels by name. Their values are of fixed lists. */
export type Labels = Readonly<Record<string, string>>

/** Something that is counted. */
export interface Instrument {
  /** Without prefix and unit: `requests`. */
  readonly name: string
  readonly help: string
  readonly labels: readonly string[]
}

/** Times, in seconds. */
export interface TimeInstrument extends Instrument {
  /** Upper ends of the classes. */
  readonly buckets: readonly number[]
}

/** Where things are counted. One instrument has the same name wherever it goes, once a Prometheus has it. */
export interface Meter {
  counter(instrument: Instrument): (labels: Labels, by: number) => void
  times(instrument: TimeInstrument): (labels: Labels, seconds: number) => void
  /** A number that is read when it is asked for. */
  gauge(instrument: Instrument, read: () => readonly (readonly [Labels, number])[]): void
}

/** Counts in all of them. */
export const allMeters = (meters: readonly Meter[]): Meter => {
  const toAll =
    (adds: readonly ((labels: Labels, value: number) => void)[]) =>
    (labels: Labels, value: number): void => {
      for (const add of adds) add(labels, value)
    }
  return {
    counter: (instrument) => toAll(meters.map((meter) => meter.counter(instrument))),
    times: (instrument) => toAll(meters.map((meter) => meter.times(instrument))),
    gauge: (instrument, read) => meters.forEach((meter) => meter.gauge(instrument, read)),
  }
}
