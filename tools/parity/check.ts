import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { proofProblems } from '../proofs/check.ts'
import { root } from '../proofs/root.ts'
import { defects } from './defects.ts'
import { promises } from './promises.ts'
import type { ParityRow } from './row.ts'
import { sections } from './table.ts'

/** The names of oauthlib that must have a row. */
export const oauthlibNames: readonly string[] = readFileSync(join(import.meta.dirname, 'oauthlib-names.txt'), 'utf8')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'))

/** All rows, with the full names of what they are about. */
export const rows: readonly ParityRow[] = sections.flatMap(({ prefix, rows: own }) =>
  own.map((row) => ({ ...row, names: row.names.map((name) => prefix + name) })),
)

/** Our exports and their members, as the compiler sees them. */
const makeExportFinder = (): ((name: string) => boolean) => {
  const entry = join(root, 'packages/grantry/src/index.ts')
  const host = { ...ts.sys, onUnRecoverableConfigFileDiagnostic: () => undefined }
  const config = ts.getParsedCommandLineOfConfigFile(join(root, 'tsconfig.json'), {}, host)
  const program = ts.createProgram([entry], config?.options ?? {})
  const checker = program.getTypeChecker()
  const file = program.getSourceFile(entry)
  const module = file && checker.getSymbolAtLocation(file)
  const exported = new Map(module && checker.getExportsOfModule(module).map((symbol) => [symbol.name, symbol]))
  return (name) => {
    const [type = '', member] = name.split('.')
    const found = exported.get(type)
    if (found === undefined || member === undefined) return found !== undefined
    const symbol = found.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(found) : found
    return checker.getDeclaredTypeOfSymbol(symbol).getProperty(member) !== undefined
  }
}

const nameProblems = (): readonly string[] => {
  const seen = rows.flatMap(({ names }) => names)
  return [
    ...oauthlibNames.filter((name) => !seen.includes(name)).map((name) => `oauthlib.${name} has no row.`),
    ...seen
      .filter((name) => !oauthlibNames.includes(name))
      .map((name) => `oauthlib.${name} is not in the list of names.`),
    ...seen.filter((name, index) => seen.indexOf(name) !== index).map((name) => `oauthlib.${name} has two rows.`),
  ]
}

/** What is wrong with the tables, one line for each; empty where nothing is. */
export const checkTables = (): readonly string[] => {
  const isExported = makeExportFinder()
  const unknown = [...new Set(rows.flatMap((row) => row.exports))].filter((name) => !isExported(name))
  return [
    ...nameProblems(),
    ...unknown.map((name) => `grantry does not export ${name}.`),
    ...rows
      .filter(({ exports, proofs }) => exports.length > 0 && proofs.length === 0)
      .map(({ names }) => `${names.join()} has no test.`),
    ...proofProblems([...rows, ...promises, ...defects].flatMap(({ proofs }) => proofs)),
  ]
}
