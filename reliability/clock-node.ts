import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { ServerOptions, Store } from 'grantry'
import { toNodeHandler } from 'grantry/node'
import { startServer } from 'grantry-server'
import { interceptStore } from '../packages/grantry/src/testing/intercept-store.ts'
import { addUserToSqlite } from './known-user.ts'
import { makeServer } from '../packages/grantry/src/testing/sample-provider.ts'

/** A clock that an experiment moves, in seconds since the epoch. */
export interface MovableClock {
  now: number
}

/** A server in this process, at a clock of its own. */
export interface ClockNode {
  readonly url: string
  readonly clock: MovableClock
  /** How often it took a refresh token for a stolen one. */
  readonly alarms: () => number
  readonly close: () => Promise<void>
}

/** Where a server has its data, and what its access tokens are like. */
export interface ClockPlace {
  readonly data: string
  readonly database?: string | undefined
  readonly tokenFormat: 'opaque' | 'jwt'
}

const isAlarm = (event: { readonly type: string; readonly outcome?: unknown }): boolean =>
  event.type === 'refresh_token.rotation' && event.outcome === 'reused'

/** The product. */
export const startClockNode = async (place: ClockPlace, clock: MovableClock): Promise<ClockNode> => {
  let alarms = 0
  const server = await startServer({
    ...{ ...place, host: '127.0.0.1', port: 0, issuer: 'http://localhost:9000', databaseWait: 5 },
    now: () => clock.now,
    log: (record) => {
      if (isAlarm(record)) alarms++
    },
  })
  if (place.database === undefined) addUserToSqlite(place.data)
  return { url: server.url, clock, alarms: () => alarms, close: () => server.close() }
}

/** The toolkit over a store, for variants that are wrong on purpose. */
export const startOwnNode = async (store: Store, clock: MovableClock, options: ServerOptions): Promise<ClockNode> => {
  let alarms = 0
  const events = (event: { readonly type: string }): void => {
    if (isAlarm(event)) alarms++
  }
  const server = makeServer(store, { now: () => clock.now, events, ...options })
  const http = createServer(toNodeHandler(server)).listen(0, '127.0.0.1')
  await once(http, 'listening')
  const { port } = http.address() as AddressInfo // of a server that listens on a port
  const close = async (): Promise<void> => {
    http.close()
    http.closeAllConnections()
  }
  return { url: `http://127.0.0.1:${port}`, clock, alarms: () => alarms, close }
}

/** Takes a revocation for one from its time on: the mistake that a clock which is set back brings to light. */
export const datingStore = (store: Store, clock: MovableClock): Store => {
  const endedAt = new Map<unknown, number>()
  const isOver = (...keys: readonly unknown[]): boolean =>
    keys.some((key) => (endedAt.get(key) ?? Infinity) <= clock.now)
  return interceptStore(store, async ({ name, arguments: [key], run }) => {
    if (name === 'revokeGrant' || name === 'revokeAccessToken') return void endedAt.set(key, clock.now)
    const found = await run()
    if (name !== 'findAccessToken' && name !== 'findRefreshToken') return found
    const { digest, grantId } = Object(found) as { readonly digest?: string; readonly grantId?: string } // of both rows
    return isOver(digest, grantId) ? undefined : found
  })
}
