import assert from 'node:assert/strict'
import { existsSync, globSync, readFileSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { after, suite, test } from 'node:test'
import { findCodeBlocks, runProgram, typeCheck, writePrograms, type CodeBlock, type Program } from './code-blocks.ts'

const root = dirname(dirname(import.meta.dirname))
const tsconfig = join(root, 'tsconfig.json')
// Inside the repository, so that the blocks can import what it has installed.
const generated = join(import.meta.dirname, `.generated-${process.pid}`)
after(() => rmSync(generated, { recursive: true, force: true }))

/** No `js` or `typescript`: a program is written as `ts`, so that it is checked. */
const ignoredLanguages = [
  'text',
  'http',
  'html',
  'sql',
  'diff',
  'yaml',
  'toml',
  'css',
  'ini',
  'mermaid',
  'nginx',
  'dockerfile',
  'jsonc',
]
const languages = ['ts', 'sh', 'json', ...ignoredLanguages]
const knownFlags = ['no-run', 'continue']

const documents = ['README.md', 'CONTRIBUTING.md', ...globSync('docs/**/*.md', { cwd: root }).sort()]
  .map((document) => document.replaceAll('\\', '/'))
  .filter((document) => existsSync(join(root, document)))
const blocks = documents.flatMap((document) => findCodeBlocks(document, readFileSync(join(root, document), 'utf8')))
const programs = writePrograms(blocks, generated)

/** A document with one block of each kind that must be told from the others. */
const sample = `
\`\`\`ts
import { Server } from 'grantry'
const name: string = Server.name
\`\`\`

- in a list

  \`\`\`ts continue
  if (name !== 'Server') throw new Error('not continued')
  \`\`\`

\`\`\`ts no-run
const wrong: number = 'text'
\`\`\`

~~~ts
throw new Error('thrown on purpose')
~~~
`
const sampleBlocks = findCodeBlocks('sample.md', sample)
const samples = writePrograms(sampleBlocks, generated)
const problems = typeCheck([...programs, ...samples], tsconfig)

// JSON.parse gives `any`; this is our own file.
const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  readonly scripts: Readonly<Record<string, string>>
}

const checkProgram = async (program: Program): Promise<void> => {
  assert.equal(problems.get(program.path), '')
  if (program.isContinued || program.block.flags.includes('no-run')) return
  const failure = await runProgram(program, root)
  assert.equal(failure, undefined, failure)
}

/** The npm scripts that a block calls. */
const scriptsOf = (lines: readonly string[]): readonly string[] =>
  lines.flatMap((line) =>
    [...line.matchAll(/\bnpm (?:run ([\w:-]+)|(start|test)\b)/g)].map(([, run, short]) => run ?? short ?? ''),
  )

const checkShell = ({ lines }: CodeBlock): void => {
  if (lines[0]?.startsWith('npm ci') !== true) return
  assert.deepEqual(
    scriptsOf(lines).filter((name) => !Object.hasOwn(scripts, name)),
    [],
    'these npm scripts do not exist',
  )
}

const checkBlock = async (block: CodeBlock): Promise<void> => {
  assert.ok(languages.includes(block.language), `"${block.language}" is none of ${languages.join(', ')}`)
  if (block.language === 'json') JSON.parse(block.lines.join('\n'))
  if (block.language === 'sh') checkShell(block)
  if (block.language !== 'ts') return
  assert.deepEqual(
    block.flags.filter((flag) => !knownFlags.includes(flag)),
    [],
    'unknown words after ts',
  )
  const program = programs.find((candidate) => candidate.block === block)
  assert.ok(program !== undefined)
  await checkProgram(program)
}

suite('code blocks', { concurrency: 2 }, () => {
  for (const block of blocks) test(`${block.document}:${block.line}`, () => checkBlock(block))
})

suite('the check of code blocks', () => {
  const problemOf = (index: number): string | undefined => problems.get(samples[index]?.path ?? '')
  const run = async (index: number): Promise<string | undefined> => {
    const program = samples[index]
    return program && runProgram(program, root)
  }

  test('finds blocks with their lines, in lists and between tildes', () => {
    assert.deepEqual(
      sampleBlocks.map(({ line, flags }) => [line, ...flags]),
      [[2], [9, 'continue'], [13, 'no-run'], [17]],
    )
    assert.deepEqual(
      samples.map(({ isContinued }) => isContinued),
      [true, false, false, false],
    )
    assert.equal(sampleBlocks[1]?.lines[0], "if (name !== 'Server') throw new Error('not continued')")
  })
  test('sees the toolkit, and what a block continues', async () => {
    assert.deepEqual([problemOf(0), problemOf(1)], ['', ''])
    assert.equal(await run(1), undefined)
  })
  test('sees a wrong type, by its line in the document', () => {
    assert.match(problemOf(2) ?? '', /^line 14: Type 'string' is not assignable to type 'number'/)
  })
  test('sees a block that throws', async () => assert.match((await run(3)) ?? '', /thrown on purpose/))
  test('refuses a block that is never closed', () => {
    assert.throws(() => findCodeBlocks('sample.md', '```ts\nlet x = 1\n'), /sample\.md:1 is never closed/)
  })
})
