/** RedisStore against a real Redis: the contract, races over two connections, scripts that it forgot, what is left there. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { RedisStore } from 'grantry/storage/redis'
import { storeChecks } from 'grantry/testing'
import { command, connections, describeRedis, freshStores, keysOf, realm } from './redis-fixture.ts'
import { accessRow, codeRow, digestOf, grantRow, refreshRow, rotationOf, start } from './rows.ts'

const hour = 3600

/** Seconds until Redis drops each key of the realm, by the key. */
const lifetimes = async (): Promise<Record<string, number>> => {
  const prefix = `{grantry:${realm}}:`
  const keys = await keysOf(prefix)
  const pairs = keys.map(async (key) => [key.slice(prefix.length), Number(await command('TTL', key))] as const)
  return Object.fromEntries(await Promise.all(pairs))
}

const assertLives = (all: Record<string, number>, key: string, seconds: number): void => {
  const found = all[key] ?? NaN
  assert.ok(
    found <= seconds + hour && found > seconds + hour - 60,
    `${key} lives ${found} s, not ${seconds} s and an hour`,
  )
}

describeRedis('RedisStore', () => {
  describe('keeps the contract, over two connections', () => {
    for (const check of storeChecks) test(check.name, async () => check.run(...(await freshStores())))
  })

  describe('races', () => {
    test('100 codes at 8 callers each -> one row each, 7 times reused', async () => {
      const stores = await freshStores()
      for (let round = 0; round < 100; round++) {
        const row = codeRow(`code${round}`, `g${round}`)
        await stores[0].putCode(row, grantRow(`g${round}`))
        const outcomes = await Promise.all(
          Array.from({ length: 8 }, async (_, caller) =>
            stores[caller % 2 === 0 ? 0 : 1].consumeCode(row.digest, 'app', start),
          ),
        )
        assert.deepEqual(
          outcomes.filter((outcome) => typeof outcome === 'object'),
          [row],
        )
        assert.equal(outcomes.filter((outcome) => outcome === 'reused').length, 7)
      }
    })

    test('100 rotations against revocations -> no token of a revoked family is live', async () => {
      const [one, other] = await freshStores()
      for (let round = 0; round < 100; round++) {
        const [grantId, successor] = [`g${round}`, refreshRow(`s${round}`, `g${round}`)]
        await one.putTokens({ grant: grantRow(grantId), refresh: refreshRow(`r${round}`, grantId) })
        const rotation = rotationOf('1', {
          digest: digestOf(`r${round}`),
          successor,
          access: accessRow(`a${round}`, grantId),
        })
        const rotate = async () => one.rotateRefreshToken(rotation)
        const revoke = async () => other.revokeGrant(grantId, start)
        const results = await Promise.all(round % 2 === 0 ? [rotate(), revoke()] : [revoke(), rotate()])
        const outcome = results.flatMap((result) => (result === undefined ? [] : [result.outcome])).join()
        assert.match(outcome, /^(rotated|unknown)$/)
        assert.equal(await one.findRefreshToken(successor.digest), undefined)
        assert.equal(await one.findAccessToken(digestOf(`a${round}`), start), undefined)
      }
    })
  })

  test('Redis forgets its scripts -> the next step works, and so do the others', async () => {
    const [one, other] = await freshStores()
    await one.putCode(codeRow('code', 'g'), grantRow('g'))
    await command('SCRIPT', 'FLUSH')
    assert.equal(typeof (await one.consumeCode(digestOf('code'), 'app', start)), 'object')
    await command('SCRIPT', 'FLUSH')
    const outcomes = await Promise.all(
      [one, other, one].map(async (store) => store.consumeCode(digestOf('code'), 'app', start)),
    )
    assert.deepEqual(outcomes, ['reused', 'reused', 'reused'])
  })

  test('two realms, and two prefixes -> nothing of one is seen in another', async () => {
    const [one] = await freshStores()
    const [two] = await freshStores()
    const three = await RedisStore.open(connections[0], { realm, prefix: 'other' })
    await two.lease('job}:client-ids', 'node', start + 60, start) // has the key that the last realm would have, were it not escaped
    const names = [one, two, three, await RedisStore.open(connections[0], { realm: `${realm}}:lease:job` })]
    for (const [index, store] of names.entries()) {
      assert.equal(await store.createClient({ id: 'app', scopes: [String(index)] }), true)
      assert.equal(await store.markSeen('dpop', digestOf('jti'), start + 60, start), true)
      await store.putTokens({ grant: grantRow('g'), refresh: refreshRow('refresh', 'g') })
    }
    assert.equal(await one.revokeGrants({ clientId: 'app' }, start), 1)
    assert.equal(await one.sweep(start + 5000, 100), 2)
    for (const [index, store] of names.entries()) {
      assert.deepEqual(await store.listClients('', 10), [{ id: 'app', scopes: [String(index)] }])
      assert.equal((await store.findRefreshToken(digestOf('refresh'))) !== undefined, index > 0)
    }
  })

  test('keys go by themselves an hour after what they stand for, whatever the clock of Redis says', async () => {
    const [store] = await freshStores()
    await store.putCode(codeRow('code', 'g'), grantRow('g'))
    await store.putTokens({ grantId: 'g', access: accessRow('access', 'g'), refresh: refreshRow('refresh', 'g') })
    await store.markSeen('dpop', digestOf('jti'), start + 60, start)
    await store.countAttempt('login', digestOf('jti'), 90, start)
    await store.lease('job', 'node', start + 30, start)
    await store.revokeAccessToken(digestOf('self-contained'), start + 120, start)
    const first = await lifetimes()
    assertLives(first, `code:${digestOf('code')}`, 60)
    assertLives(first, `access:${digestOf('access')}`, 600)
    assertLives(first, `refresh:${digestOf('refresh')}`, 1000)
    assertLives(first, `seen:dpop:${digestOf('jti')}`, 60)
    assertLives(first, `attempts:login:${digestOf('jti')}`, 90)
    assertLives(first, 'lease:job', 30)
    assertLives(first, `revoked:${digestOf('self-contained')}`, 120)
    for (const key of ['grant:g', 'families', 'families-of-user:ann', 'families-of-client:app', 'expiry']) {
      assertLives(first, key, 1000)
    }
    await store.putTokens({ grantId: 'g', liveUntil: start + 5000 })
    await store.putTokens({ grantId: 'g', extended: { digest: digestOf('refresh'), expiresAt: start + 3000 } })
    const later = await lifetimes()
    assertLives(later, 'grant:g', 5000)
    assertLives(later, `refresh:${digestOf('refresh')}`, 3000)
    assert.deepEqual(
      Object.entries(later).filter(([, seconds]) => seconds < 0),
      [],
      'keys that stay for ever',
    )
  })

  test('a sweep leaves nothing of what is over, a thousand rows at a time', async () => {
    const [store] = await freshStores()
    const many = Array.from({ length: 2500 }, (_, index) => `c${index}`)
    await Promise.all(many.map(async (id) => store.putCode(codeRow(id, id), { ...grantRow(id), userId: id })))
    assert.equal(await store.sweep(start + 60, 2100), 2100)
    assert.equal(await store.sweep(start + 60, Infinity), 400)
    assert.equal(await store.sweep(start + 60, Infinity), 0)
    const left = Object.keys(await lifetimes()).filter((key) => !key.startsWith('families-of-'))
    assert.deepEqual(left, [])
  })

  test('what is over leaves the lists of its user and client as new families come', async () => {
    const [store] = await freshStores()
    const families = (list: string) => command('ZCARD', `{grantry:${realm}}:families-of-${list}`)
    for (const [id, createdAt] of [
      ['a', start],
      ['b', start],
      ['c', start + 60 + hour],
    ] as const) {
      await store.putCode(codeRow(id, id, { expiresAt: createdAt + 60 }), { ...grantRow(id), createdAt })
    }
    assert.deepEqual([await families('user:ann'), await families('client:app')], [1, 1])
  })

  test('nothing that opens a door is in Redis: digests only', async () => {
    const [store] = await freshStores()
    const secrets = [
      'the code',
      'the access token',
      'the refresh token',
      'the successor',
      'the handle',
      'the user code',
    ]
    const [code, access, refresh, successor, handle, userCode] = secrets.map(digestOf)
    assert.ok(code && access && refresh && successor && handle && userCode)
    await store.putCode(codeRow('the code', 'g'), grantRow('g'))
    await store.putTokens({
      ...{ grantId: 'g', access: accessRow('the access token', 'g') },
      refresh: refreshRow('the refresh token', 'g'),
    })
    await store.rotateRefreshToken(rotationOf('1', { digest: refresh, successor: refreshRow('the successor', 'g') }))
    await store.putTicket(
      {
        ...{
          kind: 'device_code',
          digest: handle,
          altDigest: userCode,
          clientId: 'app',
          grantId: 'g',
          state: 'pending',
        },
        ...{ payload: {}, interval: 5, expiresAt: start + 60 },
      },
      start,
    )
    const dump: unknown[] = []
    for (const key of await keysOf(`{grantry:${realm}}`)) {
      const read = { hash: ['HGETALL'], zset: ['ZRANGE', '0', '-1'], string: ['GET'] }[
        String(await command('TYPE', key))
      ]
      assert.ok(read, `a type of key that is not looked into: ${key}`)
      const [name = '', ...args] = read
      dump.push(key, await command(name, key, ...args))
    }
    const all = JSON.stringify(dump)
    for (const digest of [code, access, refresh, successor, handle, userCode]) assert.ok(all.includes(digest))
    for (const secret of secrets) assert.ok(!all.includes(secret), `${secret} is in Redis`)
  })

  test('a number that no script can count with -> refused, and nothing is done', async () => {
    const [store] = await freshStores()
    const refresh = refreshRow('refresh', 'g', { expiresAt: Infinity })
    await assert.rejects(async () => store.putTokens({ grant: grantRow('g'), refresh }), TypeError)
    assert.deepEqual(await keysOf(`{grantry:${realm}}`), [])
  })

  test('a prefix with braces -> refused', async () => {
    await assert.rejects(RedisStore.open(connections[0], { prefix: 'a}b' }), { name: 'ConfigurationError' })
  })
})
