import { z } from 'zod'

/** How a setting is written outside of a file: as text, a number, `true` or `false`, several texts, or not at all. */
export type SettingKind = 'text' | 'number' | 'flag' | 'list' | 'file only'

/** A setting, wherever it comes from. */
export interface Setting {
  /** As `start` takes it; undefined where it is no flag, because what is on a command line can be seen by every user of the machine. */
  readonly flag: string | undefined
  readonly kind: SettingKind
  /** What it may be. Its messages begin with `must`. */
  readonly schema: z.ZodType
  /** For people, without a full stop. */
  readonly description: string
  /** What holds where it is not set, for people as well. */
  readonly fallback: string | number | boolean | readonly string[] | undefined
  /** What the template shows of one that only a file can hold; such settings are the last ones, since tables end a TOML file. */
  readonly example?: object
  /** What has names of its own in it, and these names: those that there are not are refused. */
  readonly members?: { readonly of: string; readonly names: readonly string[] }
  /** Whether it is hidden where settings are shown. */
  readonly isSecret?: true
}

/** What holds where a setting is not set, as text; empty where that is nothing. */
export const fallbackText = ({ fallback = '' }: Setting): string =>
  typeof fallback === 'object' ? fallback.join(', ') : String(fallback)

/** `databasePool` is `GRANTRY_DATABASE_POOL` in the environment. */
export const variableOf = (name: string): string =>
  `GRANTRY_${name.replaceAll(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`

const must =
  (rule: string) =>
  ({ input }: { readonly input?: unknown }): string =>
    `must be ${rule}, not ${JSON.stringify(input)}`

/** Text with something in it. */
export const text = z.string({ error: must('text') }).regex(/\S/, { error: 'must not be empty' })

/** A secret that was drawn at random. */
export const secretText = text.min(32, { error: 'must have at least 32 characters: openssl rand -base64 32 makes one' })

/** Texts. */
export const list = z.array(text, { error: must('a list') })

/** A whole number within limits. */
export const wholeNumber = (least: number, most: number) => {
  const error = must(`a whole number from ${least} to ${most}`)
  return z.int({ error }).min(least, { error }).max(most, { error })
}

/** `true` or `false`. */
export const flag = z.boolean({ error: must('true or false') })

/** One of several words. */
export const oneOf = <Word extends string>(...words: readonly [Word, ...Word[]]) =>
  z.enum(words, { error: must(`one of ${words.join(', ')}`) })

/** Text that a function takes; what it throws says why not, after the name of the setting. */
export const checkedText = (problemOf: (value: string) => string | undefined) =>
  text.superRefine((value, context) => {
    const problem = problemOf(value)
    if (problem !== undefined) context.addIssue({ code: 'custom', message: problem })
  })

/** Texts that a function takes; the text that it gives says why not, after the name of the setting. */
export const checkedList = (problemOf: (values: readonly string[]) => string | undefined) =>
  list.superRefine((values, context) => {
    const problem = problemOf(values)
    if (problem !== undefined) context.addIssue({ code: 'custom', message: problem })
  })
/** The address of a page that users are sent to. */
export const webPage = checkedText((value) =>
  URL.canParse(value) && new URL(value).protocol === 'https:' ? undefined : `must be an https URL, not "${value}"`,
)

/** Text from the environment or the command line as the value that a file would have; what cannot be read stays text, and is refused as such. */
export const readText = (kind: SettingKind, given: string): unknown => {
  if (kind === 'number') return /^-?\d+(?:\.\d+)?$/.test(given) ? Number(given) : given
  if (kind === 'flag') return given === 'true' ? true : given === 'false' ? false : given
  if (kind !== 'list') return given
  return given
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
}
