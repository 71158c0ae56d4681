import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { Server as NetServer, type AddressInfo } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import type { Tracer } from '@opentelemetry/api'
import { fromNodeRequest, sendNodeResponse } from 'grantry/node'
import { StartError, systemCode } from '../errors.ts'
import type { Log } from '../log.ts'
import { withDeadline } from '../request-deadline.ts'
import { newScope, runInScope, type RequestScope } from '../telemetry/request-scope.ts'
import { endRequestSpan, startRequestSpan } from '../telemetry/request-span.ts'
import type { RouteNamer } from '../telemetry/route-name.ts'
import { within } from '../within.ts'
import { clientAddress } from './client-address.ts'
import { originForm, refuseHost, type HostJudge } from './own-host.ts'
import type { ReceivedRequest, RequestHandler, SentResponse } from './page-response.ts'
import type { TrustJudge } from './trusted-proxies.ts'

/** A listening socket. */
export interface Listener {
  readonly port: number
  /** Answers requests from now on, also those that came before and waited. */
  serve(handler: RequestHandler, routeOf: RouteNamer): void
  /** Ends each connection with its next answer from now on, so that there are few when it closes. */
  drain(): void
  /**
   * Takes no new connection, waits for requests in flight (10 seconds at most), and ends. With `retire`, another process takes connections:
   * idle ones are left to whoever has them until their time is over, so that no request meets the end of its connection.
   */
  close(how?: 'stop' | 'retire'): Promise<void>
}

/** How to listen. */
export interface ListenOptions {
  readonly port: number
  readonly host: string
  /** What sets them, for messages. */
  readonly flags: { readonly port: string; readonly host: string }
  readonly log: Log
  /** Traces requests; undefined where nobody wants to know. */
  readonly tracer?: Tracer | undefined
  /** Whose word on whom a request is from counts. */
  readonly isTrustedProxy: TrustJudge
  /** By which names it may be asked. */
  readonly isOwnHost: HostJudge
  /** How long a request may take to arrive. Default: 10 seconds for its headers, 15 in all. */
  readonly patience?: Patience
}

/** Times in milliseconds. */
interface Patience {
  readonly headersTimeout: number
  readonly requestTimeout: number
  /** How often it is looked whose time is over. */
  readonly connectionsCheckingInterval: number
}

interface Served {
  readonly handler: RequestHandler
  readonly routeOf: RouteNamer
}

interface Exchange {
  readonly serve: Served
  readonly options: ListenOptions
  readonly scope: RequestScope
  readonly request: ReceivedRequest
}

const usualPatience: Patience = { headersTimeout: 10_000, requestTimeout: 15_000, connectionsCheckingInterval: 1000 }
const holdMs = 2000
const closeTimeoutMs = 9000
/** For a request that is under way as its connection is given up. */
const idleSlackMs = 2000
const lingerMs = 10
const lingerTurns = 10

/** For requests that waited for a server which did not start. */
const neverServed: Served = {
  handler: () => ({ status: 503, headers: { 'Retry-After': '1' }, body: '' }),
  routeOf: () => 'other',
}

const explain = (thrown: unknown, { port, host, flags }: ListenOptions): StartError => {
  const code = systemCode(thrown)
  const text: Readonly<Record<string, string>> = {
    EADDRINUSE: `Port ${port} on ${host} is taken. Stop the program that uses it, or choose another with ${flags.port}.`,
    EACCES: `Port ${port} may not be opened by this user. Choose one from 1024 on with ${flags.port}.`,
    EADDRNOTAVAIL: `${flags.host}: "${host}" is not an address of this machine.`,
    ENOTFOUND: `${flags.host}: the name "${host}" is not known.`,
    EAI_AGAIN: `${flags.host}: the name "${host}" is not known.`,
  }
  return new StartError(
    text[code ?? ''] ?? `Port ${port} on ${host} cannot be opened (${code ?? String(thrown)}).`,
    1,
    thrown,
  )
}

const open = (server: Server, options: ListenOptions): Promise<AddressInfo> =>
  new Promise((resolve, reject) => {
    server.once('error', (thrown) => reject(explain(thrown, options)))
    server.listen(options.port, options.host, () => resolve(server.address() as AddressInfo)) // null and string are for pipes
  })

const send = (response: SentResponse, message: IncomingMessage, to: ServerResponse): void => {
  for (const cookie of response.cookies ?? []) to.appendHeader('Set-Cookie', cookie)
  sendNodeResponse(response, message, to)
}

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

/** Ends without ending what is idle. That of HTTP would end it at once. */
const retire = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    const timers = [
      globalThis.setTimeout(() => server.closeIdleConnections(), server.keepAliveTimeout + idleSlackMs),
      globalThis.setTimeout(() => server.closeAllConnections(), closeTimeoutMs),
    ]
    NetServer.prototype.close.call(server, () => {
      timers.forEach(clearTimeout)
      server.close(() => undefined) // the timers of HTTP; there is nothing left to close
      resolve()
    })
  })

/** Waits for what must be done before the answer, but not longer than a database may take. */
const settle = async ({ held }: RequestScope, log: Log): Promise<void> => {
  if (held.length === 0) return
  await within(holdMs, Promise.all(held)).catch((cause: unknown) => log({ type: 'audit.failed', cause }))
}

/** Answers a request, and says how. */
const respond = async (
  message: IncomingMessage,
  to: ServerResponse,
  { serve: { handler, routeOf }, options, scope, request }: Exchange,
): Promise<void> => {
  const start = performance.now()
  try {
    const response = await withDeadline(() => handler(request))
    await settle(scope, options.log)
    send({ ...response, headers: { ...response.headers, 'X-Request-Id': scope.id } }, message, to)
    const { clientId, grantType } = scope
    const ms = Math.round((performance.now() - start) * 10) / 10
    const { method } = request
    const { status } = response
    const route = routeOf(request.url)
    options.log({ type: 'request.answered', method, route, status, ms, clientId, grantType })
    endRequestSpan(scope, { method, route, status })
  } catch (cause) {
    options.log({ type: 'request.failed', cause })
    to.destroy()
    endRequestSpan(scope, { method: request.method, route: routeOf(request.url), status: 500 })
  }
}

/** Listens at a port; 0 takes a free one. Throws a `StartError` that says what to change. */
export const listen = async (options: ListenOptions): Promise<Listener> => {
  let begin: (serve: Served) => void = () => undefined
  const served = new Promise<Served>((resolve) => (begin = resolve))
  let isDraining = false
  const server = createServer({ ...(options.patience ?? usualPatience) }, (message, to) => {
    if (isDraining) to.shouldKeepAlive = false
    const read = fromNodeRequest(message)
    const peer = message.socket.remoteAddress ?? ''
    const address = clientAddress(peer, read.headers, options.isTrustedProxy)
    const request = { ...read, url: originForm(read.url), address }
    const span = startRequestSpan(options.tracer, request)
    const scope = newScope(request, { address, span, isTrusted: options.isTrustedProxy(peer) })
    const refusal = refuseHost(message, options.isOwnHost)
    void runInScope(scope, async () => {
      const serve = await served
      const serving = refusal === undefined ? serve : { ...serve, handler: () => refusal }
      await respond(message, to, { serve: serving, options, scope, request })
    })
  })
  const { port } = await open(server, options)
  return {
    port,
    serve: (handler, routeOf) => begin({ handler, routeOf }),
    drain: () => void (isDraining = true),
    close: async (how = 'stop') => {
      isDraining = true
      begin(neverServed)
      if (how === 'retire') return retire(server)
      await linger()
      await shut(server)
    },
  }
}
