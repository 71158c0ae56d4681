import type { Proof } from '../proofs/files.ts'

/** What became of some names of oauthlib. */
export interface ParityRow {
  readonly names: readonly string[]
  /** Our names; empty where there is nothing of the kind. `Type.member` is a member of an export. */
  readonly exports: readonly string[]
  /** What is different, or why it is not here. */
  readonly note: string
  readonly proofs: readonly Proof[]
}

/** Rows about one module of oauthlib. */
export interface ParitySection {
  readonly title: string
  /** What all names of it begin with. */
  readonly prefix: string
  readonly rows: readonly ParityRow[]
}

const listed = (text: string): readonly string[] => text.split('|').map((part) => part.trim())

/** Names that are kept: `names` and `exports` are separated by `|`. */
export const kept = (
  names: string,
  exports: string,
  note: string,
  ...proofs: readonly [Proof, ...Proof[]]
): ParityRow => ({ names: listed(names), exports: listed(exports), note, proofs })

/** Names that are not here on purpose, with the reason. */
export const leftOut = (names: string, reason: string): ParityRow => ({
  names: listed(names),
  exports: [],
  note: reason,
  proofs: [],
})
