/** JSON that two readers could take differently, at the registration endpoint (RFC 8259 §4, §9). */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { startServer } from 'grantry-server'

const data = mkdtempSync(join(tmpdir(), 'grantry-json-'))
const server = await startServer({ port: 0, data, registration: 'open', log: () => undefined })
after(async () => {
  await server.close()
  rmSync(data, { recursive: true })
})

const register = async (body: string): Promise<readonly [status: number, text: string]> => {
  const headers = { 'Content-Type': 'application/json' }
  const response = await fetch(`${server.url}/register`, { method: 'POST', headers, body })
  return [response.status, await response.text()]
}

const uris = '"redirect_uris":["https://app.example/cb"]'
const nested = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels)

const refused: [name: string, body: string, description: RegExp][] = [
  ['a member twice', `{${uris},"redirect_uris":["https://evil.example/cb"]}`, /has a member twice/],
  [
    'a member twice, once in escapes',
    `{${uris},"redirect\\u005furis":["https://evil.example/cb"]}`,
    /has a member twice/,
  ],
  ['a member twice, below', `{${uris},"jwks":{"keys":[{"kty":"EC","kty":"RSA"}]}}`, /has a member twice/],
  ['21 levels', `{${uris},"x":${nested(20)}}`, /nested deeper than 20 levels/],
  ['30,000 levels', `{${uris},"x":${nested(30_000)}}`, /nested deeper than 20 levels/],
  ['30,000 levels in a key', `{${uris},"jwks":{"keys":[{"kty":"EC","x":${nested(30_000)}}]}}`, /nested deeper/],
  ['what is wanted in __proto__', `{"__proto__":{${uris}}}`, /redirect_uris is required/],
  ['what is wanted in a prototype', `{"constructor":{"prototype":{${uris}}}}`, /redirect_uris is required/],
  ['a name in other letters', '{"Redirect_URIs":["https://app.example/cb"]}', /redirect_uris is required/],
  ['a name with an invisible character', '{"redirect_uris\\u200b":["https://app.example/cb"]}', /is required/],
  ['a number beyond all', `{${uris},"default_max_age":1e999}`, /default_max_age must be whole seconds/],
  ['a number that is not exact', `{${uris},"default_max_age":99999999999999999999}`, /default_max_age must be whole/],
  ['more behind it', `{${uris}}{}`, /is not a JSON object/],
  ['a comment', `{${uris}/**/}`, /is not a JSON object/],
  ['a list', `[{${uris}}]`, /is not a JSON object/],
]
for (const [name, body, description] of refused) {
  test(`${name} -> 400`, async () => {
    const [status, text] = await register(body)
    assert.equal(status, 400)
    assert.match(text, description)
  })
}

const taken: [name: string, body: string][] = [
  ['20 levels', `{${uris},"x":${nested(19)}}`],
  [
    'one name in several objects, and as a value',
    `{${uris},"a":{"x":1},"b":{"x":[{"x":"x"},{"x":"x"}]},"x":"{\\"x\\":[[["}`,
  ],
]
for (const [name, body] of taken)
  test(`${name} -> registered`, async () => assert.equal((await register(body))[0], 201))
