import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { spawn } from 'node:child_process'
import ts from 'typescript'

/** A fenced code block of a document. */
export interface CodeBlock {
  readonly document: string
  /** Line of the opening fence, from 1. */
  readonly line: number
  readonly language: string
  /** What follows the language: `no-run`, `continue`. */
  readonly flags: readonly string[]
  readonly lines: readonly string[]
}

/** A block as a module: with the blocks it continues, each line where it is in the document, so that errors name the right one. */
export interface Program {
  readonly block: CodeBlock
  readonly path: string
  /** Whether another program that is run is this one and more. */
  readonly isContinued: boolean
}

const fence = /^([ \t]*)(`{3,}|~{3,})[ \t]*([^`]*)$/

/** The fenced code blocks of a document. Throws for one that is never closed. */
export const findCodeBlocks = (document: string, text: string): readonly CodeBlock[] => {
  const blocks: CodeBlock[] = []
  let open:
    | { readonly marker: string; readonly indent: number; readonly block: CodeBlock; readonly lines: string[] }
    | undefined
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const [, indent = '', marker = '', info = ''] = fence.exec(line) ?? []
    if (open !== undefined) {
      if (marker.startsWith(open.marker) && info === '') {
        blocks.push(open.block)
        open = undefined
      } else {
        open.lines.push(line.slice(Math.min(open.indent, line.length - line.trimStart().length)))
      }
    } else if (marker !== '') {
      const [language = '', ...flags] = info.trim().split(/[ \t]+/)
      const lines: string[] = []
      open = { marker, indent: indent.length, lines, block: { document, line: index + 1, language, flags, lines } }
    }
  }
  if (open !== undefined) throw new Error(`${document}:${String(open.block.line)} is never closed.`)
  return blocks
}

/** The `ts` blocks that make one program: the block and those before it that it continues. */
const chainOf = (block: CodeBlock, blocks: readonly CodeBlock[]): readonly CodeBlock[] => {
  if (!block.flags.includes('continue')) return [block]
  const before = blocks.filter(
    ({ document, language, line }) => document === block.document && language === 'ts' && line < block.line,
  )
  const previous = before.at(-1)
  if (previous === undefined) throw new Error(`${block.document}:${String(block.line)} continues nothing.`)
  return [...chainOf(previous, blocks), block]
}

const textOf = (chain: readonly CodeBlock[]): string => {
  const lines: string[] = []
  for (const block of chain) {
    while (lines.length < block.line) lines.push('')
    lines.push(...block.lines)
  }
  return `${lines.join('\n')}\n`
}

/** Writes a module into `folder` for each `ts` block. */
export const writePrograms = (blocks: readonly CodeBlock[], folder: string): readonly Program[] => {
  const chains = blocks.filter(({ language }) => language === 'ts').map((block) => chainOf(block, blocks))
  const run = chains.filter((chain) => chain.at(-1)?.flags.includes('no-run') === false)
  const continued = new Set(run.flatMap((chain) => chain.slice(0, -1)))
  return chains.flatMap((chain) => {
    const block = chain.at(-1)
    if (block === undefined) return []
    const path = join(folder, `${block.document.replaceAll(/[\\/]/g, '__')}.${String(block.line)}.ts`)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, textOf(chain))
    return [{ block, path, isContinued: continued.has(block) }]
  })
}

/** Type-checks the programs in one go with the settings of the repository; gives the problems of each, by its path. */
export const typeCheck = (programs: readonly Program[], tsconfig: string): ReadonlyMap<string, string> => {
  const host = { ...ts.sys, onUnRecoverableConfigFileDiagnostic: () => undefined }
  const config = ts.getParsedCommandLineOfConfigFile(tsconfig, {}, host)
  if (config === undefined) throw new Error(`${tsconfig} cannot be read.`)
  // An example may end with the thing it shows, without using it.
  const options = {
    ...config.options,
    noUnusedLocals: false,
    noUnusedParameters: false,
    moduleDetection: ts.ModuleDetectionKind.Force,
  }
  const program = ts.createProgram(
    programs.map(({ path }) => path),
    options,
  )
  return new Map(programs.map(({ path }) => [path, problemsOf(program, path)]))
}

const problemsOf = (program: ts.Program, path: string): string => {
  const file = program.getSourceFile(path)
  return [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)]
    .map(({ start, messageText }) => {
      const line = start === undefined || file === undefined ? 0 : file.getLineAndCharacterOfPosition(start).line + 1
      return `line ${String(line)}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`
    })
    .join('\n')
}

/** Runs a program in a process of its own. Gives what went wrong; undefined where it ended by itself without an error. */
export const runProgram = ({ path }: Program, cwd: string): Promise<string | undefined> =>
  new Promise((resolve) => {
    const options = ['--conditions=grantry-source', '--disable-warning=ExperimentalWarning']
    const child = spawn(process.execPath, [...options, path], {
      cwd,
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: 20_000,
    })
    const output: Buffer[] = []
    child.stdout.on('data', (chunk: Buffer) => output.push(chunk))
    child.stderr.on('data', (chunk: Buffer) => output.push(chunk))
    child.on('close', (code, signal) => {
      const ending = signal === null ? `ended with code ${String(code)}` : 'was still running after 20 s'
      resolve(code === 0 ? undefined : `The program ${ending}.\n${Buffer.concat(output).toString()}`)
    })
  })
