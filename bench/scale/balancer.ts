/** Passes each new connection to the next of the servers whose ports it is given, and their bytes both ways. */
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

const ports = process.argv.slice(2).map(Number)
let turn = 0

const server = createServer((client) => {
  const target: Socket = connect(ports[turn++ % ports.length] ?? 0, '127.0.0.1')
  client.setNoDelay(true).pipe(target.setNoDelay(true)).pipe(client)
  client.on('error', () => target.destroy())
  target.on('error', () => client.destroy())
})
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo // of a server that listens on a port
  process.send?.(`http://127.0.0.1:${port}`)
})
