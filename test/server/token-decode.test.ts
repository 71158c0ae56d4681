/** `grantry-server token decode`. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { grantryServer, type Ended } from './command.ts'

const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')
const header = { alg: 'RS256', kid: 'k1' }
const claims = { iss: 'https://id.example', sub: 'ann', exp: 1_800_000_000, name: 'A\u009b2J\u202eB' }
const jwt = `${part(header)}.${part(claims)}.c2lnbmF0dXJl`

const decode = async (token: string, ...args: string[]): Promise<Ended> => {
  const running = grantryServer(['token', 'decode', ...args])
  running.process.stdin?.end(`${token}\n`)
  return running.ended
}

test('a JWT from standard input -> header, claims and times, said to be unverified, nothing that moves the cursor', async () => {
  const { code, stdout } = await decode(jwt)
  assert.equal(code, 0)
  assert.match(stdout, /^Not verified: anyone can have made it\.\nheader \{\n {2}"alg": "RS256"/)
  assert.match(stdout, /"sub": "ann"/)
  assert.match(stdout, /"name": "A\?2J\?B"/)
  assert.match(stdout, /^exp {8}2027-01-15T08:00:00\.000Z$/m)
  assert.ok(!stdout.includes('c2lnbmF0dXJl'))
})

test('a JWT as an argument, --json -> the same for programs', async () => {
  const { code, stdout } = await grantryServer(['token', 'decode', '--json', jwt]).ended
  assert.equal(code, 0)
  assert.deepEqual(JSON.parse(stdout), { verified: false, header, claims })
})

test('an encrypted one -> its header', async () => {
  const { code, stdout } = await decode(`${part({ alg: 'dir', enc: 'A256GCM' })}..aa.bb.cc`)
  assert.equal(code, 0)
  assert.match(stdout, /"enc": "A256GCM"\n\}\nThe rest is encrypted\./)
})

describe('refused, without a word of the token', { concurrency: 4 }, () => {
  const rows: [name: string, token: string, text: RegExp][] = [
    ['an opaque token', 'aB3_'.repeat(11), /This is no JWT/],
    ['nothing', '', /This is no JWT/],
    ['a header that is no JSON', 'bm90anNvbg.e30.x', /The header of the token is not JSON/],
    ['a header that is a list', `${part([])}.e30.x`, /The header of the token is not JSON/],
    ['claims that are no base64url', `${part(header)}.e3+0.x`, /The payload of the token is not JSON/],
    [
      'claims that are no UTF-8',
      `${part(header)}.${Buffer.from([0x22, 0xff, 0x22]).toString('base64url')}.x`,
      /payload/,
    ],
  ]
  for (const [name, token, text] of rows)
    test(`${name} -> one line, exit code 1`, async () => {
      const { code, stdout, stderr } = await decode(token)
      assert.deepEqual([code, stdout, stderr.trimEnd().split('\n').length], [1, '', 1])
      assert.match(stderr, text)
      assert.ok(token === '' || !stderr.includes(token))
    })
})
