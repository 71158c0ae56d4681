/** What operators put around pages, and their words for scopes. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { startServer } from 'grantry-server'
import { readConfig } from '../../packages/server/src/config/read-config.ts'
import { StartError } from '../../packages/server/src/errors.ts'
import { startOpenId } from './openid-fixture.ts'

const folder = mkdtempSync(join(tmpdir(), 'grantry-template-'))
after(() => rmSync(folder, { recursive: true }))

const file = (name: string, content: string): string => {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}

const themeTemplate = file(
  'frame.html',
  '<header>{{brand}} <a href="{{ path }}/account">Account</a></header>{{content}}<footer>© Ann & Co</footer>',
)
file('frame.de.html', '{{content}}<footer>Impressum</footer>')
const scopeDescriptions = {
  read: { en: 'Read <b>your</b> files', de: 'Ihre Dateien lesen' },
  write: 'Change your files',
  profile: { de: 'Ihr Profil sehen' },
}
const server = await startOpenId({ themeTemplate, themeName: 'Ann & Co', scopeDescriptions })

describe('a template', () => {
  test('stands around pages as it was written, with their values escaped', async () => {
    const { text } = await server.browser().get('/login')
    const body = /<body class="">\s*([^]*)<\/body>/.exec(text)?.[1] ?? ''
    assert.match(body, /^<header>Ann &amp; Co <a href="\/account">Account<\/a><\/header><main>\s*<h1>Log in<\/h1>/)
    assert.match(body, /<\/main><footer>© Ann & Co<\/footer>\s*$/)
  })

  test('stands around errors too', async () => {
    const { text } = await server.browser().get('/authorize')
    assert.match(text, /<main>[^]*<\/main><footer>© Ann & Co<\/footer>/)
  })

  test('of a language is the file beside it', async () => {
    const { text } = await server.browser().get('/login?ui_locales=de')
    assert.match(text, /<body class="">\s*<main>\s*<h1>Anmelden<\/h1>[^]*<\/main><footer>Impressum<\/footer>/)
  })

  const refused: [name: string, content: string, message: RegExp][] = [
    [
      'no place for the page',
      '<p>Hello</p>',
      /must have \{\{content\}\} once, where the page is to be, not 0 times\.$/,
    ],
    ['two places for it', '{{content}}{{content}}', /not 2 times\.$/],
    ['an unknown value', '{{content}}{{user-name}}', /has \{\{user-name\}\}, but there is only \{\{content\}\}, /],
    ['a script', '{{content}}<SCRIPT src="/x.js"></SCRIPT>', /has <SCRIPT>, which does not work around pages\.$/],
    ['a whole document', '<!doctype html><html>{{content}}</html>', /has <!doctype>/],
    ['a style', '<p class="a" style="color: red">a</p>{{content}}', /has the attribute style, which the content/],
    ['an event handler', '<p\nonClick="x()">a</p>{{content}}', /has the attribute onClick, which the content/],
  ]
  for (const [name, content, message] of refused) {
    test(`${name} -> told at the start`, async () => {
      const options = { themeTemplate: file('refused.html', content), port: 0, data: join(folder, 'refused') }
      await assert.rejects(startServer(options), (thrown) => {
        assert.ok(thrown instanceof StartError && thrown.exitCode === 2)
        assert.match(thrown.message, /^themeTemplate: the file ".*refused\.html" /)
        assert.match(thrown.message, message)
        return true
      })
    })
  }

  test('a wrong one of a language is named', async () => {
    const path = file('other.html', '{{content}}')
    file('other.de.html', 'Hallo')
    await assert.rejects(startServer({ themeTemplate: path, port: 0 }), /other\.de\.html" must have \{\{content\}\}/)
  })
})

describe('scopes in words', () => {
  test('are on the consent page, in its language, else in what there is', async () => {
    const who = await server.loggedIn()
    const scope = 'openid read write profile'
    const english = await who.get(server.path({ scope }))
    assert.match(english.text, /value="read" checked \/> Read &lt;b&gt;your&lt;\/b&gt; files/)
    assert.match(english.text, /value="write" checked \/> Change your files/)
    assert.match(english.text, /value="profile" checked \/> Ihr Profil sehen/)
    const german = await who.get(server.path({ scope, ui_locales: 'de' }))
    assert.match(german.text, /value="read" checked \/> Ihre Dateien lesen/)
    assert.match(german.text, /value="write" checked \/> Change your files/)
  })

  test('come from the file', () => {
    const config = file('good.json', JSON.stringify({ scopeDescriptions }))
    assert.deepEqual(readConfig({ config, env: {} }).options.scopeDescriptions, scopeDescriptions)
  })

  const refused: [name: string, value: unknown, message: RegExp][] = [
    [
      'no scope',
      { 'a b': 'Read' },
      /scopeDescriptions\.a b must be named as a scope is: no spaces and quotes \(RFC 6749 §3\.3\)\.$/,
    ],
    [
      'a language that there is not',
      { read: { fr: 'Lire' } },
      /scopeDescriptions\.read must be .*languages.*en and de/,
    ],
    [
      'no text',
      { read: 7 },
      /scopeDescriptions\.read must be a text, or texts by languages of the pages \(en and de\)/,
    ],
    ['no language', { read: {} }, /scopeDescriptions\.read must/],
  ]
  for (const [name, value, message] of refused) {
    test(`${name} -> refused, with its place`, () => {
      const config = file('bad.json', JSON.stringify({ scopeDescriptions: value }))
      assert.throws(() => readConfig({ config, env: {} }), message)
    })
  }
})
