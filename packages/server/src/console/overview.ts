import { html, type Html } from '../pages/html.ts'
import { latencyBounds, type ActivityPoint } from '../telemetry/activity-store.ts'
import { show, type ConsoleHandler } from './call.ts'
import { chart } from './chart.ts'
import { minute, table, type ConsoleFrame } from './page.ts'

const step = 600
const hours = 12

type Series = readonly { readonly at: number; readonly value: number }[]

const sum = (counts: Readonly<Record<string, number>>): number =>
  Object.values(counts).reduce((all, one) => all + one, 0)

/** In how many milliseconds nine of ten requests were answered: the upper end of their class. */
const slowest = (counts: readonly number[] = []): number => {
  const all = counts.reduce((total, one) => total + one, 0)
  let seen = 0
  const bucket = counts.findIndex((count) => (seen += count) >= all * 0.9 && all > 0)
  return bucket < 0 ? 0 : (latencyBounds[bucket] ?? 2 * (latencyBounds.at(-1) ?? 0))
}

/** A number for each step, also where nothing happened. */
const seriesOf = (
  points: readonly ActivityPoint[],
  from: number,
  valueOf: (point: ActivityPoint) => number,
): Series => {
  const values = new Map(points.map((point) => [point.at, valueOf(point)]))
  return Array.from({ length: (hours * 3600) / step }, (_, index) => {
    const at = from + index * step
    return { at, value: values.get(at) ?? 0 }
  })
}

const card = ({ texts }: ConsoleFrame, label: string, series: Series, kind: 'total' | 'highest' | 'alarm'): Html => {
  const { overview } = texts
  const values = series.map(({ value }) => value)
  const figure = kind === 'highest' ? Math.max(0, ...values) : values.reduce((all, one) => all + one, 0)
  const about = `${label}. ${kind === 'highest' ? overview.highest : overview.total}: ${figure}.`
  const rows = series.filter(({ value }) => value > 0).map(({ at, value }) => [minute(at), value])
  return html`<section class="card">
    <h2>${label}</h2>
    <p class="figure">${figure}</p>
    ${chart({ label: about, points: series, isBad: kind === 'alarm' })}
    <details>
      <summary>${overview.table}</summary>
      ${table(label, [overview.time, overview.count], rows, texts.none)}
    </details>
  </section>`
}

/** What all nodes did in the last hours. */
export const showOverview =
  (now: () => number): ConsoleHandler =>
  async (call) => {
    const { admin, frame } = call
    const { overview: texts, nav, none } = frame.texts
    const to = (Math.floor(now() / step) + 1) * step
    const from = to - hours * 3600
    const points = await admin.audit.activity({ from, to, step })
    const series = (valueOf: (point: ActivityPoint) => number): Series => seriesOf(points, from, valueOf)
    const alarms = series(({ rotations }) => rotations['reused'] ?? 0)
    const alarmCount = alarms.reduce((all, { value }) => all + value, 0)
    const reasons = new Map<string, number>()
    for (const { refused } of points)
      for (const [reason, count] of Object.entries(refused)) reasons.set(reason, (reasons.get(reason) ?? 0) + count)
    const rows = [...reasons]
      .sort(([, a], [, b]) => b - a)
      .map(([reason, count]) => [html`<code>${reason}</code>`, count])
    return show(
      call,
      { title: nav.overview, section: 'overview', isLive: true },
      html`<div id="live">
        <p class="${alarmCount > 0 ? 'problem' : 'note'}">
          ${alarmCount > 0 ? texts.someAlarms(alarmCount) : texts.noAlarms}
        </p>
        <div class="columns">
          ${card(
            frame,
            texts.issued,
            series(({ issued }) => sum(issued)),
            'total',
          )}
          ${card(
            frame,
            texts.refused,
            series(({ refused }) => sum(refused)),
            'total',
          )}
          ${card(
            frame,
            texts.latency,
            series(({ latency }) => slowest(latency['/token'])),
            'highest',
          )}
          ${card(frame, texts.alarms, alarms, 'alarm')}
        </div>
        <h2>${texts.reasons}</h2>
        ${table(texts.reasons, [texts.reasons, texts.count], rows, none)}
        <p class="note">${texts.hours(hours)}</p>
      </div>`,
    )
  }

/** Brings the figures up to date every half minute, as long as somebody looks; tables that were opened stay open. */
export const liveScript = `
const refresh = async () => {
  if (document.hidden) return
  const answer = await fetch(location.href, { headers: { Accept: 'text/html' } }).catch(() => undefined)
  if (!answer?.ok || answer.redirected) return
  const next = new DOMParser().parseFromString(await answer.text(), 'text/html').getElementById('live')
  const old = document.getElementById('live')
  if (next === null || old === null || old.contains(document.activeElement)) return
  const isOpen = [...old.querySelectorAll('details')].map(({ open }) => open)
  next.querySelectorAll('details').forEach((details, index) => { details.open = isOpen[index] ?? false })
  old.replaceWith(next)
}
setInterval(refresh, 30_000)
`
