/** One figure with its target. */
export interface Row {
  readonly figure: string
  readonly value: number | string
  readonly target: string
  readonly isMet: boolean
}

/** What one experiment gave. */
export interface Report {
  readonly title: string
  /** What was done. */
  readonly method: string
  readonly rows: readonly Row[]
  /** What was made wrong on purpose. */
  readonly control: string
  /** Figures of the wrong variant; the target is that it is seen. */
  readonly controlRows: readonly Row[]
}

/** An experiment in its long form. */
export interface Experiment {
  /** Part of the name by which it is chosen on the command line. */
  readonly name: string
  readonly needsPostgres: boolean
  readonly run: () => Promise<Report>
}

/** A figure without a target. */
export const count = (figure: string, value: number): Row => ({ figure, value, target: '', isMet: true })

/** What must not be. */
export const none = (figure: string, value: number): Row => ({ figure, value, target: '0', isMet: value === 0 })

/** What must be, in a control. */
export const some = (figure: string, value: number): Row => ({ figure, value, target: '> 0', isMet: value > 0 })

/** A number that is known before. */
export const exactly = (figure: string, value: number, target: number): Row => ({
  ...{ figure, value, target: target.toLocaleString('en'), isMet: value === target },
})

/** A time in milliseconds that has a limit. */
export const below = (figure: string, ms: number, limitMs: number): Row => ({
  ...{ figure: `${figure} in ms`, value: Math.round(ms), target: `< ${limitMs.toLocaleString('en')}` },
  isMet: ms < limitMs,
})

/** A time in milliseconds that must be longer than a limit, in a control. */
export const above = (figure: string, ms: number, limitMs: number): Row => ({
  ...{ figure: `${figure} in ms`, value: Math.round(ms), target: `> ${limitMs.toLocaleString('en')}` },
  isMet: ms > limitMs,
})
