import type { Proof } from './files.ts'
import { cell, proofList } from './markdown.ts'
import { pending, type PendingFeature } from './pending.ts'

/** Something that must be shown by tests: a row of a page. */
export interface Claim {
  /** Its name in the page, once. */
  readonly id: string
  /** What stands between its name and its tests. */
  readonly cells: readonly string[]
  /** Why there is nothing to show, where what the row is about is not here. */
  readonly notOffered?: string
  /** What the row still waits for. */
  readonly waitsFor?: PendingFeature
  readonly proofs: readonly Proof[]
}

/** The last cell of a row: its tests, and what is missing. */
export const shownBy = ({ notOffered, waitsFor, proofs }: Claim): string => {
  const tests = proofList(proofs)
  const missing = [
    ...(notOffered === undefined ? [] : [`**not offered**: ${cell(notOffered)}`]),
    ...(waitsFor === undefined ? [] : [`**pending**: ${cell(pending[waitsFor])}`]),
  ]
  return [...missing, ...(tests === '' ? [] : [tests])].join('; ')
}

/** What is wrong with rows apart from the tests they name: an id twice, nothing to show and no reason why. */
export const claimProblems = (claims: readonly Claim[]): readonly string[] => {
  const ids = claims.map(({ id }) => id)
  return [
    ...ids.filter((id, index) => ids.indexOf(id) !== index).map((id) => `${id} has two rows.`),
    ...claims
      .filter(({ proofs, notOffered, waitsFor }) => proofs.length === 0 && (notOffered ?? waitsFor) === undefined)
      .map(({ id }) => `${id} has no test and no reason.`),
  ]
}

/** How many rows are shown by tests, how many are about what is not offered, and how many wait. */
export const countClaims = (claims: readonly Claim[]): string => {
  const waiting = claims.filter(({ waitsFor }) => waitsFor !== undefined).length
  const absent = claims.filter(({ notOffered }) => notOffered !== undefined).length
  const shown = claims.length - waiting - absent
  return `${claims.length} rows. Shown by tests: ${shown}. About what is not offered: ${absent}. Pending: ${waiting}.`
}
