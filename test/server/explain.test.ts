/** The log explains refusals to whoever develops a client: why, what mends it, and where to read on. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { reasons } from 'grantry'
import type { LogRecord } from 'grantry-server'
import { mendsByHeading } from '../../packages/server/src/explain/mends.ts'
import { openLog } from '../../packages/server/src/log.ts'
import { resolveSettings } from '../../packages/server/src/settings.ts'
import { startOpenId } from './openid-fixture.ts'

const page = readFileSync(join(import.meta.dirname, '../../docs/reference/errors.md'), 'utf8')

test('every reason has a mend, under the headings and in the words of the reference', () => {
  const section = page.split(/^## /m).find((part) => part.startsWith('Reasons\n')) ?? ''
  const found = section.matchAll(/^(?:### (?<heading>.+)|\| `(?<reason>\w+)` \| .* \| (?<mend>.+) \|)$/gm)
  const listed = [...found].map(({ groups = {} }) => groups['heading'] ?? [groups['reason'], groups['mend']])
  const expected = Object.entries(mendsByHeading).flatMap(([heading, mends]) => [heading, ...Object.entries(mends)])
  assert.deepEqual(listed, expected)
  const mended = Object.values(mendsByHeading).flatMap((mends) => Object.keys(mends))
  assert.deepEqual(mended, Object.keys(reasons))
})

/** The members of the line that a record becomes. */
const lineOf = (record: LogRecord, explains: boolean): Record<string, unknown> => {
  let line = ''
  openLog('info', { stream: { write: (text) => (line = text) }, explains })(record)
  return JSON.parse(line) as Record<string, unknown>
}

describe('requests that are refused', async () => {
  const openid = await startOpenId()
  const { url } = openid.server
  const send = async (path: string, fields?: Record<string, string>): Promise<string> => {
    const init = fields === undefined ? {} : { method: 'POST', body: new URLSearchParams(fields) }
    return (await fetch(url + path, { ...init, redirect: 'manual' })).text()
  }
  const rows: [name: string, send: () => Promise<string>, why: RegExp, mend: RegExp, help: string][] = [
    [
      'a redirect URI that is not registered',
      () => send(openid.path({ redirect_uri: 'https://app.example/cb/' })),
      /^The redirect_uri is not one of the registered ones \(https:\/\/app\.example\/cb\/\)\. The client was told: /,
      /exactly as it is sent/,
      'docs/reference/errors.md#redirection',
    ],
    [
      'a wrong secret',
      () => send('/token', { grant_type: 'client_credentials', client_id: 'app', client_secret: 'guessed-secret' }),
      /^The client secret does not match \(app\)\. The client was told: Client authentication failed\.$/,
      /rotate-secret/,
      'docs/reference/errors.md#client-authentication',
    ],
    [
      'a parameter that is missing',
      () => send('/token', {}),
      /The parameter grant_type is missing\.$/,
      /that the answer names/,
      'docs/reference/errors.md#the-message-itself',
    ],
    [
      'a form without its cookie',
      () => send('/login', { username: 'dev', password: 'x', to: '/' }),
      /cookie did not come/,
      /at its issuer/,
      'docs/guide/operate.md#behind-a-proxy',
    ],
  ]
  for (const [name, act, why, mend, help] of rows)
    test(`${name} -> ${help}`, async () => {
      openid.records.length = 0
      const answer = await act()
      const record = openid.records.find(({ type }) => type.endsWith('.refused')) ?? assert.fail()
      const line = lineOf(record, true)
      assert.match(String(line['why']), why)
      assert.match(String(line['mend']), mend)
      assert.equal(line['help'], help)
      assert.ok(!answer.includes(String(line['mend'])), 'the client is told no more than before')
      assert.ok(!JSON.stringify(line).includes('guessed-secret'))
      assert.equal(lineOf(record, false)['why'], undefined)
    })

  test('the pages that help names are there', () => {
    for (const [, , , , help] of rows) {
      const [path = '', fragment = ''] = help.split('#')
      const headings = readFileSync(join(import.meta.dirname, '../..', path), 'utf8').matchAll(/^#+ (.+)$/gm)
      const fragments = [...headings].map(([, heading = '']) => heading.toLowerCase().replaceAll(' ', '-'))
      assert.ok(fragments.includes(fragment), help)
    }
  })
})

describe('whether it does', () => {
  const rows: [name: string, options: object, expected: boolean][] = [
    ['for development', {}, true],
    ['for everybody', { issuer: 'https://id.example' }, false],
    ['at debug', { issuer: 'https://id.example', logLevel: 'debug' }, true],
    ['as it is told', { issuer: 'https://id.example', explain: true }, true],
    ['as it is told not to', { explain: false }, false],
  ]
  for (const [name, options, expected] of rows)
    test(`${name} -> ${expected}`, () => assert.equal(resolveSettings(options).explain, expected))
})
