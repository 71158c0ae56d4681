import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { StartError, systemCode } from '../errors.ts'

/** A place on this machine where a browser brings a code. */
export interface Callback {
  readonly redirectUri: string
  /** The URL that the browser came with. */
  readonly arrived: Promise<URL>
  close(): void
}

const path = '/callback'

const portOf = (server: Server): number => {
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}

/** Listens on the loopback interface (RFC 8252 §7.3) until one request for `/callback` came. 0 takes a free port. */
export const openCallback = async (port: number): Promise<Callback> => {
  let arrive: (url: URL) => void
  const arrived = new Promise<URL>((resolve) => (arrive = resolve))
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', `http://127.0.0.1:${portOf(server)}`)
    const isIt = request.method === 'GET' && url.pathname === path
    response.writeHead(isIt ? 200 : 404, {
      'Content-Type': 'text/plain; charset=utf-8',
      'Cache-Control': 'no-store',
      Connection: 'close',
    })
    response.end(isIt ? 'Done. You can close this window.\n' : 'Nothing is here.\n')
    if (isIt) arrive(url)
  })
  try {
    await once(server.listen(port, '127.0.0.1'), 'listening')
  } catch (thrown) {
    throw new StartError(`--port ${port} cannot be listened at (${systemCode(thrown) ?? String(thrown)}).`, 1, thrown)
  }
  return { redirectUri: `http://127.0.0.1:${portOf(server)}${path}`, arrived, close: () => server.close() }
}
