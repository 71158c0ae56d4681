/** Codes of authenticator apps, and who has them: on SQLite and on PostgreSQL, taken once by many nodes. */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import { MemoryStore } from 'grantry/storage/memory'
import { SecondFactors } from '../../packages/server/src/accounts/second-factors.ts'
import { otpauthUri, stepOfCode, toBase32, totpAt } from '../../packages/server/src/accounts/totp.ts'
import { KeyEncryption } from '../../packages/server/src/key-encryption.ts'
import { backends } from './table-backends.ts'

describe('codes', () => {
  const secret = Buffer.from('12345678901234567890')
  const published: [time: number, code: string][] = [
    [59, '287082'],
    [1111111109, '081804'],
    [1111111111, '050471'],
    [1234567890, '005924'],
    [2000000000, '279037'],
    [20000000000, '353130'],
  ]
  for (const [time, code] of published)
    test(`at ${time} -> ${code} (RFC 6238, Appendix B)`, () => assert.equal(totpAt(secret, time), code))

  for (const [seconds, isTaken] of [
    [-60, false],
    [-30, true],
    [0, true],
    [30, true],
    [60, false],
  ] as const)
    // prettier-ignore
    test(`of ${seconds} seconds from now -> ${isTaken ? 'taken' : 'not taken'} (§5.2, §6)`, () => {
      const now = 1_800_000_010
      assert.equal(stepOfCode(secret, totpAt(secret, now + seconds), now) !== undefined, isTaken)
    })

  test('base32 is as published (RFC 4648 §10), and links are as apps read them', () => {
    const rows = [['', ''], ['f', 'MY'], ['fo', 'MZXQ'], ['foo', 'MZXW6'], ['foob', 'MZXW6YQ'], ['foobar', 'MZXW6YTBOI']] as const // prettier-ignore
    for (const [text, encoded] of rows) assert.equal(toBase32(Buffer.from(text)), encoded)
    const uri = new URL(otpauthUri(secret, 'id.example:8443', 'ann & bob'))
    assert.equal(uri.pathname, '//totp/id.example%3A8443:ann%20%26%20bob'.slice(uri.host === '' ? 0 : 6))
    assert.equal(uri.searchParams.get('secret'), 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ')
    assert.equal(uri.searchParams.get('issuer'), 'id.example:8443')
  })
})

for (const [name, makeBackend, skip] of backends) {
  describe(`SecondFactors on ${name}`, { skip }, () => {
    const backend = makeBackend()
    before(() => backend.open())
    after(() => backend.close())
    const now = 1_800_000_000
    const keys = ['a'.repeat(43), 'b'.repeat(43)] as const
    let realms = 0
    const secret = randomBytes(20)
    const fresh = async () => {
      const { totp } = backend.tables(`factor${realms++}`)
      const time = { now }
      const parts = { totp, store: new MemoryStore(), now: () => time.now }
      const factors = new SecondFactors({ ...parts, encryption: new KeyEncryption([keys[0]]) })
      const codes = (await factors.enrol('ann', secret, totpAt(secret, now))) ?? assert.fail()
      time.now += 90
      return { totp, time, parts, factors, codes, code: () => totpAt(secret, time.now) }
    }

    test('a code is taken once, at whichever node; also the one of the enrolment', async () => {
      const { factors, parts, time, code } = await fresh()
      const other = new SecondFactors({ ...parts, encryption: new KeyEncryption([keys[0]]) })
      assert.equal(await factors.check('ann', totpAt(secret, now)), false)
      const many = [factors, other, factors, other].map((node) => node.check('ann', code()))
      assert.equal((await Promise.all(many)).filter(Boolean).length, 1)
      time.now += 30
      assert.equal(await other.check('ann', ` ${code().slice(0, 3)} ${code().slice(3)}`), true)
      time.now = now
      assert.equal(await factors.check('ann', totpAt(secret, now)), false)
    })

    test('a recovery code is taken once, of many at once; written as people do; of its user alone', async () => {
      const { factors, codes } = await fresh()
      assert.equal(new Set(codes).size, 10)
      const [first = '', second = ''] = codes
      assert.match(first, /^[A-Z2-7]{4}(-[A-Z2-7]{4}){3}$/)
      const many = Array.from({ length: 8 }, () => factors.check('ann', first))
      assert.equal((await Promise.all(many)).filter(Boolean).length, 1)
      assert.equal(await factors.recoveryCodesLeft('ann'), 9)
      await factors.enrol('bob', randomBytes(20), '000000')
      assert.equal(await factors.check('bob', second), false)
      assert.equal(await factors.check('ann', second.toLowerCase().replaceAll('-', ' ')), true)
      assert.equal(await factors.check('ann', 'AAAA-AAAA-AAAA-AAAA'), false)
    })

    test('a second enrolment -> refused, and the codes of the first stay', async () => {
      const { factors, codes, code } = await fresh()
      assert.equal(await factors.enrol('ann', secret, code()), undefined)
      assert.equal(await factors.check('ann', codes[0] ?? ''), true)
    })

    test('two enrolments at once -> one of them, with its codes', async () => {
      const { parts, factors } = await fresh()
      const secrets = [randomBytes(20), randomBytes(20)]
      const both = await Promise.all(secrets.map((each) => factors.enrol('eve', each, totpAt(each, parts.now()))))
      const [codes] = both.filter((each) => each !== undefined)
      assert.equal(both.filter((each) => each === undefined).length, 1)
      assert.equal(await factors.recoveryCodesLeft('eve'), 10)
      assert.equal(await factors.check('eve', codes?.[0] ?? ''), true)
    })

    test('removed -> nothing is taken, and a new one has new codes', async () => {
      const { factors, codes, code } = await fresh()
      assert.equal(await factors.remove('ann'), true)
      assert.equal(await factors.remove('ann'), false)
      assert.equal(await factors.check('ann', code()), false)
      assert.equal(await factors.check('ann', codes[0] ?? ''), false)
      assert.notEqual(await factors.enrol('ann', secret, code()), undefined)
      assert.equal(await factors.check('ann', codes[0] ?? ''), false)
    })

    test('the secret is sealed for its user, and again by a new key', async () => {
      const { factors, totp, parts, code } = await fresh()
      const { id, secret: sealed } = (await totp.find('ann')) ?? assert.fail()
      assert.match(sealed, /^sealed:1:/)
      await totp.create('mallory', { id: 'other', secret: sealed }, [randomBytes(32)], now)
      await assert.rejects(factors.check('mallory', code()))
      const rotated = new SecondFactors({ ...parts, encryption: new KeyEncryption([keys[1], keys[0]]) })
      assert.equal(await rotated.check('ann', code()), true)
      const resealed = await totp.find('ann')
      assert.equal(resealed?.id, id)
      assert.notEqual(resealed.secret, sealed)
    })
  })
}
