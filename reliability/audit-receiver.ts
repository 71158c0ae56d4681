import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { AuditEvent } from '../packages/server/src/audit/audit-event.ts'

/** Whoever is sent audit events. */
export interface AuditReceiver {
  readonly url: string
  /** How often each event was taken, by its id. */
  readonly taken: ReadonlyMap<string, number>
  /** From now on every message is taken. */
  readonly behave: () => void
  readonly close: () => void
}

/** Starts one. Until `behave` it answers as `random` says: with 200, or with 500, or takes what it is sent and never says so. */
export const startAuditReceiver = async (random: () => number): Promise<AuditReceiver> => {
  const taken = new Map<string, number>()
  let isReliable = false
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const chance = isReliable ? 0 : random()
      if (chance > 0.7) return void response.writeHead(500).end()
      const { data } = JSON.parse(Buffer.concat(chunks).toString()) as { data: { events: readonly AuditEvent[] } }
      for (const { id } of data.events) taken.set(id, (taken.get(id) ?? 0) + 1)
      if (chance <= 0.4) response.end()
    })
  })
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo // of a server that listens on a port
  return {
    ...{ url: `http://127.0.0.1:${port}/audit`, taken, behave: () => void (isReliable = true) },
    close: () => {
      server.closeAllConnections()
      server.close()
    },
  }
}
