/** PostgresStore against a real PostgreSQL: the contract, races over two pools, what waits for locks, a restart. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Store } from 'grantry'
import { storeChecks } from 'grantry/testing'
import type pg from 'pg'
import { PostgresStore } from 'grantry/storage/postgres'
import {
  server,
  pools,
  openPool,
  realm,
  freshStores,
  times,
  rounds,
  countOf,
  fill,
  rotationIn,
  describePostgres,
} from './postgres-fixture.ts'
import { accessRow, codeRow, digestOf, grantRow, refreshRow, rotationOf, start } from './rows.ts'

const outcomesOf = (results: readonly { readonly outcome: string }[]): string[] =>
  results.map(({ outcome }) => outcome).sort()

const eight = (one: string, others: string): string[] => [one, ...Array.from({ length: 7 }, () => others)].sort()

/** A transaction by hand, to hold locks while others wait for them. */
const inTransaction = async (run: (client: pg.PoolClient) => Promise<void>): Promise<void> => {
  const client = await pools[0].connect()
  try {
    await client.query('BEGIN')
    await run(client)
    await client.query('COMMIT')
  } finally {
    client.release()
  }
}

/** Until some statement waits for a lock: asks the server, again and again. */
const untilBlocked = async (): Promise<void> => {
  const sql = `SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()`
  for (let attempt = 0; attempt < 5000; attempt++) {
    const { rows } = await pools[1].query<{ count: string }>(sql)
    if (rows[0]?.count !== '0') return
  }
  assert.fail('nothing waited')
}

describePostgres('PostgresStore', () => {
  describe('keeps the contract, over two pools', () => {
    for (const check of storeChecks) test(check.name, () => check.run(...freshStores()))
  })

  describe('races', () => {
    test('100 codes at 8 callers each -> one row each, 7 times reused', async () => {
      const stores = freshStores()
      await times(100, (code) => stores[0].putCode(codeRow(`code${code}`, `g${code}`), grantRow(`g${code}`)))
      await rounds(100, async (code) => {
        const outcomes = await times(8, (caller) =>
          stores[caller % 2 === 0 ? 0 : 1].consumeCode(digestOf(`code${code}`), 'app', start),
        )
        assert.deepEqual(
          outcomes.filter((outcome) => typeof outcome === 'object'),
          [codeRow(`code${code}`, `g${code}`)],
        )
        assert.equal(outcomes.filter((outcome) => outcome === 'reused').length, 7)
      })
    })

    const graces: [graceSeconds: number, others: string][] = [
      [30, 'replayed'],
      [0, 'raced'],
    ]
    for (const [graceSeconds, others] of graces) {
      test(`100 refresh tokens at 8 callers each, grace ${graceSeconds} -> one rotated, 7 ${others}, one successor`, async () => {
        const stores = freshStores()
        await times(100, (token) => {
          const family = `${graceSeconds}g${token}`
          return stores[0].putTokens({ grant: grantRow(family), refresh: refreshRow(`r${token}`, family) })
        })
        await rounds(100, async (token) => {
          const family = `${graceSeconds}g${token}`
          const results = await times(8, (caller) =>
            stores[caller % 2 === 0 ? 0 : 1].rotateRefreshToken({
              ...rotationIn(family, `r${token}`, `s${token}.${caller}`),
              graceSeconds,
            }),
          )
          assert.deepEqual(outcomesOf(results), eight('rotated', others))
          const sealed = new Set(results.map((result) => ('sealed' in result ? result.sealed : undefined)))
          assert.equal(sealed.size, graceSeconds === 0 ? 1 : 2, 'all replays get one successor')
          assert.equal(await countOf('refresh_token WHERE grant_id = $1', family), 2, 'the token and one successor')
        })
      })
    }

    test('200 rotations against revocations -> no token of a revoked family is live', async () => {
      const [one, other] = freshStores()
      const seen = new Set<string>()
      await rounds(200, async (round) => {
        const [family, successor] = [`g${round}`, `s${round}`]
        await one.putTokens({ grant: grantRow(family), refresh: refreshRow(`r${round}`, family) })
        const rotate = () => one.rotateRefreshToken(rotationIn(family, `r${round}`, successor))
        const revoke = () => other.revokeGrant(family, start)
        const [{ outcome }] =
          round % 2 === 0
            ? await Promise.all([rotate(), revoke()])
            : await Promise.all([revoke(), rotate()]).then(([, rotated]) => [rotated] as const)
        seen.add(outcome)
        assert.match(outcome, /^(rotated|unknown)$/)
        const rows = await countOf('refresh_token WHERE grant_id = $1', family)
        assert.equal(rows, outcome === 'rotated' ? 2 : 1)
        assert.equal(await one.findRefreshToken(digestOf(successor)), undefined)
        assert.equal(await one.findAccessToken(digestOf(`access of ${successor}`), start), undefined)
      })
      assert.deepEqual([...seen].sort(), ['rotated', 'unknown'], 'both came first at times')
    })

    test('100 second uses of a code against saving its tokens -> saved, and a later use ends them', async () => {
      const [one, other] = freshStores()
      await rounds(100, async (round) => {
        const [code, family] = [`c${round}`, `g${round}`]
        await one.putCode(codeRow(code, family), grantRow(family))
        await one.consumeCode(digestOf(code), 'app', start)
        const access = accessRow(`a${round}`, family)
        const [again, isSaved] = await Promise.all([
          other.consumeCode(digestOf(code), 'app', start),
          one.putTokens({ grantId: family, access }),
        ])
        assert.deepEqual([again, isSaved], ['reused', true])
        await other.consumeCode(digestOf(code), 'app', start)
        assert.equal(await one.findAccessToken(access.digest, start), undefined)
        assert.equal(await one.putTokens({ grantId: family, access: accessRow(`late${round}`, family) }), false)
      })
    })

    test('sweeps against rotations and saving -> neither fails, what is live stays', async () => {
      const [one, other] = freshStores()
      await rounds(50, async (round) => {
        const family = `g${round}`
        const brief = { expiresAt: start + 1 }
        await one.putTokens({
          grant: grantRow(family),
          access: accessRow(`a${round}`, family, brief),
          refresh: refreshRow(`r${round}`, family),
        })
        const [{ outcome }, isSaved] = await Promise.all([
          one.rotateRefreshToken(rotationIn(family, `r${round}`, `s${round}`)),
          one.putTokens({ grantId: family, access: accessRow(`b${round}`, family) }),
          other.sweep(start + 1, 100),
          one.sweep(start + 1, 100),
        ])
        assert.deepEqual([outcome, isSaved], ['rotated', true])
        assert.notEqual(await one.findRefreshToken(digestOf(`s${round}`)), undefined)
      })
    })
  })

  describe('what waited for a lock sees what became of the row', () => {
    test('a rotation behind a revocation -> unknown, nothing saved', async () => {
      const [store] = freshStores()
      await fill(store)
      let rotated: ReturnType<Store['rotateRefreshToken']> | undefined
      await inTransaction(async (client) => {
        await client.query(`UPDATE grantry."grant" SET revoked_at = 1 WHERE realm = '${realm}'`)
        rotated = store.rotateRefreshToken(rotationOf('1'))
        await untilBlocked()
      })
      assert.deepEqual(await rotated, { outcome: 'unknown' })
      assert.equal(await countOf('refresh_token WHERE realm = $1', realm), 1)
    })

    test('saving tokens behind a revocation -> false, nothing saved', async () => {
      const [store] = freshStores()
      await fill(store)
      let saved: ReturnType<PostgresStore['putTokens']> | undefined
      await inTransaction(async (client) => {
        await client.query(`UPDATE grantry."grant" SET revoked_at = 1 WHERE realm = '${realm}'`)
        saved = store.putTokens({ grantId: 'g', access: accessRow('late', 'g') })
        await untilBlocked()
      })
      assert.equal(await saved, false)
      assert.equal(await countOf('access_token WHERE realm = $1', realm), 1)
    })

    test('a rotation behind one of the same token and one of its successor -> reused, the family is revoked', async () => {
      const [store] = freshStores()
      await fill(store)
      let rotated: ReturnType<Store['rotateRefreshToken']> | undefined
      await inTransaction(async (client) => {
        const within = new PostgresStore(client, { realm })
        assert.deepEqual(await within.rotateRefreshToken(rotationIn('g', 'refresh', 's1')), { outcome: 'rotated' })
        assert.deepEqual(await within.rotateRefreshToken(rotationIn('g', 's1', 's2')), { outcome: 'rotated' })
        rotated = store.rotateRefreshToken(rotationIn('g', 'refresh', 's3'))
        await untilBlocked()
      })
      assert.deepEqual(await rotated, { outcome: 'reused' })
      assert.equal(await store.findRefreshToken(digestOf('s2')), undefined)
    })

    test('a sweep while tokens are saved -> passes over what is locked, and the family stays', async () => {
      const [store] = freshStores()
      await fill(store)
      await inTransaction(async (client) => {
        const within = new PostgresStore(client, { realm })
        const extended = { digest: digestOf('refresh'), expiresAt: start + 5000 }
        assert.equal(await within.putTokens({ grantId: 'g', extended }), true)
        assert.equal(await store.sweep(start + 1000, 10), 2, 'the code and the access token')
      })
      assert.equal(await store.sweep(start + 1000, 10), 0)
      assert.equal((await store.findRefreshToken(digestOf('refresh')))?.expiresAt, start + 5000)
    })

    test('8 uses of a code under REPEATABLE READ -> repeated until each has its answer', async () => {
      const pool = openPool({ options: '-c default_transaction_isolation=repeatable\\ read' })
      const store = new PostgresStore(pool, { realm: 'repeatable' })
      await rounds(20, async (round) => {
        await store.putCode(codeRow(`code${round}`, `g${round}`), grantRow(`g${round}`))
        const outcomes = await times(8, () => store.consumeCode(digestOf(`code${round}`), 'app', start))
        assert.equal(outcomes.filter((outcome) => outcome === 'reused').length, 7)
      })
      await pool.end()
    })
  })

  test('the server crashes and comes back -> the next call works, and nothing is lost', async () => {
    const [store] = freshStores()
    await fill(store)
    await store.consumeCode(digestOf('code'), 'app', start)
    const dropped = pools.flatMap((pool) =>
      Array.from({ length: pool.totalCount }, () => new Promise((resolve) => pool.once('remove', resolve))),
    )
    await server.stop('SIGQUIT')
    await Promise.all(dropped)
    await server.start()
    assert.equal(await store.consumeCode(digestOf('code'), 'app', start), 'reused')
    assert.equal(await store.findAccessToken(digestOf('access'), start), undefined)
    await store.putClient({ id: 'app' })
    assert.deepEqual(await store.findClient('app'), { id: 'app' })
  })
})
