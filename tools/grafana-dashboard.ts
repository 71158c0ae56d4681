/** What one panel shows. Widths are of 24. */
interface Panel {
  readonly title: string
  readonly about: string
  readonly type: 'timeseries' | 'stat'
  readonly width: number
  readonly unit: string
  /** Expressions with the text of their legend. */
  readonly queries: readonly (readonly [expression: string, legend: string])[]
  /** From here on a stat is red. */
  readonly alarm?: number
}

/** The series of the servers that were chosen. */
const of = (metric: string, ...matchers: readonly string[]): string =>
  `${metric}{${['job=~"$job"', 'instance=~"$instance"', ...matchers].join(', ')}}`

const rate = (metric: string, by: string, ...matchers: readonly string[]): string =>
  `sum by (${by}) (rate(${of(metric, ...matchers)}[$__rate_interval]))`

const total = (metric: string, ...matchers: readonly string[]): string =>
  `sum(increase(${of(metric, ...matchers)}[$__range]))`

const quantile = (share: number, metric: string, by: readonly string[], ...matchers: readonly string[]): string =>
  `histogram_quantile(${share}, ${rate(`${metric}_bucket`, ['le', ...by].join(', '), ...matchers)})`

type Queries = Panel['queries']

const stat = (title: string, about: string, queries: Queries, more: { unit?: string; alarm?: number } = {}): Panel => ({
  ...{ title, about, type: 'stat', width: 4, unit: 'short', queries },
  ...more,
})

const chart = (title: string, about: string, unit: string, queries: Queries): Panel => ({
  ...{ title, about, type: 'timeseries', width: 12, unit, queries },
})

const requests = 'grantry_requests_total'
const duration = 'grantry_request_duration_seconds'
const rotations = 'grantry_refresh_token_rotations_total'
const queryTime = 'grantry_database_query_duration_seconds'

const rows: readonly (readonly [title: string, panels: readonly Panel[]])[] = [
  [
    'At a glance',
    [
      stat('Requests', 'By second.', [[`sum(rate(${of(requests)}[$__rate_interval]))`, '']], { unit: 'reqps' }),
      stat(
        'Failed',
        'The share of requests whose fault is on this side.',
        [
          [
            `(sum(rate(${of(requests, 'result="failed"')}[$__rate_interval])) or vector(0)) / sum(rate(${of(requests)}[$__rate_interval]))`,
            '',
          ],
        ],
        { unit: 'percentunit', alarm: 0.01 },
      ),
      stat(
        'Token requests, 99th percentile',
        'Time until the answer is made.',
        [[quantile(0.99, duration, [], 'endpoint="/token"'), '']],
        { unit: 's', alarm: 0.5 },
      ),
      stat(
        'Refresh tokens used twice',
        'Two parties have the same token. Each of these is an alarm.',
        [[`${total(rotations, 'outcome="reused"')} or vector(0)`, '']],
        { alarm: 1 },
      ),
      stat(
        'Limited logins',
        'Somebody guesses passwords.',
        [[total('grantry_login_events_total', 'outcome="limited"'), '']],
        { alarm: 100 },
      ),
      stat('Processes', 'That answer requests.', [[`sum(${of('grantry_workers')})`, '']]),
    ],
  ],
  [
    'Requests',
    [
      chart('By endpoint', 'Routes of a fixed list.', 'reqps', [[rate(requests, 'endpoint'), '{{endpoint}}']]),
      chart('By result', '`failed`: the fault is on this side.', 'reqps', [[rate(requests, 'result'), '{{result}}']]),
      chart('By grant', 'Token requests by grant.', 'reqps', [[rate(requests, 'grant', 'grant!="none"'), '{{grant}}']]),
      chart('Refusals by reason', 'A reason that was rare before is worth a look.', 'reqps', [
        [`topk(10, ${rate('grantry_refusals_total', 'endpoint, reason')})`, '{{endpoint}}: {{reason}}'],
      ]),
      chart('Time until the answer is made', 'Of all requests.', 's', [
        [quantile(0.5, duration, []), 'half'],
        [quantile(0.95, duration, []), '95 %'],
        [quantile(0.99, duration, []), '99 %'],
      ]),
      chart('99th percentile by endpoint', 'Of what is asked for most.', 's', [
        [quantile(0.99, duration, ['endpoint']), '{{endpoint}}'],
      ]),
    ],
  ],
  [
    'Tokens and logins',
    [
      chart('Tokens issued by client', 'The first hundred clients of each process, then `other`.', 'short', [
        [`topk(10, ${rate('grantry_tokens_issued_total', 'client')})`, '{{client}}'],
      ]),
      chart('Refresh tokens by outcome', '`reused`: two parties have the same token.', 'short', [
        [rate(rotations, 'outcome'), '{{outcome}}'],
      ]),
      chart('Logins by outcome', '`limited`: somebody guesses passwords.', 'short', [
        [rate('grantry_login_events_total', 'outcome'), '{{outcome}}'],
      ]),
      chart('Logouts and keys', '`abandoned`: a client was never told. `failed`: keys are not renewed.', 'short', [
        [rate('grantry_logout_events_total', 'outcome'), 'logout {{outcome}}'],
        [rate('grantry_keys_events_total', 'outcome'), 'keys {{outcome}}'],
      ]),
    ],
  ],
  [
    'Database and other servers',
    [
      chart('Calls to the database, 99th percentile', 'The ten slowest. Above 0.1 s, requests wait for it.', 's', [
        [`topk(10, ${quantile(0.99, queryTime, ['operation'])})`, '{{operation}}'],
      ]),
      chart('Calls to the database', 'The ten most frequent, and failures.', 'ops', [
        [`topk(10, ${rate(`${queryTime}_count`, 'operation')})`, '{{operation}}'],
        [rate('grantry_database_query_failures_total', 'operation'), '{{operation}} failed'],
      ]),
      chart('Connections to PostgreSQL', '`waiting` above 0 for long: the pool is small.', 'short', [
        [`sum by (state) (${of('grantry_database_connections')})`, '{{state}}'],
      ]),
      chart('Requests to other servers, 99th percentile', 'By result.', 's', [
        [quantile(0.99, 'grantry_outbound_request_duration_seconds', ['result']), '{{result}}'],
      ]),
      chart(
        'Audit and clean-up',
        '`lost` and `failed`: events are missing. No `done` for minutes: tables grow.',
        'short',
        [
          [rate('grantry_audit_events_total', 'outcome'), 'audit {{outcome}}'],
          [rate('grantry_sweep_events_total', 'outcome'), 'clean-up {{outcome}}'],
        ],
      ),
      chart('Troubles with the database', 'Connections that were lost, and the like.', 'short', [
        [rate('grantry_database_events_total', 'outcome'), '{{outcome}}'],
      ]),
    ],
  ],
  [
    'Processes',
    [
      chart('Processor', '1 is one processor.', 'short', [
        [`sum by (instance) (rate(${of('process_cpu_seconds_total')}[$__rate_interval]))`, '{{instance}}'],
      ]),
      chart('Memory', 'Of all processes of an instance.', 'bytes', [
        [`sum by (instance) (${of('process_resident_memory_bytes')})`, '{{instance}}'],
      ]),
      chart(
        'Lag of the event loop, 99th percentile',
        'Of the slowest process. Above 0.1 s it has too much to do.',
        's',
        [[`max by (instance) (${of('nodejs_eventloop_lag_p99_seconds')})`, '{{instance}}']],
      ),
      chart('Workers', 'How many there are, and what became of them.', 'short', [
        [`sum by (instance) (${of('grantry_workers')})`, '{{instance}}'],
        [`sum by (outcome) (increase(${of('grantry_worker_events_total')}[$__rate_interval]))`, 'worker {{outcome}}'],
        [`sum by (outcome) (increase(${of('grantry_reload_events_total')}[$__rate_interval]))`, 'reload {{outcome}}'],
      ]),
    ],
  ],
]

const source = { type: 'prometheus', uid: '${source}' }

const thresholds = (alarm: number | undefined): object => ({
  mode: 'absolute',
  steps: [{ color: 'green', value: null }, ...(alarm === undefined ? [] : [{ color: 'red', value: alarm }])],
})

const panelOf = ({ title, about, type, unit, queries, alarm }: Panel, id: number, gridPos: object): object => ({
  ...{ id, type, title, description: about, datasource: source, gridPos },
  fieldConfig: { defaults: { unit, min: 0, thresholds: thresholds(alarm) }, overrides: [] },
  targets: queries.map(([expr, legendFormat], index) => ({
    ...{ refId: String.fromCharCode(65 + index), datasource: source, expr, legendFormat, range: true },
  })),
})

const heights = { stat: 4, timeseries: 8 } as const

/** Lays the panels of each row out, from left to right and from top to bottom. */
const panels = (): readonly object[] => {
  let [id, y] = [1, 0]
  return rows.flatMap(([title, members]) => {
    const header = {
      id: id++,
      type: 'row',
      title,
      collapsed: false,
      panels: [],
      gridPos: { h: 1, w: 24, x: 0, y: y++ },
    }
    let x = 0
    const placed = members.map((panel) => {
      const h = heights[panel.type]
      const made = panelOf(panel, id++, { h, w: panel.width, x, y })
      x += panel.width
      if (x >= 24) [x, y] = [0, y + h]
      return made
    })
    return [header, ...placed]
  })
}

const variable = (name: string, label: string): object => ({
  ...{
    name,
    label,
    type: 'query',
    datasource: source,
    includeAll: true,
    multi: true,
    allValue: '.*',
    refresh: 2,
    sort: 1,
  },
  query: { query: `label_values(grantry_build_info, ${name})`, refId: name },
  current: { text: ['All'], value: ['$__all'] },
})

/** The dashboard for Grafana, as its import takes it. */
export const grafanaDashboard = (): object => ({
  ...{ title: 'Grantry', uid: 'grantry', tags: ['grantry', 'oauth'], editable: true, schemaVersion: 39, version: 1 },
  ...{ time: { from: 'now-6h', to: 'now' }, refresh: '30s', timezone: 'browser' },
  templating: {
    list: [
      { name: 'source', label: 'Prometheus', type: 'datasource', query: 'prometheus' },
      variable('job', 'Job'),
      variable('instance', 'Instance'),
    ],
  },
  panels: panels(),
})
