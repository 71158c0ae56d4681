/** What shells complete, asked of the shells themselves; and how a wrong name is told. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { walkCommands } from '../../packages/server/src/commands/command-tree.ts'
import { completionScript, shellNames } from '../../packages/server/src/commands/completion-scripts.ts'
import { createProgram } from '../../packages/server/src/commands/program.ts'
import { version } from '../../packages/server/src/version.ts'
import { grantryServer } from './command.ts'

const root = mkdtempSync(join(tmpdir(), 'grantry-completion-'))
const program = await createProgram()
before(() => shellNames.forEach((shell) => writeFileSync(join(root, shell), completionScript(shell, program))))
after(() => rmSync(root, { recursive: true }))

type Shell = (typeof shellNames)[number]

const run = (shell: Shell, args: string[], script: string): string =>
  execFileSync(shell, [...args, '-c', script], { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })

const isThere = (shell: Shell): boolean => {
  try {
    execFileSync(shell, ['-c', 'true'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

const quoted = (words: readonly string[]): string => words.map((word) => `'${word}'`).join(' ')

/** What a shell offers for the last of the words. */
const ask: Readonly<Record<Shell, (words: readonly string[]) => string>> = {
  bash: (words) =>
    run('bash', ['--norc'], `source ./bash; COMP_WORDS=(grantry-server ${quoted(words)}); COMP_CWORD=${words.length}; _grantry_server; printf '%s\\n' "\${COMPREPLY[@]}"`),
  zsh: (words) =>
    run('zsh', ['-f'], `source ./zsh; setopt ksharrays; COMP_WORDS=(grantry-server ${quoted(words)}); COMP_CWORD=${words.length}; _grantry_server; print -l -- "\${COMPREPLY[@]}"`),
  fish: (words) => run('fish', ['--no-config'], `source ./fish; complete -C "grantry-server ${words.join(' ')}"`),
} // prettier-ignore

const offered = (shell: Shell, words: readonly string[]): readonly string[] =>
  ask[shell](words)
    .split('\n')
    .map((line) => line.split('\t')[0] ?? '')
    .filter((word) => word !== '' && word.startsWith(words.at(-1) ?? '')) // zsh itself passes over others
    .sort()

const rows: [typed: string[], expected: string[]][] = [
  [['backu'], ['backup']],
  [['client', 'rot'], ['rotate-secret']],
  [['backup', '--wit'], ['--with-keys']],
  [
    ['config', 'template', '--format', ''],
    ['toml', 'yaml'],
  ],
  [['--data', 'x', 'nothing'], []],
]
for (const shell of shellNames) {
  describe(`${shell} completes`, { skip: isThere(shell) ? false : `${shell} is not installed` }, () => {
    for (const [typed, expected] of rows)
      test(`"${typed.join(' ')}" -> ${expected.join(', ') || 'nothing'}`, () =>
        assert.deepEqual(offered(shell, typed), expected))

    test('every command', () => {
      const commands =
        walkCommands(program)
          .find(({ path }) => path.length === 0)
          ?.children.map((child) => child.name()) ?? []
      const words = offered(shell, ['']).filter((word) => !word.startsWith('-'))
      assert.deepEqual(words, commands.toSorted())
    })
  })
}

describe('a wrong name', { concurrency: 2 }, () => {
  const wrong: [args: string[], message: string][] = [
    [['strat'], "error: unknown command 'strat' (Did you mean start?)\n"],
    [['client', 'crate'], "error: unknown command 'crate' (Did you mean create?)\n"],
    [['start', '--prot', '1'], "error: unknown option '--prot' (Did you mean --port?)\n"],
  ]
  for (const [args, message] of wrong) {
    test(`${args.join(' ')} -> one line with the nearest one, exit code 2`, async () => {
      const { code, stdout, stderr } = await grantryServer(args).ended
      assert.deepEqual([code, stdout, stderr], [2, '', message])
    })
  }
  test('--version -> the version', async () => {
    const { code, stdout } = await grantryServer(['--version']).ended
    assert.deepEqual([code, stdout], [0, version])
  })
})
