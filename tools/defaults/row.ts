import type { Claim } from '../proofs/claim.ts'
import type { Proof } from '../proofs/files.ts'

/** What Grantry does unless it is told otherwise; the opt-out, or that there is none; and why it is so and not otherwise, where that is a choice. */
type Default = readonly [what: string, optOut: string, why?: string]

/** A default with the tests that show it. */
export const byDefault = (
  id: string,
  [what, optOut, why = '']: Default,
  ...proofs: readonly (readonly Proof[])[]
): Claim => ({ id, cells: [what, optOut, why], proofs: proofs.flat() })
