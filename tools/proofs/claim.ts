import type { Proof } from './files.ts'
import { cell, proofList } from './markdown.ts'

/** Something that must be shown by tests: a row of a page. */
export interface Claim {
  /** Its name in the page, once. */
  readonly id: string
  /** What stands between its name and its tests. */
  readonly cells: readonly string[]
  /** Why there is nothing to show, where what the row is about is not here. */
  readonly notOffered?: string
  readonly proofs: readonly Proof[]
}

/** The last cell of a row: its tests, and what is missing. */
export const shownBy = ({ notOffered, proofs }: Claim): string => {
  const tests = proofList(proofs)
  const missing = notOffered === undefined ? '' : `**not offered**: ${cell(notOffered)}`
  return [missing, tests].filter((part) => part !== '').join('; ')
}

/** What is wrong with rows apart from the tests they name: an id twice, nothing to show and no reason why. */
export const claimProblems = (claims: readonly Claim[]): readonly string[] => {
  const ids = claims.map(({ id }) => id)
  return [
    ...ids.filter((id, index) => ids.indexOf(id) !== index).map((id) => `${id} has two rows.`),
    ...claims
      .filter(({ proofs, notOffered }) => proofs.length === 0 && notOffered === undefined)
      .map(({ id }) => `${id} has no test and no reason.`),
  ]
}

/** How many rows are shown by tests, and how many are about what is not offered. */
export const countClaims = (claims: readonly Claim[]): string => {
  const absent = claims.filter(({ notOffered }) => notOffered !== undefined).length
  const shown = claims.length - absent
  return `${claims.length} rows. Shown by tests: ${shown}. About what is not offered: ${absent}.`
}
