import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { decodeJwt } from 'jose'

/** The servers of clients, which are told of logouts at `/<client>`. */
export interface LogoutClients {
  readonly host: string
  readonly uriOf: (client: string) => string
  /** `<client> <sid>` of each logout token that was answered with 200. */
  readonly told: ReadonlySet<string>
  /** How many logout tokens came. */
  readonly received: () => number
  /** From now on every logout token is answered with 200. */
  readonly behave: () => void
  readonly close: () => void
}

/** Starts them. Until `behave` they answer as `random` says: with 200, with 500, or never. */
export const startLogoutClients = async (random: () => number): Promise<LogoutClients> => {
  const told = new Set<string>()
  let received = 0
  let isReliable = false
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      received++
      const chance = isReliable ? 0 : random()
      if (chance > 0.7) return // never answered
      if (chance > 0.3) return void response.writeHead(500).end()
      const token = new URLSearchParams(Buffer.concat(chunks).toString()).get('logout_token') ?? ''
      const { aud, sid } = decodeJwt<{ readonly sid?: string }>(token)
      told.add(`${String(aud)} ${String(sid)}`)
      response.end()
    })
  })
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}` // of a server that listens on a port
  return {
    ...{ host, told, uriOf: (client) => `http://${host}/${client}` },
    received: () => received,
    behave: () => void (isReliable = true),
    close: () => {
      server.closeAllConnections()
      server.close()
    },
  }
}
