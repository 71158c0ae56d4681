import { readFileSync } from 'node:fs'

/** What an expression of the dashboard names of a metric. */
export interface NamedMetric {
  readonly panel: string
  readonly metric: string
  readonly labels: readonly string[]
  /** Labels that must have one value. */
  readonly values: readonly (readonly [label: string, value: string])[]
}

interface Dashboard {
  readonly panels: readonly {
    readonly title: string
    readonly targets?: readonly { readonly expr: string; readonly legendFormat: string }[]
  }[]
}

const path = new URL('../../packages/server/grafana/grantry.json', import.meta.url)

/** Labels that come from who scrapes. */
const foreign = new Set(['job', 'instance'])

const listsIn = (text: string, pattern: RegExp): readonly string[] =>
  [...text.matchAll(pattern)].flatMap(([, list = '']) => list.split(/, */))

/** All that the expressions and legends of the dashboard name. */
export const namedByDashboard = (): readonly NamedMetric[] => {
  const { panels } = JSON.parse(readFileSync(path, 'utf8')) as Dashboard
  return panels.flatMap(({ title, targets = [] }) =>
    targets.flatMap(({ expr, legendFormat }) => {
      const shown = [...listsIn(expr, /\bby \(([^)]+)\)/g), ...listsIn(legendFormat, /\{\{(\w+)\}\}/g)]
      return [...expr.matchAll(/\b([a-z]+_\w+)\{([^}]*)\}/g)].map(([, metric = '', text = '']) => {
        const matchers = [...text.matchAll(/(\w+)(=~|!=|=)"([^"]*)"/g)]
        const labels = [...shown, ...matchers.map(([, label = '']) => label)].filter((label) => !foreign.has(label))
        const values = matchers.filter(([, label = '', how]) => how === '=' && !foreign.has(label))
        return {
          panel: title,
          metric,
          labels,
          values: values.map(([, label = '', , value = '']) => [label, value] as const),
        }
      })
    }),
  )
}
