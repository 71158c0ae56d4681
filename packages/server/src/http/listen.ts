import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import { fromNodeRequest, sendNodeResponse } from 'grantry/node'
import { StartError, systemCode } from '../errors.ts'
import type { Log } from '../log.ts'
import { withDeadline } from '../request-deadline.ts'
import type { RequestHandler } from './page-response.ts'

/** A listening socket. */
export interface Listener {
  readonly port: number
  /** Answers requests from now on; before, they get 503. */
  serve(handler: RequestHandler): void
  /** Takes no new connection, waits for requests in flight (10 seconds at most), and ends. */
  close(): Promise<void>
}

const headersTimeoutMs = 10_000
const requestTimeoutMs = 15_000
const closeTimeoutMs = 9000
const lingerMs = 10
const lingerTurns = 10

const starting: RequestHandler = () => ({ status: 503, headers: { 'Retry-After': '1' }, body: '' })

const explain = (thrown: unknown, port: number, host: string): StartError => {
  const code = systemCode(thrown)
  const text: Readonly<Record<string, string>> = {
    EADDRINUSE: `Port ${port} on ${host} is taken. Stop the program that uses it, or choose another with --port.`,
    EACCES: `Port ${port} may not be opened by this user. Choose one from 1024 on with --port.`,
    EADDRNOTAVAIL: `--host: "${host}" is not an address of this machine.`,
    ENOTFOUND: `--host: the name "${host}" is not known.`,
    EAI_AGAIN: `--host: the name "${host}" is not known.`,
  }
  return new StartError(
    text[code ?? ''] ?? `Port ${port} on ${host} cannot be opened (${code ?? String(thrown)}).`,
    1,
    thrown,
  )
}

const open = (server: Server, port: number, host: string): Promise<AddressInfo> =>
  new Promise((resolve, reject) => {
    server.once('error', (thrown) => reject(explain(thrown, port, host)))
    server.listen(port, host, () => resolve(server.address() as AddressInfo)) // null and string are for pipes
  })

/**
 * Leaves time for requests that were sent and are not read yet: they are answered, and their connections end with that. It is counted in
 * turns of the event loop, as a new connection is accepted in one and read in the next, however long each takes.
 */
const linger = async (): Promise<void> => {
  for (let turn = 0; turn < lingerTurns; turn++) await setTimeout(lingerMs)
}

const shut = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    const timer = globalThis.setTimeout(() => server.closeAllConnections(), closeTimeoutMs)
    server.close(() => {
      clearTimeout(timer)
      resolve()
    })
    server.closeIdleConnections()
  })

/** Listens at a port; 0 takes a free one. Throws a `StartError` that says what to change. */
export const listen = async (options: {
  readonly port: number
  readonly host: string
  readonly log: Log
}): Promise<Listener> => {
  let handler = starting
  let isClosing = false
  const server = createServer({ headersTimeout: headersTimeoutMs, requestTimeout: requestTimeoutMs }, (message, to) => {
    if (isClosing) to.shouldKeepAlive = false
    const request = { ...fromNodeRequest(message), address: message.socket.remoteAddress ?? '' }
    const fail = (cause: unknown): void => {
      options.log({ type: 'request.failed', cause })
      to.destroy()
    }
    void Promise.resolve(withDeadline(() => handler(request)))
      .then((response) => sendNodeResponse(response, message, to))
      .catch(fail)
  })
  const { port } = await open(server, options.port, options.host)
  return {
    port,
    serve: (next) => {
      handler = next
    },
    close: async () => {
      isClosing = true
      await linger()
      await shut(server)
    },
  }
}
