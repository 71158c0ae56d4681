import { intendedDifferences } from '../../test/oauthlib/intended-differences.ts'
import { authorizationScenarios } from '../../test/oauthlib/scenarios-authorization.ts'
import { tokenScenarios } from '../../test/oauthlib/scenarios-token.ts'
import { cell, code, proof, table } from '../proofs/markdown.ts'
import { oauthlibNames, rows } from './check.ts'
import type { DefectRow } from './defect-row.ts'
import { defects } from './defects.ts'
import { promises } from './promises.ts'
import type { ParityRow } from './row.ts'
import { sections } from './table.ts'

const parityRow = ({ names, exports, note, proofs }: ParityRow): readonly (readonly string[])[] =>
  names.map((name) => [
    code(name),
    exports.length === 0 ? 'not here' : exports.map(code).join(', '),
    cell(note),
    proofs.map(proof).join('; ') || '–',
  ])

const paritySections = sections.map(({ title, prefix, rows: own }) => {
  const shown = own.flatMap((row) =>
    parityRow({
      ...row,
      names: row.names.map((name) => name.replace(/^[.:] ?/, '') || prefix.split('.').at(-1) || name),
    }),
  )
  const where = prefix === '' ? '' : `In \`oauthlib.${prefix.replace(/\.$/, '')}\`.\n\n`
  return `## ${title}\n\n${where}${table(['oauthlib', 'here', 'what is different, or why not', 'shown by'], shown)}`
})

const defectTable = (first: string, list: readonly DefectRow[]): string =>
  table(
    [first, 'oauthlib', 'here', 'shown by'],
    list.map(({ id, theirs, here, proofs }) => [id, cell(theirs), cell(here), proofs.map(proof).join('; ')]),
  )

const differences = table(
  ['what is done here', 'rule', 'where', 'difference: oauthlib → ours'],
  intendedDifferences.map(({ what, rule, steps, differences: list }) => [
    cell(what),
    cell(rule),
    steps?.map(cell).join(', ') ?? 'wherever it occurs',
    list.map((each) => code(each)).join('<br>'),
  ]),
)

const names = rows.flatMap((row) => row.names.map(() => row))
const absent = names.filter(({ exports }) => exports.length === 0).length
const requests = [...authorizationScenarios, ...tokenScenarios].flatMap(({ steps }) => steps).length

/** The page, before it is formatted. */
export const page = (): string =>
  [
    '# oauthlib, name by name',
    'Grantry descends from the provider side of oauthlib. This page says of each of its names what it is here and which test shows it, and of ' +
      'what is not here, why. It is written by `npm run parity` from tables that the same program checks: that our names are exported, that ' +
      'the tests are there, and that no name of oauthlib is left out. How to port a program is in ' +
      '[Coming from oauthlib](../guide/coming-from-oauthlib.md).',
    `${oauthlibNames.length} names, as oauthlib 3.2.2 has them and 3.4 adds to them: ${names.length - absent} are here, ${absent} are not, each for its reason. ` +
      `${promises.length} promises of the documentation and ${defects.length} defects. ` +
      `${requests} scripted requests are answered by both, with ${intendedDifferences.length} intended differences.`,
    ...paritySections,
    '## Promises of its documentation\n\n' + defectTable('page', promises),
    '## Defects\n\n' + defectTable('#', defects),
    '## Intended differences\n\n' +
      `\`test/oauthlib/differential.test.ts\` sends ${requests} requests to oauthlib and to us, where Python has oauthlib. Status, headers, ` +
      'redirects, bodies and the order of validator calls are compared, under our names for the methods. Every difference must be in this ' +
      'table, and every line of it must occur.\n\n' +
      differences,
  ].join('\n\n') + '\n'
