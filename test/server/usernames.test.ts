/** User names that look like others (RFC 8265, UTS #39). */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { usernameProblem } from '../../packages/server/src/accounts/username.ts'
import { staticClientSchema } from '../../packages/server/src/config/static-client.ts'
import { grantryServer } from './command.ts'

const data = mkdtempSync(join(tmpdir(), 'grantry-names-'))
after(() => rmSync(data, { recursive: true }))

test('ids of clients are ASCII, of the command and of the file', async () => {
  const { code, stderr } = await grantryServer(['client', 'create', '--id', '\u0430pp', '--data', data]).ended
  assert.equal(code, 2)
  assert.match(stderr, /characters of ASCII without spaces/)
  assert.match(
    staticClientSchema.safeParse({ id: '\u0430pp', public: true }).error?.message ?? '',
    /characters of ASCII/,
  )
})

describe('new names', () => {
  const rows: [name: string, username: string, problem: RegExp | undefined][] = [
    ['letters and digits', 'ann.example_7-x', undefined],
    ['an e-mail address', 'Ann+list@example.com', undefined],
    ['a blank inside', 'Ann Example', undefined],
    ['German letters', 'Jörg Müller', undefined],
    ['Greek', 'Οδυσσέας', undefined],
    ['Cyrillic', 'Анна', undefined],
    ['Chinese and Latin', '李 Li', undefined],
    ['nothing', ' ', /1 to 256/],
    ['257 characters', 'x'.repeat(257), /1 to 256/],
    ['a blank before it', ' ann', /blanks around/],
    ['a no-break space', 'ann\u00a0x', /cannot be seen/],
    ['a line break', 'ann\n', /cannot be seen/],
    ['a character of no width', 'a\u200bnn', /cannot be seen/],
    ['text that is turned around', 'ann\u202ebob', /cannot be seen/],
    ['a soft hyphen', 'an\u00adn', /cannot be seen/],
    ['half of a character', 'ann\ud800', /cannot be seen/],
    ['ß, which is SS in capitals', 'weiß', /same in capitals/],
    ['a dotted capital i', 'İan', /same in capitals/],
    ['a dotless i', 'ıan', /same in capitals/],
    ['a sigma that is not that of its place', 'οδοσ', /same in capitals/],
    ['a letter whose capital falls apart', 'J\u030cohn', /same in capitals/],
    ['a Cyrillic letter in a Latin name', '\u0430dmin', /one script/],
    ['a Greek letter in a Latin name', 'adm\u03b9n', /one script/],
  ]
  for (const [name, username, problem] of rows) {
    test(`${name} -> ${problem === undefined ? 'taken' : 'refused'}`, () => {
      const found = usernameProblem(username)
      if (problem === undefined) assert.equal(found, undefined)
      else assert.match(found ?? 'taken', problem)
    })
  }

  test('the command says what is wrong', async () => {
    const { code, stderr } = await grantryServer(['user', 'create', '\u0430dmin', '--data', data]).ended
    assert.equal(code, 1)
    assert.match(stderr, /^grantry-server: username must be in one script: [^\n]+\n$/)
  })
})
