/** A TCP proxy that can stop passing anything on, as a network or a machine does that hangs. */
import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

/** A proxy before a server. */
export interface Proxy {
  readonly port: number
  /** Nothing passes from now on, and nothing says so. */
  stall(): void
  /** New connections pass again. Those that there were hang for ever, as after a failover. */
  resume(): void
  /** Ends the connections that there are. */
  cut(): void
  close(): void
}

/** Listens at a free port and passes everything to a Unix socket. */
export const startProxy = async (socketPath: string): Promise<Proxy> => {
  const sockets = new Set<Socket>()
  let isStalled = false
  const join = (from: Socket, to: Socket): void => {
    sockets.add(from)
    from.on('data', (chunk) => to.write(chunk))
    from.on('error', () => to.destroy())
    from.on('close', () => {
      sockets.delete(from)
      to.destroy()
    })
    if (isStalled) from.pause()
  }
  const server = createServer((client) => {
    const target = connect(socketPath)
    join(client, target)
    join(target, client)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port, // null and string are for pipes
    stall() {
      isStalled = true
      for (const socket of sockets) socket.pause()
    },
    resume() {
      isStalled = false
    },
    cut() {
      for (const socket of sockets) socket.destroy()
    },
    close() {
      server.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}
