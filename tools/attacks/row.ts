import type { Claim } from '../proofs/claim.ts'
import type { Proof } from '../proofs/files.ts'

/** Attacks on one part. */
export interface AttackSection {
  readonly title: string
  readonly rows: readonly Claim[]
}

/** What is tried, what must come of it, and the rule. */
type Attack = readonly [attack: string, safe: string, source: string]

/** An attack with the tests that try it. */
export const attack = (id: string, cells: Attack, ...proofs: readonly (readonly Proof[])[]): Claim => ({
  id,
  cells,
  proofs: proofs.flat(),
})

/** An attack on what is not here, with the tests that show that it is not. */
export const absent = (
  id: string,
  cells: Attack,
  notOffered: string,
  ...proofs: readonly (readonly Proof[])[]
): Claim => ({ ...attack(id, cells, ...proofs), notOffered })
