import { environment } from '../report.ts'
import type { Measured, ScaleFigures } from './measure.ts'
import { paper } from './paper.ts'

/** A number for people: three digits that count. */
export const short = (value: number): string =>
  value >= 100 ? Math.round(value).toLocaleString('en') : value.toFixed(value >= 10 ? 1 : 2)

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map((_, index) => (index < 2 ? '---' : '---:')), ...rows]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n')

/** What was measured over one node, and the same over two. */
export const pairsOf = ({ measured }: ScaleFigures): readonly (readonly [one: Measured, two: Measured])[] =>
  measured.flatMap((one) => {
    const two = measured.find(({ flow, format, nodes }) => flow === one.flow && format === one.format && nodes === 2)
    return one.nodes === 1 && two !== undefined ? [[one, two] as const] : []
  })

/** CPU seconds that were spent in a second. */
const busyCores = ({ cpuMs, requests, seconds }: Measured): number =>
  (Object.values(cpuMs).reduce((sum, each) => sum + each, 0) * requests) / seconds / 1000

const perSecond = ({ requests, seconds }: Measured): number => requests / seconds

const rates = (figures: ScaleFigures): string =>
  table(
    [
      'flow',
      'tokens',
      'one node, requests/s',
      'p50 ms',
      'p99 ms',
      'two nodes, requests/s',
      'p50 ms',
      'p99 ms',
      'two to one',
      'busy cores, one and two',
    ],
    pairsOf(figures).map(([one, two]) => [
      ...[one.flow, one.format],
      ...[one, two].flatMap((each) => [short(perSecond(each)), short(each.p50Ms), short(each.p99Ms)]),
      short(perSecond(two) / perSecond(one)),
      `${short(busyCores(one))} and ${short(busyCores(two))}`,
    ]),
  )

const costs = (figures: ScaleFigures): string =>
  table(
    [
      'flow',
      'tokens',
      'node, CPU s',
      'PostgreSQL, CPU s',
      'balancer, CPU s',
      'load, CPU s',
      'queries of a request',
      'log of a request, bytes',
    ],
    pairsOf(figures).map(([one]) => [
      ...[one.flow, one.format],
      ...[one.cpuMs.nodes, one.cpuMs.database, one.cpuMs.balancer, one.cpuMs.load].map(short),
      short(one.queries),
      short(one.logBytes),
    ]),
  )

const method = `Each is a process of its own: \`grantry-server start\` once and twice, with its defaults (10 connections each); one PostgreSQL 18 with fsync; a
balancer of 20 lines that hands each new connection to the next node; and the load, which keeps 32 connections busy. “code, then refresh”
redeems a code with PKCE and refreshes once: two requests, of codes that were written to the database before. Clients authenticate with their
secret at every request. Queries come from \`pg_stat_statements\`, CPU from the kernel, both as the difference over the time of the measurement.`

const reading = `All of it shares the cores of one machine, so that the rates are those of the machine and not of a node: where all cores are busy, a second node has
nothing to run on, and adds what it finds idle. The figure that goes with you to another machine is the CPU time of 1,000 requests:`

/** The page. */
export const page = (figures: ScaleFigures): string => {
  const { machine, versions } = environment()
  const where = `${machine['processor'] ?? ''}, ${machine['system'] ?? ''}, Node ${machine['node'] ?? ''}, Grantry ${versions['grantry'] ?? ''}`
  return [
    '# Scale',
    'What a request costs, what one node more adds, and what to do when PostgreSQL is the limit. `npm run scale` measures and writes this page; no figure in it is written by hand.',
    `Measured on ${where}.`,
    '## One node and two',
    method,
    rates(figures),
    reading,
    costs(figures),
    paper(figures),
  ].join('\n\n')
}
