/** How much a finding matters. `error`: somebody can be harmed, or something does not work. `warning`: look at it. `hint`: good to know. */
export const severities = ['error', 'warning', 'hint'] as const

/** One of them. */
export type Severity = (typeof severities)[number]

/** Something that is looked at. */
export interface Check<Subject> {
  readonly severity: Severity
  /** What is wrong where it finds something, for people. */
  readonly text: string
  /** What to do. */
  readonly mend: string
  /** The section that rules it. */
  readonly source: string
  /** What was found, in a few words each; none where all is well. */
  find(subject: Subject): readonly string[]
}

/** A word for what holds; none for what does not. */
export const when = (holds: boolean, found: string): readonly string[] => (holds ? [found] : [])
