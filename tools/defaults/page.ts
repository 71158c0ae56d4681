import { countClaims, shownBy, type Claim } from '../proofs/claim.ts'
import { cell, table } from '../proofs/markdown.ts'
import { protocolDefaults } from './protocol.ts'
import { serverDefaults } from './server.ts'

/** All defaults of the page, in their order. */
export const defaults: readonly Claim[] = [...protocolDefaults, ...serverDefaults].sort((left, right) =>
  left.id.localeCompare(right.id),
)

/** The page, before it is formatted. */
export const page = (): string =>
  [
    '# Secure defaults',
    'What Grantry does unless it is told otherwise, what tells it, and the tests that show it. An opt-out is named; what begins with `allow` or ' +
      '`legacy` gives up something, and `SECURITY.md` says what. The page is written by `npm run attacks` from a table that the same program checks.',
    countClaims(defaults),
    table(
      ['id', 'default', 'opt-out', 'why so', 'shown by'],
      defaults.map((row) => [row.id, ...row.cells.map(cell), shownBy(row)]),
    ),
  ].join('\n\n') + '\n'
