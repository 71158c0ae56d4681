import { html, type Html } from '../pages/html.ts'

/** A series of numbers over time. */
export interface Chart {
  /** What is counted, for those who do not see it. */
  readonly label: string
  readonly points: readonly { readonly at: number; readonly value: number }[]
  readonly isBad?: boolean
}

const height = 40
const width = 4
const gap = 1

/** Bars over a line, drawn here: no script, no style of its own. The table beside it says the same in words. */
export const chart = ({ label, points, isBad = false }: Chart): Html => {
  const highest = Math.max(1, ...points.map(({ value }) => value))
  const bars = points.map(({ value }, index) => {
    const tall = value === 0 ? 0 : Math.max(1, (value / highest) * height)
    return html`<rect
      x="${index * (width + gap)}"
      y="${height - tall}"
      width="${width}"
      height="${tall}"
      rx="0.5"
    ></rect>`
  })
  const wide = points.length * (width + gap)
  return html`<svg
    class="${isBad ? 'bad' : ''}"
    role="img"
    aria-label="${label}"
    viewBox="0 0 ${wide} ${height + 1}"
    preserveAspectRatio="none"
  >
    ${bars}
    <line x1="0" y1="${height + 0.5}" x2="${wide}" y2="${height + 0.5}"></line>
  </svg>`
}
