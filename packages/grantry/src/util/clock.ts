/** Tells the time in seconds since the epoch. */
export type Clock = () => number

/** The clock of the machine. Pass another one for tests. */
// eslint-disable-next-line no-restricted-globals -- the one place that reads the machine's clock
export const systemClock: Clock = () => Math.floor(Date.now() / 1000)
