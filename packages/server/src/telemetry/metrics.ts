import type { PoolCounts } from '../data.ts'
import type { Log, LogRecord } from '../log.ts'
import { cappedLabel, grantLabel, reasonLabel, resultLabel } from './labels.ts'
import type { Observe } from './measured.ts'
import type { Meter } from './meter.ts'

/** What is counted, from the records that are logged and what took its time. */
export interface Metrics {
  /** Counts a record. */
  readonly count: Log
  readonly observe: Observe
  /** Tells the state of a pool of connections from now on. */
  watchPool(counts: () => PoolCounts): void
  /** Tells how many processes answer requests from now on. */
  watchWorkers(count: () => number): void
}

/** Clients with a label of their own; tokens of all further ones are counted together. */
const mostClients = 100
const buckets = [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5]

/** What counts a record of one type. */
type Count = (record: LogRecord) => void

const requestCounts = (meter: Meter): Readonly<Record<string, Count>> => {
  const counter = (name: string, help: string, ...labels: string[]) => meter.counter({ name, help, labels })
  const requests = counter('requests', 'Requests by what became of them.', 'endpoint', 'grant', 'result')
  const refusals = counter('refusals', 'Refused requests by why.', 'endpoint', 'reason')
  const tokens = counter('tokens_issued', 'Access tokens issued.', 'grant', 'client')
  const rotations = counter('refresh_token_rotations', 'Refresh tokens presented; reused is an alarm.', 'outcome')
  const clientLabel = cappedLabel(mostClients)
  const help = 'Time until the answer is made.'
  const duration = meter.times({ name: 'request_duration', help, labels: ['endpoint'], buckets })
  return {
    'request.answered': ({ route, grantType, status, ms }) => {
      const endpoint = String(route) // one of a fixed list
      requests({ endpoint, grant: grantLabel(grantType), result: resultLabel(status) }, 1)
      duration({ endpoint }, Number(ms) / 1000)
    },
    'request.refused': ({ endpoint, reason }) =>
      refusals({ endpoint: String(endpoint), reason: reasonLabel(reason) }, 1),
    'token.issued': ({ grantType, clientId }) =>
      tokens({ grant: grantLabel(grantType), client: clientLabel(clientId) }, 1),
    'refresh_token.rotation': ({ outcome }) => rotations({ outcome: String(outcome) }, 1),
  }
}

const sweepCounts = (meter: Meter): Readonly<Record<string, Count>> => {
  const counter = (name: string, help: string) => meter.counter({ name, help, labels: [] })
  const rows = counter('swept_rows', 'Expired rows that were deleted.')
  const clients = counter('swept_clients', 'Clients that registered themselves, were never used and were deleted.')
  return {
    'sweep.done': ({ deleted }) => rows({}, Number(deleted)),
    'sweep.clients': ({ deleted }) => clients({}, Number(deleted)),
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
  ['worker', 'Processes that answer requests.', ['started', 'died', 'ended']],
  ['reload', 'Replacements of all workers by SIGHUP.', ['done', 'failed']],
  ['client', 'Clients registered, changed and deleted.', ['registered', 'created', 'updated', 'changed', 'deleted']],
]

const eventCounts = (meter: Meter): ReadonlyMap<string, Count> =>
  new Map(
    groups.flatMap(([group, help, outcomes]) => {
      const events = meter.counter({ name: `${group}_events`, help, labels: ['outcome'] })
      return outcomes.map((outcome): [string, Count] => {
        events({ outcome }, 0) // so that a rate is there from the first one on
        return [`${group}.${outcome}`, () => events({ outcome }, 1)]
      })
    }),
  )

/** Times of what is done beside the answer itself. */
const measures = (meter: Meter): Observe => {
  const fewer = buckets.filter((_, index) => index % 2 === 0)
  const queries = meter.times({
    ...{ name: 'database_query_duration', help: 'Time of a call to the database, with the wait for a connection.' },
    ...{ labels: ['operation'], buckets: fewer },
  })
  const outbound = meter.times({
    ...{ name: 'outbound_request_duration', help: 'Time of a request to another server.' },
    ...{ labels: ['result'], buckets: fewer },
  })
  const failures = meter.counter({
    ...{ name: 'database_query_failures', help: 'Calls to the database that failed.', labels: ['operation'] },
  })
  return ({ kind, name, ms, problem }) => {
    if (kind === 'outbound') outbound({ result: problem ?? 'ok' }, ms / 1000)
    else queries({ operation: name }, ms / 1000)
    if (kind === 'database' && problem !== undefined) failures({ operation: name }, 1)
  }
}

const watchPool = (meter: Meter, counts: () => PoolCounts): void =>
  meter.gauge(
    {
      ...{ name: 'database_connections', help: 'Connections to PostgreSQL, and statements that wait for one.' },
      labels: ['state'],
    },
    () => Object.entries(counts()).map(([state, count]: [string, number]) => [{ state }, count] as const),
  )

/**
 * Counts what is logged. Labels are of fixed lists, but for the ids of the first hundred clients that tokens are issued to: nothing that a
 * stranger typed becomes one.
 */
export const createMetrics = (meter: Meter): Metrics => {
  const counts = [requestCounts(meter), sweepCounts(meter)].map((each) => new Map(Object.entries(each)))
  const all = [...counts, eventCounts(meter)]
  return {
    watchPool: (poolCounts) => watchPool(meter, poolCounts),
    watchWorkers: (workers) =>
      meter.gauge({ name: 'workers', help: 'Processes that answer requests.', labels: [] }, () => [[{}, workers()]]),
    count: (record) => all.forEach((each) => each.get(record.type)?.(record)),
    observe: measures(meter),
  }
}
