/** The colours of one scheme, as `#rrggbb`. Texts keep a contrast of 4.5 to what they are on, borders of fields 3 (WCAG 2.2 AA). */
export interface Palette {
  /** Behind everything, and behind the content. */
  readonly page: string
  readonly card: string
  readonly text: string
  /** Notes. */
  readonly quiet: string
  /** Borders of fields, and lines that only part. */
  readonly border: string
  readonly line: string
  readonly problem: string
  readonly onProblem: string
  readonly warning: string
  readonly onWarning: string
  readonly done: string
  readonly onDone: string
}

/** By day. */
export const light: Palette = {
  ...{ page: '#f3f4f7', card: '#ffffff', text: '#1a1e26', quiet: '#4d5566', border: '#7b8394', line: '#d9dce3' },
  ...{ problem: '#fdeceb', onProblem: '#8c1d18', warning: '#fff3d6', onWarning: '#5f3d00' },
  ...{ done: '#e4f4e8', onDone: '#14532d' },
}

/** By night. */
export const dark: Palette = {
  ...{ page: '#101319', card: '#191d25', text: '#e9ebf0', quiet: '#b1b8c6', border: '#7d8698', line: '#343a47' },
  ...{ problem: '#3c1a1a', onProblem: '#ffb9b2', warning: '#382a0c', onWarning: '#ffd794' },
  ...{ done: '#14311f', onDone: '#a5e3b9' },
}
