import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { files, type Proof } from './files.ts'
import { root } from './root.ts'

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

/** Which of the proofs name a file or a test that is not there, one line for each. */
export const proofProblems = (proofs: readonly Proof[]): readonly string[] => {
  const known = new Map<string, ReadonlySet<string>>()
  return proofs.flatMap(([file, title]) => {
    const path = join(root, files[file])
    if (!existsSync(path)) return [`${files[file]} does not exist.`]
    const titles = known.get(path) ?? titlesOf(path)
    known.set(path, titles)
    return titles.has(title) ? [] : [`${files[file]} has no test called "${title}".`]
  })
}
