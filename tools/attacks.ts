/**
 * Writes `docs/reference/attacks.md` from the tables in `tools/attacks/`; with `--check` only compares. Refuses tests that are not there, and
 * rows with nothing to show.
 */
import { page } from './attacks/page.ts'
import { sections } from './attacks/table.ts'
import { proofProblems } from './proofs/check.ts'
import { claimProblems } from './proofs/claim.ts'
import { writePage } from './proofs/write-page.ts'

const rows = sections.flatMap((section) => section.rows)
const problems = [...claimProblems(rows), ...proofProblems(rows.flatMap(({ proofs }) => proofs))]
writePage({ path: 'docs/reference/attacks.md', script: 'attacks', text: page(), problems })
