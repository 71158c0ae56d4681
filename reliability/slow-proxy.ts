import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

/** A TCP proxy before a database, which can be slow or stop passing anything on. */
export interface SlowProxy {
  readonly port: number
  /** Milliseconds that everything from the client waits from now on. */
  readonly delay: (ms: number) => void
  /** Nothing passes from now on, and nothing says so. */
  readonly stall: () => void
  /** All passes again, what was held back first. */
  readonly resume: () => void
  readonly close: () => void
}

/** Listens at a free port of this machine and passes everything to a Unix socket and back. */
export const startSlowProxy = async (socketPath: string): Promise<SlowProxy> => {
  const sockets = new Set<Socket>()
  const held: (() => void)[] = []
  let delayMs = 0
  let isStalled = false
  const whenMoving = (act: () => void): void => {
    if (isStalled) held.push(act)
    else act()
  }
  const pass = (from: Socket, to: Socket, waits: () => number): void => {
    sockets.add(from)
    const later = (act: () => void): void => {
      const ms = waits()
      if (ms === 0) whenMoving(act)
      else setTimeout(() => whenMoving(act), ms)
    }
    from.on('data', (chunk) => later(() => void to.write(chunk)))
    from.on('error', () => to.destroy())
    from.on('close', () => {
      sockets.delete(from)
      later(() => void to.end())
    })
  }
  const server = createServer({ noDelay: true }, (client) => {
    const target = connect(socketPath)
    pass(client, target, () => delayMs)
    pass(target, client, () => 0)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port, // null and string are for pipes
    delay: (ms) => {
      delayMs = ms
    },
    stall: () => {
      isStalled = true
    },
    resume: () => {
      isStalled = false
      for (const act of held.splice(0)) act()
    },
    close: () => {
      server.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}
