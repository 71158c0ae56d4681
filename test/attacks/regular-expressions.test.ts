/** Regular expressions that a crafted text keeps busy (CWE-1333): the linter refuses them in what the packages hold. */
import assert from 'node:assert/strict'
import { dirname } from 'node:path'
import { describe, test } from 'node:test'
import { ESLint } from 'eslint'
import tseslint from 'typescript-eslint'

// The files exist only here, so the rules that need types of a project are off.
const eslint = new ESLint({
  cwd: dirname(dirname(import.meta.dirname)),
  overrideConfig: [tseslint.configs.disableTypeChecked],
})

const problemsOf = async (file: string, expression: string): Promise<readonly string[]> => {
  const [result] = await eslint.lintText(`export const found = /${expression}/.exec('')\n`, { filePath: file })
  const rules = result?.messages.map(({ ruleId }) => ruleId ?? 'unreadable') ?? []
  return [...new Set(rules.filter((rule) => rule.startsWith('regexp/no-super-linear') || rule === 'unreadable'))]
}

describe('the linter', () => {
  const rows: [name: string, expression: string, rule: string | undefined][] = [
    ['a repetition of a repetition', '^(a+)+$', 'regexp/no-super-linear-backtracking'],
    ['two that take the same', '^\\s*([^x]*)\\s*$', 'regexp/no-super-linear-backtracking'],
    ['one that begins anew at each place', '[^/]+$', 'regexp/no-super-linear-move'],
    ['one that begins at the start', '^[^/]+$', undefined],
    ['one of a bounded length', '[^/]{1,9}$', undefined],
  ]
  for (const file of ['packages/grantry/src/core/snippet.ts', 'packages/server/src/http/snippet.ts']) {
    for (const [name, expression, rule] of rows) {
      test(`${name} (${file}) -> ${rule ?? 'taken'}`, async () =>
        assert.deepEqual(await problemsOf(file, expression), rule === undefined ? [] : [rule]))
    }
  }
})
