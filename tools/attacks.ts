/**
 * Writes `docs/reference/attacks.md`, `secure-defaults.md` and `openid-certification.md` from the tables in `tools/attacks/`, `tools/defaults/` and
 * `tools/certification/`; with `--check` only compares. Refuses tests that are not there, and rows with nothing to show.
 */
import { page as attacksPage } from './attacks/page.ts'
import { sections } from './attacks/table.ts'
import { page as certificationPage } from './certification/page.ts'
import { parts } from './certification/table.ts'
import { defaults, page as defaultsPage } from './defaults/page.ts'
import { proofProblems } from './proofs/check.ts'
import { claimProblems, type Claim } from './proofs/claim.ts'
import { writePage } from './proofs/write-page.ts'

const problemsOf = (claims: readonly Claim[]): readonly string[] => [
  ...claimProblems(claims),
  ...proofProblems(claims.flatMap(({ proofs }) => proofs)),
]

writePage({
  path: 'docs/reference/attacks.md',
  script: 'attacks',
  text: attacksPage(),
  problems: problemsOf(sections.flatMap(({ rows }) => rows)),
})
writePage({
  path: 'docs/reference/secure-defaults.md',
  script: 'attacks',
  text: defaultsPage(),
  problems: problemsOf(defaults),
})
writePage({
  path: 'docs/reference/openid-certification.md',
  script: 'attacks',
  text: certificationPage(),
  problems: problemsOf(parts.flatMap(({ modules }) => modules)),
})
