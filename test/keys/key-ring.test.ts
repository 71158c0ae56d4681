/** Which key signs, which are published and which verify, from the rows of a store and the time. */
import assert from 'node:assert/strict'
import { describe, mock, test } from 'node:test'
import {
  ConfigurationError,
  encryptedTokenGenerator,
  KeyRing,
  KeyRotation,
  signedTokenGenerator,
  signedTokenVerifier,
  TemporarilyUnavailableError,
  type KeyRingOptions,
  type SigningKeyRow,
} from 'grantry'
import { decodeProtectedHeader } from 'jose'
import { contextOf, issuer, rsa } from '../tokens/fixtures.ts'
import { makeKeys, said, schedule, start } from './fixtures.ts'

describe('the life of a key', () => {
  const rows: [seconds: number, signs: string, published: string[]][] = [
    [0, 'old', ['old', 'new']],
    [389, 'old', ['old', 'new']],
    [390, 'new', ['old', 'new']],
    [1389, 'new', ['old', 'new']],
    [1390, 'new', ['new']],
  ]
  for (const [seconds, signs, published] of rows) {
    test(`${seconds} s after a successor was announced -> ${signs} signs, published: ${published.join(', ')}`, async () => {
      const { ring, clock, rotation, first } = makeKeys()
      const names = new Map([[(await first()).keyId, 'old']])
      clock.now += 1000
      names.set((await rotation.rotate('ES256'))?.keyId ?? '', 'new')
      clock.now += seconds
      const { signs: kid, published: kids } = await said(ring)
      assert.equal(names.get(kid ?? ''), signs)
      assert.deepEqual(
        kids.map((each) => names.get(each ?? '')),
        published,
      )
    })
  }

  test('the first key of an algorithm -> signs at once', async () => {
    const { ring, first } = makeKeys()
    const { keyId } = await first()
    assert.deepEqual(await said(ring), { signs: keyId, published: [keyId] })
  })

  test('no key of an algorithm -> none signs, and a generator fails with what is missing', async () => {
    const { ring, first } = makeKeys()
    await first()
    assert.equal(await ring.signer('RS256'), undefined)
    await assert.rejects(signedTokenGenerator(ring, { issuer })(contextOf()), { detail: /no key for RS256/ })
  })

  test('a ring that was made before the rotation -> the same as one made after it', async () => {
    const { ring, makeRing, clock, rotation, first } = makeKeys()
    await first()
    await said(ring)
    await rotation.rotate('ES256')
    for (const seconds of [61, 329, 1, 999, 2]) {
      clock.now += seconds
      await ring.reload()
      assert.deepEqual(await said(ring), await said(makeRing()))
    }
  })

  test('a clock that is set back -> the key of that time signs', async () => {
    const { ring, clock, rotation, first } = makeKeys()
    const { keyId } = await first()
    await rotation.rotate('ES256')
    clock.now += 390
    assert.notEqual((await said(ring)).signs, keyId)
    clock.now -= 10
    assert.equal((await said(ring)).signs, keyId)
  })
})

describe('times that are too short', () => {
  const rows: [name: string, options: KeyRingOptions, message: RegExp][] = [
    ['announced for less than 330 s and the reload', { announceSeconds: 389 }, /announceSeconds.*at least 390/],
    ['a slower reload', { announceSeconds: 390, reloadSeconds: 61 }, /announceSeconds.*at least 391/],
    ['no reload', { reloadSeconds: 0 }, /reloadSeconds.*at least 1/],
    ['retained for no longer than the tolerance of others', { retainSeconds: 300 }, /retainSeconds.*at least 301/],
    ['half a second', { retainSeconds: 1000.5 }, /retainSeconds.*whole/],
    ['no number', { announceSeconds: NaN }, /announceSeconds.*whole/],
  ]
  for (const [name, options, message] of rows) {
    test(`${name} -> ConfigurationError`, () => {
      const { store } = makeKeys()
      const isTelling = (error: unknown): boolean => error instanceof ConfigurationError && message.test(error.message)
      assert.throws(() => new KeyRing(store, { ...schedule, ...options }), isTelling)
      assert.throws(() => new KeyRotation(store, { ...schedule, ...options }), isTelling)
    })
  }
  test('rotated faster than announced -> ConfigurationError', () => {
    const { store } = makeKeys()
    const options = { ...schedule, rotateSeconds: 389 }
    assert.throws(() => new KeyRotation(store, options), /rotateSeconds.*at least 390/)
  })
})

describe('tokens of a ring', () => {
  const formats = {
    signed: (ring: KeyRing) => signedTokenGenerator(ring, { issuer, algorithm: 'ES256' }),
    encrypted: (ring: KeyRing) =>
      encryptedTokenGenerator({ encryptionKey: rsa.privateKey, signingKey: ring, algorithm: 'ES256', issuer }),
  }
  for (const [format, make] of Object.entries(formats)) {
    test(`${format} -> those of both keys verify, until the old key is over`, async () => {
      const { ring, clock, rotation, first } = makeKeys()
      await first()
      const generator = make(ring)
      const verifier = generator.verifier ?? assert.fail('it knows no public half')
      const isGood = async (token: string): Promise<boolean> => (await verifier(token, { now: start })) !== undefined
      const old = await generator(contextOf())
      await rotation.rotate('ES256')
      clock.now += 390
      await ring.reload()
      const young = await generator(contextOf())
      assert.deepEqual([await isGood(old), await isGood(young)], [true, true])
      clock.now += 1000
      assert.deepEqual([await isGood(old), await isGood(young)], [false, true])
    })
  }

  test('signedTokenVerifier over the ring -> the same keys, and only algorithms that it is told', async () => {
    const { ring, first } = makeKeys()
    const { keyId } = await first()
    const token = await signedTokenGenerator(ring, { issuer, algorithm: 'ES256' })(contextOf())
    assert.equal(decodeProtectedHeader(token).kid, keyId)
    assert.ok(await signedTokenVerifier(ring, { issuer })(token, { now: start }))
    assert.ok(await signedTokenVerifier(ring, { issuer, algorithms: ['ES256'] })(token, { now: start }))
    assert.equal(await signedTokenVerifier(ring, { issuer, algorithms: ['RS256'] })(token, { now: start }), undefined)
  })

  test('keyId beside a ring -> ConfigurationError', () => {
    const { ring } = makeKeys()
    assert.throws(() => signedTokenGenerator(ring, { keyId: 'k' }), /leave out keyId/)
  })

  test('a token that would outlive its key -> fails with the mend, whatever asks for it', async () => {
    const { ring, first } = makeKeys()
    await first()
    const generator = signedTokenGenerator(ring, { issuer, algorithm: 'ES256', allowClaimOverride: ['exp'] })
    assert.equal(generator.longestLifetime, 700)
    await generator(contextOf({ expiresIn: 700 }))
    const detail = /a retainSeconds that is 1 longer/
    await assert.rejects(generator(contextOf({ expiresIn: 701 })), { detail })
    await assert.rejects(generator(contextOf({ claims: { exp: start + 701 } })), { detail })
  })
})

describe('a withdrawn key', () => {
  test('what it signed -> refused as soon as the ring has read the keys; the key before it signs', async () => {
    const { ring, clock, rotation, first } = makeKeys()
    const old = await first()
    const leaked = (await rotation.rotate('ES256')) ?? assert.fail()
    clock.now += 390
    const generator = signedTokenGenerator(ring, { issuer, algorithm: 'ES256' })
    const token = await generator(contextOf())
    assert.equal(decodeProtectedHeader(token).kid, leaked.keyId)
    await rotation.withdraw(leaked.keyId)
    clock.now += 61
    await ring.reload()
    assert.equal(await generator.verifier?.(token, { now: start }), undefined)
    assert.deepEqual(await said(ring), { signs: old.keyId, published: [old.keyId] })
  })

  test('a token of the key that took its place -> accepted at a node that has not read it yet', async () => {
    const { ring, makeRing, rotation, clock, first } = makeKeys()
    const leaked = await first()
    const [here, there] = [ring, makeRing()].map((each) => signedTokenGenerator(each, { issuer, algorithm: 'ES256' }))
    await there?.(contextOf())
    await rotation.withdraw(leaked.keyId)
    clock.now += 5
    const token = (await here?.(contextOf())) ?? ''
    assert.notEqual(decodeProtectedHeader(token).kid, leaked.keyId)
    assert.ok(await there?.verifier?.(token, { now: start }))
  })
})

describe('the store', () => {
  /** A ring whose reads are counted, and fail on demand. */
  const watched = async (options: KeyRingOptions = {}) => {
    const { store, clock, rotation, first } = makeKeys()
    const { keyId } = await first()
    const seen = { reads: 0, isDown: false, opened: [] as string[], failures: [] as unknown[] }
    const findSigningKeys = async (): Promise<readonly SigningKeyRow[]> => {
      seen.reads++
      if (seen.isDown) throw new Error('gone')
      return store.findSigningKeys()
    }
    const open = ({ keyId: id, privateKey }: SigningKeyRow): string => {
      seen.opened.push(id)
      return privateKey
    }
    const onLoadFailed = (cause: unknown): unknown => seen.failures.push(cause)
    const now = (): number => clock.now
    const ring = new KeyRing({ findSigningKeys }, { ...schedule, open, onLoadFailed, now, ...options })
    return { ring, clock, rotation, keyId, seen }
  }

  test('1000 tokens within the time of a reload -> read once, each key opened once', async () => {
    const { ring, clock, rotation, seen } = await watched()
    const generate = signedTokenGenerator(ring, { issuer, algorithm: 'ES256' })
    for (let index = 0; index < 1000; index++) await generate(contextOf())
    assert.deepEqual([seen.reads, seen.opened.length], [1, 1])
    await rotation.rotate('ES256')
    clock.now += 61
    await ring.publicKeys()
    await ring.reload()
    assert.equal(seen.opened.length, 2)
  })

  test('on the way of a token -> no promise, so that nothing waits', async () => {
    const { ring } = await watched()
    await ring.reload()
    assert.ok(!(ring.signer('ES256') instanceof Promise))
  })

  const outages: [seconds: number, signs: boolean, publishes: boolean][] = [
    [60, true, true],
    [61, true, false],
    [390, true, false],
    [391, false, false],
  ]
  for (const [seconds, signs, publishes] of outages) {
    const outcome = `signs: ${signs ? 'yes' : '503'}, publishes: ${publishes ? 'yes' : '503'}`
    test(`down, the keys were read ${seconds} s ago -> ${outcome}`, async () => {
      const { ring, clock, seen } = await watched()
      await ring.reload()
      seen.isDown = true
      clock.now += seconds
      const isThere = async (asked: () => unknown): Promise<boolean> => {
        try {
          await asked()
          return true
        } catch (thrown) {
          assert.ok(thrown instanceof TemporarilyUnavailableError)
          return false
        }
      }
      assert.equal(await isThere(() => ring.signer('ES256')), signs)
      assert.equal(await isThere(() => ring.publicKeys()), publishes)
      seen.isDown = false
      clock.now += 5
      assert.equal((await said(ring)).published.length, 1)
    })
  }

  test('a longer announcement -> publishes as much longer without its store', async () => {
    const { ring, clock, seen } = await watched({ announceSeconds: 3600 })
    await ring.reload()
    seen.isDown = true
    clock.now += 3270
    await ring.publicKeys()
    clock.now += 1
    await assert.rejects(ring.publicKeys(), TemporarilyUnavailableError)
  })

  test('down -> asked every 5 seconds, with each cause reported', async () => {
    const { ring, clock, seen } = await watched({ announceSeconds: 3600 })
    await ring.reload()
    seen.isDown = true
    clock.now += 300
    for (let second = 0; second < 10; second++) {
      await ring.signer('ES256')
      await ring.signer('ES256')
      clock.now++
    }
    assert.equal(seen.reads, 3)
    assert.deepEqual(
      seen.failures.map((cause) => (cause as Error).message),
      ['gone', 'gone'],
    )
  })

  test('down for long -> nothing waits for it', async () => {
    const { ring, clock, seen } = await watched({ announceSeconds: 3600 })
    await ring.reload()
    seen.isDown = true
    clock.now += 300
    await ring.signer('ES256') // the first one finds out
    for (const seconds of [0, 5, 1000]) {
      clock.now += seconds
      assert.ok(!(ring.signer('ES256') instanceof Promise))
      await Promise.resolve()
    }
  })

  test('hangs -> given up after 5 seconds, and asked again', async () => {
    let hangs = true
    const { store, clock, first } = makeKeys()
    const { keyId } = await first()
    const findSigningKeys = async () => (hangs ? new Promise<never>(() => undefined) : store.findSigningKeys())
    const ring = new KeyRing({ findSigningKeys }, { ...schedule, now: () => clock.now })
    mock.timers.enable({ apis: ['setTimeout'] })
    try {
      const refused = assert.rejects(ring.reload(), /did not answer within 5000 ms/)
      await Promise.resolve()
      mock.timers.tick(5000)
      await refused
    } finally {
      mock.timers.reset()
    }
    hangs = false
    assert.equal((await said(ring)).signs, keyId)
  })

  test('a node that has rested for two reloads -> waits for the keys, so that a withdrawn one does not sign', async () => {
    const { ring, clock, rotation, keyId } = await watched()
    assert.equal((await said(ring)).signs, keyId)
    await rotation.withdraw(keyId)
    clock.now += 121
    const [one, other] = await Promise.all([said(ring), said(ring)])
    assert.ok(one.signs !== undefined && one.signs !== keyId)
    assert.equal(other.signs, one.signs)
  })

  test('a node that works -> does not wait for the keys', async () => {
    const { ring, clock } = await watched()
    await ring.reload()
    clock.now += 61
    assert.ok(!(ring.signer('ES256') instanceof Promise))
  })

  test('tokens with names of no key -> the store is asked every 5 seconds', async () => {
    const { ring, clock, seen } = await watched()
    await ring.reload()
    clock.now += 5
    for (let index = 0; index < 20; index++) assert.deepEqual(await ring.find('ES256', `no-${index}`), [])
    assert.equal(seen.reads, 2)
    clock.now += 5
    await ring.find('ES256', 'no')
    assert.equal(seen.reads, 3)
  })

  test('a key that cannot be opened -> said with its name, and nothing of it', async () => {
    const { ring } = await watched({ open: () => 'no PEM' })
    await assert.rejects(ring.reload(), /the signing key k\S+: expected a private key/)
    await assert.rejects(async () => ring.signer('ES256'), TemporarilyUnavailableError)
  })

  test('a key in a KMS without its public half -> cannot be published, so it is refused', async () => {
    const open = () => ({
      ...{ algorithm: 'ES256', keyId: undefined, publicJwk: undefined },
      sign: () => new Uint8Array(64),
    })
    await assert.rejects((await watched({ open })).ring.reload(), /public half of the signing key \S+ is not known/)
  })
})
