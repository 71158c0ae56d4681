import { setTimeout } from 'node:timers/promises'

/** Work that is done again and again beside requests. */
export interface Rounds {
  /** Starts the next round at once: there is something to do. */
  readonly wake: () => void
  /** Stops, and resolves when the round under way is done. */
  readonly stop: () => Promise<void>
}

/** When rounds are. */
export interface RoundsOptions {
  /** Milliseconds between two of them, on average: from half of it to one and a half, so that nodes that were started at once do not stay in step. */
  readonly everyMs: number
  /** Whether the first one is at once. Default: after a pause. */
  readonly startsNow?: boolean
}

/** Runs `round` again and again until it is stopped, which `signal` tells it. It must not throw. */
export const startRounds = (
  round: (signal: AbortSignal) => Promise<void>,
  { everyMs, startsNow = false }: RoundsOptions,
): Rounds => {
  const stopping = new AbortController()
  let pause = new AbortController()
  if (startsNow) pause.abort()
  const rest = async (): Promise<void> => {
    const ms = everyMs * (0.5 + Math.random())
    await setTimeout(ms, undefined, { signal: pause.signal, ref: false }).catch(() => undefined) // woken
    pause = new AbortController() // who wakes from here on wants another round
  }
  const run = async (): Promise<void> => {
    await rest()
    while (!stopping.signal.aborted) {
      await round(stopping.signal)
      await rest()
    }
  }
  const stopped = run()
  return {
    wake: () => pause.abort(),
    stop: () => {
      stopping.abort()
      pause.abort()
      return stopped
    },
  }
}
