import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client'
import type { PoolCounts } from '../data.ts'
import type { Log, LogRecord } from '../log.ts'
import { version } from '../version.ts'
import { cappedLabel, grantLabel, reasonLabel, resultLabel } from './labels.ts'

/** What is counted, from the records that are logged. */
export interface Metrics {
  /** Counts a record. */
  readonly count: Log
  /** Tells the state of a pool of connections from now on. */
  watchPool(counts: () => PoolCounts): void
  /** All of it as Prometheus reads it. */
  render(): Promise<{ readonly contentType: string; readonly body: string }>
}

/** Clients with a label of their own; tokens of all further ones are counted together. */
const mostClients = 100
const buckets = [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5]

/** What counts a record of one type. */
type Count = (record: LogRecord) => void

const counterIn =
  (registry: Registry) =>
  <Label extends string>(name: string, help: string, labelNames: readonly Label[]): Counter<Label> =>
    new Counter({ name: `grantry_${name}_total`, help, labelNames, registers: [registry] })

const requestCounts = (registry: Registry): Readonly<Record<string, Count>> => {
  const counter = counterIn(registry)
  const requests = counter('requests', 'Requests by what became of them.', ['endpoint', 'grant', 'result'])
  const refusals = counter('refusals', 'Refused requests by why.', ['endpoint', 'reason'])
  const tokens = counter('tokens_issued', 'Access tokens issued.', ['grant', 'client'])
  const rotations = counter('refresh_token_rotations', 'Refresh tokens presented; reused is an alarm.', ['outcome'])
  const clientLabel = cappedLabel(mostClients)
  const duration = new Histogram({
    name: 'grantry_request_duration_seconds',
    help: 'Time until the answer is made.',
    ...{ labelNames: ['endpoint'], buckets, registers: [registry] },
  })
  return {
    'request.answered': ({ route, grantType, status, ms }) => {
      const endpoint = String(route) // one of a fixed list
      requests.inc({ endpoint, grant: grantLabel(grantType), result: resultLabel(status) })
      duration.observe({ endpoint }, Number(ms) / 1000)
    },
    'request.refused': ({ endpoint, reason }) =>
      refusals.inc({ endpoint: String(endpoint), reason: reasonLabel(reason) }),
    'token.issued': ({ grantType, clientId }) =>
      tokens.inc({ grant: grantLabel(grantType), client: clientLabel(clientId) }),
    'refresh_token.rotation': ({ outcome }) => rotations.inc({ outcome: String(outcome) }),
  }
}

const sweepCounts = (registry: Registry): Readonly<Record<string, Count>> => {
  const counter = counterIn(registry)
  const rows = counter('swept_rows', 'Expired rows that were deleted.', [])
  const clients = counter('swept_clients', 'Clients that registered themselves, were never used and were deleted.', [])
  return {
    'sweep.done': ({ deleted }) => rows.inc(Number(deleted)),
    'sweep.clients': ({ deleted }) => clients.inc(Number(deleted)),
  }
}

/** Counts types of which the part after the point is what happened. */
const groups: readonly (readonly [group: string, help: string, outcomes: readonly string[]])[] = [
  ['login', 'Logins by what became of them.', ['accepted', 'refused', 'limited']],
  ['logout', 'Clients told of a logout.', ['delivered', 'refused', 'failed', 'abandoned', 'delivery_failed']],
  ['keys', 'What became of signing keys.', ['rotated', 'deleted', 'skipped', 'failed', 'load_failed']],
  ['sweep', 'Rounds of the sweeper.', ['done', 'skipped', 'failed']],
  ['database', 'Troubles with the database.', ['waiting', 'connection_lost', 'pooler', 'unsafe_durability']],
  [
    'audit',
    'Troubles with audit events, and messages to the webhook.',
    ['failed', 'lost', 'delivered', 'delivery_failed'],
  ],
  ['client', 'Clients registered, changed and deleted.', ['registered', 'created', 'updated', 'changed', 'deleted']],
]

const eventCounts = (registry: Registry): ReadonlyMap<string, Count> => {
  const counter = counterIn(registry)
  return new Map(
    groups.flatMap(([group, help, outcomes]) => {
      const events = counter(`${group}_events`, help, ['outcome'])
      return outcomes.map((outcome): [string, Count] => {
        events.inc({ outcome }, 0) // so that a rate is there from the first one on
        return [`${group}.${outcome}`, () => events.inc({ outcome })]
      })
    }),
  )
}

const watchPool = (registry: Registry, counts: () => PoolCounts): void => {
  const gauge = new Gauge({
    name: 'grantry_database_connections',
    help: 'Connections to PostgreSQL, and statements that wait for one.',
    ...{ labelNames: ['state'], registers: [registry] },
    collect: () => Object.entries(counts()).forEach(([state, count]: [string, number]) => gauge.set({ state }, count)),
  })
}

/**
 * Counts what is logged. Labels are of fixed lists, but for the ids of the first hundred clients that tokens are issued to: nothing that a
 * stranger typed becomes one.
 */
export const createMetrics = (): Metrics => {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const info = { name: 'grantry_build_info', help: 'The version.', labelNames: ['version'], registers: [registry] }
  new Gauge(info).set({ version }, 1)
  const counts = [requestCounts(registry), sweepCounts(registry)].map((each) => new Map(Object.entries(each)))
  const all = [...counts, eventCounts(registry)]
  return {
    watchPool: (poolCounts) => watchPool(registry, poolCounts),
    count: (record) => all.forEach((each) => each.get(record.type)?.(record)),
    render: async () => ({ contentType: registry.contentType, body: await registry.metrics() }),
  }
}
