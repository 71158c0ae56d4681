import { countClaims, shownBy } from '../proofs/claim.ts'
import { cell, table } from '../proofs/markdown.ts'
import { sections } from './table.ts'

/** The page, before it is formatted. */
export const page = (): string =>
  [
    '# Attacks',
    'Attacks on OAuth and OpenID providers that are known from specifications, from research and from the defects of others, what Grantry ' +
      'does, and the tests that try them. The page is written by `npm run attacks` from tables that the same program checks: every test that is ' +
      'named here exists.',
    countClaims(sections.flatMap(({ rows }) => rows)),
    ...sections.map(
      ({ title, rows }) =>
        `## ${title}\n\n` +
        table(
          ['id', 'attack', 'what happens', 'rule', 'shown by'],
          rows.map((row) => [row.id, ...row.cells.map(cell), shownBy(row)]),
        ),
    ),
  ].join('\n\n') + '\n'
