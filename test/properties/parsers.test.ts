import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { randomTokenGenerator, type TokenContext } from 'grantry'
import { redirectUriProblem, resolveRedirectUri } from '#grantry/core/redirect-uri'
import { parseForm } from '#grantry/util/form'
import { contextOf } from '../tokens/fixtures.ts'

describe('parseForm', () => {
  const wellFormed = fc.array(fc.tuple(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' })), {
    maxLength: 20,
  })

  test('reads what URLSearchParams writes, as URLSearchParams reads it', () => {
    fc.assert(
      fc.property(wellFormed, (pairs) => {
        const parameters = new URLSearchParams(pairs)
        const form = parseForm(parameters.toString(), 'resource')
        assert.ok('values' in form)
        for (const name of new Set(parameters.keys())) {
          const all = parameters.getAll(name)
          if (name === 'resource' || name === '') continue
          assert.equal(form.duplicates.includes(name), all.length > 1)
          if (all.length === 1) assert.equal(form.values.get(name), all[0] === '' ? undefined : all[0])
        }
      }),
    )
  })

  test('never throws, and refuses what is not UTF-8', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void parseForm(text, 'resource')))
    for (const broken of ['a=%', 'a=%f', 'a=%zz', 'a=%ff', 'a=%c3%28', '%=a', 'a=%ed%a0%80']) {
      assert.deepEqual(parseForm(broken, 'resource'), { problem: 'malformed' })
    }
  })
})

describe('Redirect URIs', () => {
  const part = fc.constantFrom(
    'https:',
    'http:',
    'javascript:',
    'data:',
    '//',
    '/',
    'app.example',
    'evil.example',
    '@',
    ':',
    '443',
    '\\',
    '#',
    '?x=1',
    '%63b',
    '/cb',
    '..',
    ' ',
    '\t',
    '127.0.0.1',
    '[::1]',
    'localhost',
    'com.app',
    '[',
    'É',
  )
  const anyUri = fc.array(part, { maxLength: 8 }).map((parts) => parts.join(''))

  test('one that was sent is used only where it equals a registered one, but for a loopback port', () => {
    fc.assert(
      fc.property(anyUri, fc.array(anyUri, { maxLength: 3 }), (sent, registered) => {
        const resolved = resolveRedirectUri(sent === '' ? undefined : sent, registered)
        if (!('uri' in resolved) || registered.includes(resolved.uri)) return
        assert.match(resolved.uri, /^http:\/\/(?:127\.0\.0\.1|\[::1\])(?::\d{1,5})?(?:[/?]|$)/)
        const withoutPort = (uri: string) => uri.replace(/^(http:\/\/(?:127\.0\.0\.1|\[::1\])):\d{1,5}/, '$1')
        assert.ok(registered.map(withoutPort).includes(withoutPort(resolved.uri)))
      }),
      { numRuns: 5000 },
    )
  })

  test('one that passes leads a browser to where it seems to', () => {
    fc.assert(
      fc.property(anyUri, (uri) => {
        if (redirectUriProblem(uri) !== undefined) return
        const { protocol, username, hash } = new URL(uri)
        assert.ok(protocol === 'https:' || protocol === 'http:' || protocol.includes('.'), uri)
        assert.equal(username + hash, '')
      }),
      { numRuns: 5000 },
    )
  })

  const unsafe = ['javascript:alert(1)', 'JavaScript:alert(1)', ' javascript:alert(1)', '\tjavascript:alert(1)', 'data:text/html,x', 'vbscript:x', 'file:///etc/passwd', 'http://app.example/cb', 'myapp:/cb', 'https://user@app.example/', 'https://app.example/#x', 'https://app.example\\@evil.example', '//app.example/cb', '/cb', 'https://'] // prettier-ignore
  for (const uri of unsafe) test(`${JSON.stringify(uri)} is refused`, () => assert.ok(redirectUriProblem(uri)))
  const safe = ['https://app.example/cb', 'https://app.example:8443/cb?x=1', 'http://127.0.0.1/cb', 'http://[::1]:5000/cb', 'http://localhost:3000/cb', 'com.example.app:/oauth'] // prettier-ignore
  for (const uri of safe) test(`${uri} passes`, () => assert.equal(redirectUriProblem(uri), undefined))
})

const context: TokenContext = contextOf()
const tokens = await Promise.all(Array.from({ length: 10_000 }, async () => randomTokenGenerator(context)))

describe('The default generator (RFC 6750 §2.1, RFC 6749 §10.10)', () => {
  test('10,000 tokens are all different and of 43 characters of the alphabet', () => {
    assert.equal(new Set(tokens).size, tokens.length)
    for (const token of tokens) assert.match(token, /^[A-Za-z0-9_-]{43}$/)
  })

  test('every character is as likely as every other, at every place', () => {
    const counts = new Map<string, number>()
    for (const character of tokens.join('')) counts.set(character, (counts.get(character) ?? 0) + 1)
    assert.equal(counts.size, 64)
    const expected = (tokens.length * 43) / 64
    const chiSquare = [...counts.values()].reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0)
    assert.ok(chiSquare < 130, `chi-square ${chiSquare} of 63 degrees of freedom`) // exceeded once in 10^6 runs
    for (let place = 0; place < 43; place++) assert.equal(new Set(tokens.map((token) => token[place])).size, 64)
  })
})
