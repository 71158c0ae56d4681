import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { RunningApp } from './app.ts'

/** Listens on a free port of this machine. */
export const listen = async (handler: RequestListener): Promise<RunningApp> => {
  const http = createServer(handler).listen(0, '127.0.0.1')
  await once(http, 'listening')
  const { port } = http.address() as AddressInfo // null and string are for pipes
  return {
    url: `http://127.0.0.1:${port}`,
    close: async () => {
      http.closeAllConnections()
      http.close()
      await once(http, 'close')
    },
  }
}

/** The same for handlers of the web standard, on Node. */
export const listenWeb = (fetch: (request: Request) => Response | Promise<Response>): Promise<RunningApp> =>
  listen((message, response) => {
    const { method = 'GET', url = '/', headers } = message
    const hasBody = method !== 'GET' && method !== 'HEAD'
    const init = {
      method,
      headers: headers as Record<string, string>,
      duplex: 'half',
      ...(hasBody && { body: message }),
    }
    void Promise.resolve(fetch(new Request(`http://127.0.0.1${url}`, init as unknown as RequestInit))).then(
      async (answer) => {
        response.writeHead(answer.status, Object.fromEntries(answer.headers))
        response.end(Buffer.from(await answer.arrayBuffer()))
      },
      () => response.writeHead(500).end(),
    )
  })
