import type { LogoutOutbox, OpenIdServer } from 'grantry'
import type { Log } from './log.ts'

/** How logouts are delivered. */
export interface DeliveryOptions {
  readonly log: Log
  /** Milliseconds between two looks at what is due, on average. Default: 5000. */
  readonly everyMs?: number
}

/** As many as are told at once; where there are more, the next look follows at once. */
const batch = 16

/** Tells clients of the logouts that are due, beside requests: at once, and from time to time those that failed or were left by a node that died. */
export class LogoutDelivery {
  readonly #server: Pick<OpenIdServer, 'deliverLogouts'>
  readonly #outbox: LogoutOutbox
  readonly #log: Log
  readonly #everyMs: number
  readonly #stopping = new AbortController()
  #isDue = false
  #endPause = (): void => undefined

  constructor(
    server: Pick<OpenIdServer, 'deliverLogouts'>,
    outbox: LogoutOutbox,
    { log, everyMs = 5000 }: DeliveryOptions,
  ) {
    this.#server = server
    this.#outbox = outbox
    this.#log = log
    this.#everyMs = everyMs
  }

  /** Starts, and returns the function that stops it, which resolves when the requests under way are answered. What is left stays due. */
  start(): () => Promise<void> {
    const ended = this.#run()
    return () => {
      this.#stopping.abort()
      this.wake()
      return ended
    }
  }

  /** Looks at once: something is due. */
  wake(): void {
    this.#isDue = true
    this.#endPause()
  }

  async #run(): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      this.#isDue = false
      await this.#deliver()
      await this.#pause()
    }
  }

  async #deliver(): Promise<void> {
    try {
      let told = batch
      while (told === batch && !this.#stopping.signal.aborted)
        told = await this.#server.deliverLogouts(this.#outbox, batch)
    } catch (cause) {
      this.#log({ type: 'logout.delivery_failed', cause })
    }
  }

  async #pause(): Promise<void> {
    if (this.#isDue) return
    const ms = this.#everyMs * (0.5 + Math.random()) // nodes that were started at once do not stay in step
    let timer: NodeJS.Timeout | undefined
    await new Promise<void>((resolve) => {
      this.#endPause = resolve
      timer = setTimeout(resolve, ms).unref()
    })
    clearTimeout(timer)
  }
}
