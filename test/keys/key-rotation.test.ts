/** How keys are made, announced, withdrawn and deleted. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ConfigurationError, generatePrivateKey, KeyRotation } from 'grantry'
import { MemoryStore } from 'grantry/storage/memory'
import { decodeProtectedHeader } from 'jose'
import { signedTokenGenerator } from 'grantry'
import { contextOf } from '../tokens/fixtures.ts'
import { makeKeys, said, schedule, start } from './fixtures.ts'

const day = 86_400
const idsOf = (keys: readonly { readonly keyId: string }[]): readonly string[] => keys.map(({ keyId }) => keyId)

describe('rotate', () => {
  test('eight at once, on two nodes -> one key', async () => {
    const { store, clock, rotation, first } = makeKeys()
    await first()
    const other = new KeyRotation(store, { ...schedule, now: () => clock.now + 3 })
    const all = Array.from({ length: 8 }, (_, index) => (index % 2 === 0 ? rotation : other).rotate('ES256'))
    assert.equal((await Promise.all(all)).filter((made) => made !== undefined).length, 1)
    assert.equal((await store.findSigningKeys()).length, 2)
  })

  test('first keys, eight at once -> one', async () => {
    const { store, rotation } = makeKeys()
    const all = await Promise.all(Array.from({ length: 8 }, () => rotation.keepUp()))
    assert.equal(all.flatMap(({ made }) => made).length, 1)
    assert.equal((await store.findSigningKeys()).length, 1)
  })

  test('while a key is announced -> nothing; when it signs -> the next one', async () => {
    const { clock, rotation, first } = makeKeys()
    await first()
    assert.ok(await rotation.rotate('ES256'))
    clock.now += 389
    assert.equal(await rotation.rotate('ES256'), undefined)
    clock.now += 1
    assert.ok(await rotation.rotate('ES256'))
  })

  test('one algorithm -> the keys of the other stay', async () => {
    const { rotation, ring, clock } = makeKeys({ algorithms: ['ES256', 'EdDSA'] })
    await rotation.keepUp()
    const before = await said(ring, 'EdDSA')
    await rotation.rotate('ES256')
    clock.now += 390
    assert.equal((await said(ring, 'EdDSA')).signs, before.signs)
    assert.equal((await said(ring)).published.length, 3)
  })

  test('a key that a clock made which was ahead -> the next one is newer all the same', async () => {
    const { clock, rotation, first } = makeKeys()
    clock.now += 3600
    const early = await first()
    clock.now -= 3600
    const next = (await rotation.rotate('ES256')) ?? assert.fail()
    assert.equal(next.createdAt, early.createdAt + 1)
  })
})

describe('keepUp', () => {
  test('nothing is due -> nothing changes', async () => {
    const { clock, rotation, first } = makeKeys({ rotateSeconds: 30 * day })
    await first()
    clock.now += 30 * day - 2
    assert.equal(await rotation.isDue(), false)
    assert.deepEqual(await rotation.keepUp(), { made: [], deleted: [] })
  })

  test('a key that is old enough -> a successor; when that signs for long enough, the old one is deleted', async () => {
    const { store, clock, rotation, first } = makeKeys({ rotateSeconds: 30 * day })
    const old = await first()
    clock.now += 30 * day - 1
    assert.equal(await rotation.isDue(), true)
    const { made } = await rotation.keepUp()
    assert.equal(made.length, 1)
    clock.now += 390 + 999
    assert.deepEqual((await rotation.keepUp()).deleted, [])
    clock.now += 1
    assert.equal(await rotation.isDue(), true)
    assert.deepEqual(idsOf((await rotation.keepUp()).deleted), [old.keyId])
    assert.deepEqual(idsOf(await store.findSigningKeys()), idsOf(made))
  })

  test('nobody was there for a year -> the new key is announced before it signs', async () => {
    const { ring, clock, rotation, first } = makeKeys()
    const { keyId } = await first()
    clock.now += 365 * day
    const { made } = await rotation.keepUp()
    assert.equal(made.length, 1)
    assert.equal((await said(ring)).signs, keyId)
  })
})

describe('withdraw', () => {
  const withThree = async () => {
    const keys = makeKeys()
    const [one] = [await keys.first()]
    const two = (await keys.rotation.rotate('ES256')) ?? assert.fail()
    keys.clock.now += 390
    const three = (await keys.rotation.rotate('ES256')) ?? assert.fail()
    return { ...keys, ids: { one: one.keyId, two: two.keyId, three: three.keyId } }
  }
  const rows: [withdrawn: 'one' | 'two' | 'three', seconds: number, signs: string, published: string[]][] = [
    ['one', 0, 'two', ['two', 'three']],
    ['two', 0, 'one', ['one', 'three']],
    ['two', 390, 'three', ['one', 'three']],
    ['three', 0, 'two', ['one', 'two']],
    ['three', 390, 'two', ['one', 'two']],
  ]
  for (const [withdrawn, seconds, signs, published] of rows) {
    test(`key ${withdrawn} of three, of which two signs; ${seconds} s later -> ${signs} signs`, async () => {
      const { ring, clock, rotation, ids } = await withThree()
      const { made } = (await rotation.withdraw(ids[withdrawn])) ?? assert.fail()
      assert.equal(made, undefined)
      clock.now += seconds
      const names = new Map(Object.entries(ids).map(([name, id]) => [id, name]))
      const found = await said(ring)
      assert.equal(names.get(found.signs ?? ''), signs)
      assert.deepEqual(
        found.published.map((id) => names.get(id ?? '')),
        published,
      )
    })
  }

  test('the only key -> another one signs at once', async () => {
    const { store, ring, rotation, first } = makeKeys()
    const { keyId } = await first()
    const { withdrawn, made } = (await rotation.withdraw(keyId)) ?? assert.fail()
    assert.equal(withdrawn.keyId, keyId)
    assert.deepEqual(await said(ring), { signs: made?.keyId, published: [made?.keyId] })
    assert.deepEqual(idsOf(await store.findSigningKeys()), [made?.keyId])
  })

  test('the key before it is over, but not deleted yet -> it does not come back', async () => {
    const { ring, clock, rotation, first } = makeKeys()
    const old = await first()
    const next = (await rotation.rotate('ES256')) ?? assert.fail()
    clock.now += 390 + 1000
    const { made } = (await rotation.withdraw(next.keyId)) ?? assert.fail()
    const { signs, published } = await said(ring)
    assert.ok(made !== undefined && signs === made.keyId && !published.includes(old.keyId))
  })

  test('a name of no key -> nothing', async () => {
    const { store, rotation, first } = makeKeys()
    await first()
    assert.equal(await rotation.withdraw('k'), undefined)
    assert.equal((await store.findSigningKeys()).length, 1)
  })
})

describe('generatePrivateKey', () => {
  for (const algorithm of ['RS256', 'PS256', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519']) {
    test(`${algorithm} -> signs with it`, async () => {
      const store = new MemoryStore()
      const rotation = new KeyRotation(store, { algorithms: [algorithm], now: () => start })
      const [key] = (await rotation.keepUp()).made
      assert.match(key?.privateKey ?? '', /^-----BEGIN PRIVATE KEY-----/)
      const token = await signedTokenGenerator(key?.privateKey ?? '', { algorithm })(contextOf())
      assert.equal(decodeProtectedHeader(token).alg, algorithm)
    })
  }
  for (const algorithm of ['none', 'HS256', 'RS1', '']) {
    test(`${algorithm || 'nothing'} -> ConfigurationError`, async () => {
      await assert.rejects(generatePrivateKey(algorithm), ConfigurationError)
    })
  }
})
