/** Makes load, in a process of its own: prepares a flow when it is told which, and runs it for a time when it is told to go. */
import { percentile } from '../../reliability/chance.ts'
import { Connection } from './connection.ts'
import { prepareFlow, type FlowName, type Target, type Visit } from './flows.ts'

/** What to prepare. */
export interface LoadTask extends Target {
  readonly url: string
  readonly flow: FlowName
  readonly inFlight: number
  readonly seconds: number
}

/** What it gave. */
export interface LoadResult {
  readonly requests: number
  readonly seconds: number
  readonly p50Ms: number
  readonly p99Ms: number
}

let [run, visits] = [async (_seconds: number): Promise<LoadResult> => Promise.reject(new Error('no flow')), 0]

const runFlow = async (
  { flow, inFlight, most }: LoadTask,
  connections: readonly Connection[],
  visit: Visit,
  seconds: number,
): Promise<LoadResult> => {
  for (const connection of connections) connection.latencies = []
  const limit = flow === 'code, then refresh' ? most : Infinity
  const start = performance.now()
  const work = async (connection: Connection): Promise<void> => {
    while (performance.now() < start + seconds * 1000 && visits < limit) await visit(connection, visits++)
  }
  await Promise.all(connections.slice(0, inFlight).map(work))
  const latencies = connections.flatMap((connection) => connection.latencies)
  const elapsed = (performance.now() - start) / 1000
  const [p50Ms, p99Ms] = [percentile(latencies, 0.5), percentile(latencies, 0.99)]
  return { requests: latencies.length, seconds: elapsed, p50Ms, p99Ms }
}

const prepare = async (task: LoadTask): Promise<void> => {
  visits = 0
  const connections = Array.from({ length: task.inFlight }, () => new Connection(task.url))
  const [first] = connections
  if (first === undefined) throw new Error('A load needs a connection.')
  const visit = await prepareFlow(task.flow, task, first)
  await runFlow(task, connections, visit, 1) // until everything is compiled
  run = async (seconds) => {
    const result = await runFlow(task, connections, visit, seconds)
    for (const connection of connections) connection.close()
    return result
  }
}

process.on('message', (message: LoadTask | { readonly go: number }) => {
  if ('go' in message) void run(message.go).then((result) => process.send?.(result))
  else void prepare(message).then(() => process.send?.('ready'))
})
process.send?.('started')
