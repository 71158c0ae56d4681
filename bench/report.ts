import { readFileSync } from 'node:fs'
import { arch, availableParallelism, cpus, platform } from 'node:os'
import { dirname, join } from 'node:path'

/** Operations per second of one contender in one operation, round by round; the n-th round of all contenders ran side by side. */
export interface Series {
  readonly operation: string
  readonly contender: string
  readonly goal: number
  readonly perSecond: readonly number[]
}

/** What was measured where, as it is saved. */
export interface Results {
  readonly when: string
  readonly mode: string
  readonly machine: Readonly<Record<string, string>>
  readonly versions: Readonly<Record<string, string>>
  readonly series: readonly Series[]
}

const root = dirname(import.meta.dirname)

const versionOf = (path: string): string => {
  // JSON.parse gives `any`; every package has a version.
  const { version } = JSON.parse(readFileSync(join(root, path, 'package.json'), 'utf8')) as { readonly version: string }
  return version
}

/** The machine, and the versions of what was compared on it. */
export const environment = (): Pick<Results, 'machine' | 'versions'> => ({
  machine: {
    processor: `${cpus()[0]?.model.trim() ?? 'unknown'}, ${availableParallelism()} to use`,
    system: `${platform()} ${arch()}`,
    node: process.version,
    openssl: process.versions.openssl,
  },
  versions: {
    grantry: versionOf('packages/grantry'),
    '@node-oauth/oauth2-server': versionOf('node_modules/@node-oauth/oauth2-server'),
    '@jmondi/oauth2-server': versionOf('node_modules/@jmondi/oauth2-server'),
  },
})

const sorted = (values: readonly number[]): readonly number[] => values.toSorted((a, b) => a - b)

const median = (values: readonly number[]): number => {
  const order = sorted(values)
  const middle = order.length / 2
  return ((order[Math.ceil(middle) - 1] ?? 0) + (order[Math.floor(middle)] ?? 0)) / 2
}

/** How far the middle half of the rounds lies apart, as a share of the median. */
const spread = (values: readonly number[]): number => {
  const order = sorted(values)
  const at = (share: number): number => order[Math.round((order.length - 1) * share)] ?? 0
  return (at(0.75) - at(0.25)) / median(values)
}

/** The median of the ratios round by round: what disturbs a round disturbs both. */
const ratio = (values: readonly number[], floor: readonly number[]): number =>
  median(values.map((value, round) => value / (floor[round] ?? value)))

const columns = ['operation', 'contender', 'per second', 'spread', 'of floor', 'goal']

const rows = (series: readonly Series[]): readonly (readonly string[])[] =>
  series.map(({ operation, contender, goal, perSecond }) => {
    const floor = series.find((other) => other.operation === operation && other.contender === 'floor')?.perSecond ?? []
    return [
      contender === 'floor' ? operation : '',
      contender,
      Math.round(median(perSecond)).toLocaleString('en'),
      `${Math.round(spread(perSecond) * 100)} %`,
      ratio(perSecond, floor).toFixed(2),
      contender === 'grantry' ? `>= ${goal.toFixed(2)}` : '',
    ]
  })

/** The results as a table of text. */
export const table = (series: readonly Series[]): string => {
  const lines = [columns, ...rows(series)]
  const widths = columns.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)))
  return lines
    .map((line) =>
      line.map((cell, column) => (column < 2 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0))),
    )
    .map((cells) => cells.join('  ').trimEnd())
    .join('\n')
}
