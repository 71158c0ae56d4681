import { createServer, type RequestListener } from 'node:http'

/** A server that listens on a free port of 127.0.0.1. */
export interface Listening {
  readonly origin: string
  readonly close: () => Promise<void>
}

/** Starts a server for a handler that is made once the origin is known, as an issuer is part of most configurations. */
export const listen = async (
  makeHandler: (origin: string) => RequestListener | Promise<RequestListener>,
): Promise<Listening> => {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const origin = `http://127.0.0.1:${port}`
  server.on('request', await makeHandler(origin))
  return {
    origin,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
