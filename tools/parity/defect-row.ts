import type { Proof } from '../proofs/files.ts'

/** A promise of oauthlib's documentation, or a defect of its code, and what is done here. */
export interface DefectRow {
  /** Its number, or the page that promises. */
  readonly id: string
  readonly theirs: string
  readonly here: string
  readonly proofs: readonly Proof[]
}

/** Makes a row. */
export const defect = (
  id: string,
  theirs: string,
  here: string,
  ...proofs: readonly [Proof, ...Proof[]]
): DefectRow => ({ ...{ id, theirs, here, proofs } })
