import cluster from 'node:cluster'
import { once } from 'node:events'
import { flushCompileCache } from 'node:module'
import type { RunningNode } from '../running-server.ts'
import type { ServerOptions } from '../settings.ts'
import { startNode } from '../start-server.ts'
import { isOurs, type PrimaryMessage, type ServerInfo, type WorkerMessage } from './messages.ts'

/** Resolves when it is sent, or cannot be. */
const tell = (message: WorkerMessage): Promise<void> =>
  new Promise((resolve) => {
    if (process.send === undefined || !process.connected) resolve()
    else process.send(message, undefined, undefined, () => resolve())
  })

const infoOf = (node: RunningNode): ServerInfo => {
  const { url, issuer, adminUrl, metricsUrl, data, database, registration, isDevelopment, firstStart } = node
  return { url, issuer, adminUrl, metricsUrl, data, database, registration, isDevelopment, firstStart }
}

/** Answers the primary, and resolves when it says how to end. */
const ordersOf = (node: RunningNode): Promise<'stop' | 'retire'> =>
  new Promise((resolve) => {
    const report = async (): Promise<void> => {
      const [isReady, metrics] = await Promise.all([node.isReady(), node.metrics()])
      await tell({ grantry: 'report', report: { isReady, metrics } })
    }
    process.on('message', (message) => {
      if (!isOurs(message)) return
      const { grantry } = message as PrimaryMessage // nobody else sends them
      if (grantry === 'report') void report()
      else resolve(grantry)
    })
  })

/** From now on the end of the connection to the primary does not end this process at once, as it would by itself. */
const keepOnAlone = (): void => {
  if (cluster.worker !== undefined) cluster.worker.exitedAfterDisconnect = true
}

const run = async (node: RunningNode): Promise<void> => {
  const orders = ordersOf(node)
  keepOnAlone()
  const end = Promise.race([orders, once(process, 'SIGTERM'), once(process, 'disconnect')])
  await tell({ grantry: 'started', info: infoOf(node) })
  flushCompileCache() // for the next one
  await ((await end) === 'retire' ? node.retire() : node.close())
  await tell({ grantry: 'report', report: { isReady: false, metrics: await node.metrics() } }) // what it counted last
}

/** Runs a server in a worker until its primary says so, or is gone. */
export const runWorker = async (options: ServerOptions): Promise<void> => {
  for (const signal of ['SIGINT', 'SIGHUP'] as const) process.on(signal, () => undefined) // a terminal sends them to all; they are for the primary
  try {
    await run(await startNode(options, { isAlone: false }))
  } finally {
    keepOnAlone()
    if (process.connected) process.disconnect() // it would keep the process
  }
}
