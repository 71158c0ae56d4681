/** Requests as no HTTP client would write them. */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

/** A connection, which gives up nothing that was sent on it. */
export const dial = async ({ port }: { readonly port: string | number }): Promise<Socket> => {
  const socket = connect(Number(port), '127.0.0.1')
  socket.on('error', () => undefined) // a server may end it in the middle of what is written
  await once(socket, 'connect')
  return socket
}

/** The status of each answer on a connection that these bytes were sent on, when the server has ended it or `count` of them are there. */
export const statusesOf = async (
  to: { readonly port: string | number },
  bytes: string,
  count = 1,
): Promise<number[]> => {
  const socket = await dial(to)
  let received = ''
  const statuses = () => [...received.matchAll(/^HTTP\/1\.1 (\d{3})/gm)].map(([, status]) => Number(status))
  socket.setEncoding('latin1').on('data', (chunk: string) => {
    received += chunk
    if (statuses().length >= count) socket.destroy()
  })
  socket.write(bytes, 'latin1')
  await once(socket, 'close')
  return statuses()
}

/** A request line and headers. */
export const head = (line: string, ...headers: readonly string[]): string =>
  [line, 'Host: localhost', ...headers, '', ''].join('\r\n')
