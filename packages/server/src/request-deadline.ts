import { AsyncLocalStorage } from 'node:async_hooks'

/** How long the database may take in all for one request, in milliseconds. */
const deadlineMs = 2000

const deadlines = new AsyncLocalStorage<number>()

/** Runs what answers a request: the waits for the database in it end by one deadline, however many they are. */
export const withDeadline = <Result>(answer: () => Result): Result =>
  deadlines.run(performance.now() + deadlineMs, answer)

/** When a wait for the database that begins now ends at the latest, by `performance.now()`. */
export const databaseDeadline = (): number => Math.min(deadlines.getStore() ?? Infinity, performance.now() + deadlineMs)
