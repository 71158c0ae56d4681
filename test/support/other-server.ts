import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after } from 'node:test'

/** A server of somebody else on the loopback interface. */
export interface OtherServer {
  readonly port: number
  /** `http://127.0.0.1:port` */
  readonly origin: string
  /** What it was asked, as `METHOD path`. */
  readonly asked: string[]
}

/** Starts one; it stops after the tests of the file. */
export const startOtherServer = async (answer: RequestListener): Promise<OtherServer> => {
  const asked: string[] = []
  const server = createServer((request, response) => {
    asked.push(`${String(request.method)} ${String(request.url)}`)
    answer(request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  after(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo // a TCP server has an AddressInfo
  return { port, origin: `http://127.0.0.1:${port}`, asked }
}
