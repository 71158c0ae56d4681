import { readFileSync } from 'node:fs'
import ts from 'typescript'

/** Parts of a source file that do nothing when it runs: types, names that are only declared, and the linking of modules. */
const neverRuns = (node: ts.Node): boolean =>
  ts.isImportDeclaration(node) ||
  ts.isExportDeclaration(node) ||
  ts.isInterfaceDeclaration(node) ||
  ts.isTypeAliasDeclaration(node) ||
  ts.isTypeNode(node) ||
  ts.isTypeParameterDeclaration(node) ||
  ((ts.isParameter(node) || ts.isPropertyDeclaration(node)) && node.initializer === undefined) ||
  ts.isJSDoc(node)

const isPunctuation = ({ kind }: ts.Node): boolean =>
  kind >= ts.SyntaxKind.FirstPunctuation && kind <= ts.SyntaxKind.LastPunctuation

const tokensOf = (node: ts.Node, file: ts.SourceFile): readonly ts.Node[] => {
  if (neverRuns(node)) return []
  const children = node.getChildren(file)
  if (children.length > 0) return children.flatMap((child) => tokensOf(child, file))
  return isPunctuation(node) || node.kind === ts.SyntaxKind.EndOfFileToken || node.getWidth(file) === 0 ? [] : [node]
}

const isStep = (node: ts.Node): boolean =>
  (ts.isStatement(node) && !ts.isBlock(node) && !ts.isFunctionDeclaration(node)) ||
  (ts.isArrowFunction(node.parent) && node.parent.body === node && !ts.isBlock(node))

const stepsOf = (node: ts.Node): readonly ts.Node[] => {
  if (neverRuns(node)) return []
  const inner: ts.Node[] = []
  ts.forEachChild(node, (child) => void inner.push(...stepsOf(child)))
  return !ts.isSourceFile(node) && isStep(node) ? [node, ...inner] : inner
}

const enclosingFunction = (node: ts.Node, position: number): ts.SignatureDeclaration | undefined => {
  const inner = ts.forEachChild(node, (child) =>
    child.pos <= position && position < child.end ? enclosingFunction(child, position) : undefined,
  )
  return inner ?? (ts.isFunctionLike(node) ? node : undefined)
}

const nameOf = (node: ts.Node, file: ts.SourceFile): string => {
  if (ts.isFunctionLike(node) && node.name !== undefined) return node.name.getText(file)
  if (ts.isVariableDeclaration(node.parent)) return node.parent.name.getText(file)
  const outer = ts.findAncestor(node.parent, (parent) => ts.isFunctionLike(parent))
  return `function in ${outer === undefined ? file.fileName : nameOf(outer, file)}`
}

/** Where a function is, and what to call it. */
export interface FunctionPlace {
  readonly name: string
  readonly key: string
}

/** A source file of ours: which positions are code, on which lines, and in which functions. */
export class SourceMap {
  readonly #file: ts.SourceFile

  constructor(path: string) {
    this.#file = ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.Latest, true)
  }

  /** How many characters the file has. */
  get length(): number {
    return this.#file.text.length
  }

  /** Numbers of the lines with at least one token of code for which `hasRun` is true; punctuation, types and imports are none. */
  linesWhere(hasRun: (position: number) => boolean): ReadonlySet<number> {
    const ran = tokensOf(this.#file, this.#file)
      .map((token) => token.getStart(this.#file))
      .filter(hasRun)
    return new Set(ran.map((position) => this.#file.getLineAndCharacterOfPosition(position).line + 1))
  }

  /** How many steps have run: statements, and expressions that are the body of a function. */
  stepsWhere(hasRun: (position: number) => boolean): number {
    return stepsOf(this.#file).filter((step) => hasRun(step.getStart(this.#file))).length
  }

  /** The innermost function around a place as stack traces write it, counted from 1. */
  functionAt(line: number, column: number): FunctionPlace {
    const position = this.#file.getPositionOfLineAndCharacter(line - 1, column - 1)
    const found = enclosingFunction(this.#file, position)
    if (found === undefined) return { name: this.#file.fileName, key: this.#file.fileName }
    return { name: nameOf(found, this.#file), key: `${this.#file.fileName}:${found.pos}` }
  }
}
