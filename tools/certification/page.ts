import { countClaims, shownBy } from '../proofs/claim.ts'
import { cell, code, table } from '../proofs/markdown.ts'
import { profiles } from './row.ts'
import { parts } from './table.ts'

/** The page, before it is formatted. */
export const page = (): string =>
  [
    '# Certification of OpenID providers',
    "**The official suite was not run, and Grantry is not certified.** OpenID's conformance suite needs a server that it can reach and programs " +
      'that do not run in these tests. This page lists the modules of its plans for the profiles ' +
      `${profiles.join(', ')}, says in our own words what each of them looks at, and names the tests that look at the same here. ` +
      'That is a preparation and no proof: the suite may see more than its description tells.',
    'The plans are set for a server of `--profile openid`: clients of the suite do without PKCE. The page is written by `npm run attacks` from ' +
      'tables that the same program checks: every test that is named here exists.',
    countClaims(parts.flatMap(({ modules }) => modules)),
    ...parts.map(
      ({ title, modules }) =>
        `## ${title}\n\n` +
        table(
          ['module', 'profiles', 'what it looks at', 'shown by'],
          modules.map((module) => [code(module.id), ...module.cells.map(cell), shownBy(module)]),
        ),
    ),
  ].join('\n\n') + '\n'
