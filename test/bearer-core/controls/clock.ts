import { mock } from 'node:test'

/** The clock of this process. The peers read `Date` themselves, so moving theirs means moving it for the whole process. */
export interface ProcessClock {
  /** Seconds since the epoch. */
  readonly now: () => number
  readonly advance: (seconds: number) => void
  /** Gives the process its real clock back. */
  readonly restore: () => void
}

/** Stops `Date` at the present moment; it moves by `advance` only. One at a time. */
export const stopClock = (): ProcessClock => {
  mock.timers.enable({ apis: ['Date'], now: Date.now() })
  return {
    now: () => Math.floor(Date.now() / 1000),
    advance: (seconds) => mock.timers.setTime(Date.now() + seconds * 1000),
    restore: () => mock.timers.reset(),
  }
}
