import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { defects } from './defects.ts'
import { promises } from './promises.ts'
import { root } from './root.ts'
import { files, type ParityRow, type Proof } from './row.ts'
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

/** Whether a text stands where titles do: as the first argument, as the first of a row of a table, or as a member `title`. */
const isTitle = (node: ts.StringLiteralLike, parent: ts.Node): boolean =>
  (ts.isCallExpression(parent) && parent.arguments[0] === node) ||
  (ts.isArrayLiteralExpression(parent) && parent.elements[0] === node) ||
  (ts.isPropertyAssignment(parent) && ts.isIdentifier(parent.name) && parent.name.text === 'title')

const titlesOf = (path: string): ReadonlySet<string> => {
  const titles = new Set<string>()
  const visit = (node: ts.Node): void => {
    ts.forEachChild(node, (child) => {
      if (ts.isStringLiteralLike(child) && isTitle(child, node)) titles.add(child.text)
      visit(child)
    })
  }
  visit(ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.Latest))
  return titles
}

const proofProblems = (proofs: readonly Proof[]): readonly string[] => {
  const known = new Map<string, ReadonlySet<string>>()
  return proofs.flatMap(([file, title]) => {
    const path = join(root, files[file])
    if (!existsSync(path)) return [`${files[file]} does not exist.`]
    const titles = known.get(path) ?? titlesOf(path)
    known.set(path, titles)
    return titles.has(title) ? [] : [`${files[file]} has no test called "${title}".`]
  })
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
