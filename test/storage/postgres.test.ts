/** PostgresStore against a real PostgreSQL: the contract, races over two pools, migrations, a restart. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { Server, StoreValidator, registerClient, type Store } from 'grantry'
import { storeChecks } from 'grantry/testing'
import pg from 'pg'
import { PostgresStore, StoreError, migrate, migrationPlan, type PostgresPool } from 'grantry/storage/postgres'
import { obtainCode, registration } from '../support/provider.ts'
import { basic, form, text } from '../support/requests.ts'
import { startPostgres, whyNoPostgres, type PostgresServer } from './postgres-server.ts'
import { accessRow, codeRow, digestOf, grantRow, refreshRow, rotationOf, start } from './rows.ts'

let server: PostgresServer
let pools: [pg.Pool, pg.Pool]

const openPool = (more: pg.PoolConfig = {}): pg.Pool => {
  const pool = new pg.Pool({ ...server.connection, max: 8, statement_timeout: 15_000, ...more })
  pool.on('error', () => undefined) // idle connections that the server ended; the pool drops them
  return pool
}

let realms = 0
/** Two views, over two pools, of a store that nobody else uses. */
const freshStores = (): [PostgresStore, PostgresStore] => {
  const realm = `realm${realms++}`
  return [new PostgresStore(pools[0], { realm }), new PostgresStore(pools[1], { realm })]
}

const times = <Result>(count: number, run: (index: number) => Promise<Result>): Promise<Result[]> =>
  Promise.all(Array.from({ length: count }, (_, index) => run(index)))

/** Runs one after the other. */
const rounds = async (count: number, run: (round: number) => Promise<void>): Promise<void> => {
  for (let round = 0; round < count; round++) await run(round)
}

const outcomesOf = (results: readonly { readonly outcome: string }[]): string[] =>
  results.map(({ outcome }) => outcome).sort()

const eight = (one: string, others: string): string[] => [one, ...Array.from({ length: 7 }, () => others)].sort()

const countOf = async (sql: string, ...values: unknown[]): Promise<number> => {
  const { rows } = await pools[0].query<{ count: string }>(`SELECT count(*) FROM grantry.${sql}`, values)
  return Number(rows[0]?.count)
}

const fill = async (store: Store): Promise<void> => {
  await store.putCode(codeRow('code', 'g'), grantRow('g'))
  await store.putTokens({ grantId: 'g', access: accessRow('access', 'g'), refresh: refreshRow('refresh', 'g') })
}

/** A rotation of the token `name` of the family `family`. */
const rotationIn = (family: string, name: string, successor: string) => ({
  ...rotationOf(successor),
  digest: digestOf(name),
  successor: refreshRow(successor, family),
  access: accessRow(`access of ${successor}`, family),
})

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

if (whyNoPostgres !== undefined) console.log(`PostgresStore is not tested: ${whyNoPostgres}.`)

describe('PostgresStore', { skip: whyNoPostgres ?? false }, () => {
  before(async () => {
    server = await startPostgres()
    pools = [openPool(), openPool()]
    await migrate(pools[0])
  })
  after(async () => {
    await Promise.all(pools.map((pool) => pool.end()))
    await server.remove()
  })

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
        await client.query(`UPDATE grantry."grant" SET revoked_at = 1 WHERE realm = 'realm${realms - 1}'`)
        rotated = store.rotateRefreshToken(rotationOf('1'))
        await untilBlocked()
      })
      assert.deepEqual(await rotated, { outcome: 'unknown' })
      assert.equal(await countOf('refresh_token WHERE realm = $1', `realm${realms - 1}`), 1)
    })

    test('saving tokens behind a revocation -> false, nothing saved', async () => {
      const [store] = freshStores()
      await fill(store)
      let saved: Promise<boolean> | undefined
      await inTransaction(async (client) => {
        await client.query(`UPDATE grantry."grant" SET revoked_at = 1 WHERE realm = 'realm${realms - 1}'`)
        saved = store.putTokens({ grantId: 'g', access: accessRow('late', 'g') })
        await untilBlocked()
      })
      assert.equal(await saved, false)
      assert.equal(await countOf('access_token WHERE realm = $1', `realm${realms - 1}`), 1)
    })

    test('a rotation behind one of the same token and one of its successor -> reused, the family is revoked', async () => {
      const [store] = freshStores()
      await fill(store)
      let rotated: ReturnType<Store['rotateRefreshToken']> | undefined
      await inTransaction(async (client) => {
        const within = new PostgresStore(client, { realm: `realm${realms - 1}` })
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
        const within = new PostgresStore(client, { realm: `realm${realms - 1}` })
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

  describe('realms', () => {
    test('the same ids in two realms are two things', async () => {
      const [[one], [other]] = [freshStores(), freshStores()]
      await fill(one)
      await fill(other)
      await one.putClient({ id: 'app' })
      await one.putSigningKey({ keyId: 'k', algorithm: 'RS256', privateKey: 'pem', createdAt: start })
      assert.equal(await other.findClient('app'), undefined)
      assert.deepEqual(await other.findSigningKeys(), [])
      await other.putSigningKey({ keyId: 'k', algorithm: 'ES256', privateKey: 'pem', createdAt: start })
      await one.consumeCode(digestOf('code'), 'app', start)
      await one.rotateRefreshToken(rotationOf('1'))
      await one.revokeAccessToken(digestOf('access'))
      await one.revokeGrant('g', start)
      await one.sweep(start + 5000, 100)
      assert.deepEqual(await other.consumeCode(digestOf('code'), 'app', start), codeRow('code', 'g'))
      assert.deepEqual(await other.findAccessToken(digestOf('access'), start), accessRow('access', 'g'))
      assert.deepEqual(await other.rotateRefreshToken(rotationOf('2')), { outcome: 'rotated' })
      assert.equal((await other.findSigningKeys())[0]?.algorithm, 'ES256')
    })

    test('replays, reuse and clean-up in one realm leave the same ids in another as they are', async () => {
      const [[one], [other]] = [freshStores(), freshStores()]
      for (const store of [one, other]) {
        await fill(store)
        assert.deepEqual(await store.rotateRefreshToken(rotationOf('1')), { outcome: 'rotated' })
      }
      assert.equal((await one.rotateRefreshToken(rotationOf('2'))).outcome, 'replayed')
      assert.equal((await one.rotateRefreshToken(rotationIn('g', 'successor1', 's2'))).outcome, 'rotated')
      const replay = rotationOf('3', { maxReplays: 1 })
      assert.deepEqual(await other.rotateRefreshToken(replay), { outcome: 'replayed', sealed: 'sealed1' })
      assert.equal((await one.rotateRefreshToken(rotationOf('4'))).outcome, 'reused')
      assert.equal(await one.findRefreshToken(digestOf('s2')), undefined)
      const extended = { digest: digestOf('successor1'), expiresAt: start + 5000 }
      assert.equal(await other.putTokens({ grantId: 'g', extended }), true)
      await other.sweep(start + 1000, 100)
      assert.equal((await other.findRefreshToken(extended.digest))?.expiresAt, start + 5000)
    })

    test('a family that expired in one realm takes no live one with the same id in another along', async () => {
      const [[old], [live]] = [freshStores(), freshStores()]
      const short = { expiresAt: start + 10, familyExpiresAt: start + 10 }
      await old.putTokens({ grant: grantRow('same'), refresh: refreshRow('old', 'same', short) })
      await live.putTokens({ grant: grantRow('same'), refresh: refreshRow('live', 'same') })
      await live.sweep(start + 500, 100) // while the expired one of the other realm is still there
      await old.sweep(start + 500, 100)
      assert.equal(await live.putTokens({ grantId: 'same', access: accessRow('later', 'same') }), true)
      assert.equal(await old.putTokens({ grantId: 'same', access: accessRow('late', 'same') }), false)
    })

    test('what was saved in one realm is unknown in another', async () => {
      const [[one], [other]] = [freshStores(), freshStores()]
      await fill(one)
      assert.equal(await other.consumeCode(digestOf('code'), 'app', start), undefined)
      assert.equal(await other.findAccessToken(digestOf('access'), start), undefined)
      assert.equal(await other.findRefreshToken(digestOf('refresh')), undefined)
      assert.deepEqual(await other.rotateRefreshToken(rotationOf('1')), { outcome: 'unknown' })
      assert.equal(await other.putTokens({ grantId: 'g', access: accessRow('late', 'g') }), false)
      await other.revokeAccessToken(digestOf('access'))
      await other.revokeGrant('g', start)
      assert.equal(await other.sweep(start + 5000, 100), 0)
      assert.notEqual(await one.findAccessToken(digestOf('access'), start), undefined)
      assert.notEqual(await one.findRefreshToken(digestOf('refresh')), undefined)
    })
  })

  describe('what is kept', () => {
    test('a server over it leaves no token, code or secret in any table', async () => {
      const [store] = freshStores()
      const { secret = assert.fail() } = await registerClient(store, { ...registration, id: 'app' })
      const app = basic('app', secret)
      const provider = new Server(new StoreValidator(store))
      const code = await obtainCode(provider, { redirect_uri: 'https://app.example/cb', scope: 'profile' })
      const redirect = { redirect_uri: 'https://app.example/cb' }
      const first = await provider.createTokenResponse(
        form({ grant_type: 'authorization_code', ...code, ...redirect }, app),
      )
      const refresh = { grant_type: 'refresh_token', refresh_token: text(first, 'refresh_token') }
      const second = await provider.createTokenResponse(form(refresh, app))
      const secrets = [secret, code.code, ...[first, second].map((response) => text(response, 'access_token'))]
      secrets.push(refresh.refresh_token, text(second, 'refresh_token'))
      const names = ['client', '"grant"', 'code', 'access_token', 'refresh_token', 'signing_key', 'grantry_migration']
      const dumps = await Promise.all(
        names.map((name) => pools[0].query<{ row: string }>(`SELECT x::text AS row FROM grantry.${name} AS x`)),
      )
      const dump = dumps.flatMap(({ rows }) => rows.map(({ row }) => row)).join('\n')
      assert.ok(dump.includes(Buffer.from(digestOf(code.code), 'base64url').toString('hex')), 'the digest is there')
      for (const each of secrets) {
        assert.ok(!dump.includes(each))
        assert.ok(!dump.includes(Buffer.from(each).toString('hex')))
      }
    })

    test('claims, names and times come back whatever is in them', async () => {
      const [store] = freshStores()
      const claims = {
        'a\u0000b': 'c\u0000d',
        quote: `'"\\$1`,
        deep: { emoji: '🔑', list: [1.5, -0.25, null, true, 2 ** 53 - 1] },
      }
      const row = accessRow('odd', undefined, { claims, clientId: `o'"\\x`, scopes: ['"a"', '\\'], expiresAt: 2 ** 52 })
      await store.putTokens({ access: row })
      assert.deepEqual(await store.findAccessToken(digestOf('odd'), start), row)
    })

    test('a client id that PostgreSQL cannot hold -> unknown', async () => {
      assert.equal(await freshStores()[0].findClient('app\0'), undefined)
    })

    const damages: [name: string, change: string][] = [
      ['scopes that are no list', `scopes = '{"read":true}'`],
      ['scopes that are not text', `scopes = '["read", 1]'`],
      ['resources that are no list', `resources = '"x"'`],
      ['claims that are a list', `claims = '[]'`],
      ['claims that are null', `claims = 'null'`],
      ['a time that is too large to be one', `family_expires_at = 9007199254740993`],
    ]
    for (const [name, change] of damages) {
      test(`${name} -> throws`, async () => {
        const [store] = freshStores()
        await fill(store)
        await pools[0].query(`UPDATE grantry.refresh_token SET ${change} WHERE realm = 'realm${realms - 1}'`)
        await assert.rejects(store.findRefreshToken(digestOf('refresh')), TypeError)
      })
    }

    test('a client saved under another id -> throws', async () => {
      const [store] = freshStores()
      await store.putClient({ id: 'app' })
      await pools[0].query(`UPDATE grantry.client SET id = 'other' WHERE realm = 'realm${realms - 1}'`)
      await assert.rejects(store.findClient('other'), TypeError)
    })
  })

  describe('statements', () => {
    test('each operation is one, without a name', async () => {
      const sent: string[] = []
      const counting: PostgresPool = {
        query(config) {
          assert.equal(config.name, undefined)
          sent.push(config.text)
          return pools[0].query(config)
        },
      }
      const store = new PostgresStore(counting, { realm: 'counted' })
      const key = { keyId: 'k', algorithm: 'RS256', privateKey: 'pem', createdAt: start }
      const operations: [name: string, run: () => Promise<unknown>][] = [
        ['putClient', () => store.putClient({ id: 'app' })],
        ['findClient', () => store.findClient('app')],
        ['putCode', () => store.putCode(codeRow('code', 'g'), grantRow('g'))],
        ['consumeCode', () => store.consumeCode(digestOf('code'), 'app', start)],
        ['consumeCode, again', () => store.consumeCode(digestOf('code'), 'app', start)],
        [
          'putTokens',
          () => store.putTokens({ grantId: 'g', access: accessRow('a', 'g'), refresh: refreshRow('refresh', 'g') }),
        ],
        [
          'putTokens that start a family',
          () => store.putTokens({ grant: grantRow('h'), refresh: refreshRow('h', 'h') }),
        ],
        ['findAccessToken', () => store.findAccessToken(digestOf('a'), start)],
        ['findRefreshToken', () => store.findRefreshToken(digestOf('refresh'))],
        ['rotateRefreshToken', () => store.rotateRefreshToken(rotationOf('1'))],
        ['rotateRefreshToken, replayed', () => store.rotateRefreshToken(rotationOf('2'))],
        ['rotateRefreshToken, reused', () => store.rotateRefreshToken(rotationOf('3', { now: start + 100 }))],
        ['rotateRefreshToken, unknown', () => store.rotateRefreshToken(rotationOf('4', { digest: digestOf('no') }))],
        ['revokeAccessToken', () => store.revokeAccessToken(digestOf('a'))],
        ['revokeGrant', () => store.revokeGrant('g', start)],
        ['putSigningKey', () => store.putSigningKey(key)],
        ['findSigningKeys', () => store.findSigningKeys()],
        ['sweep', () => store.sweep(start, 10)],
      ]
      for (const [name, run] of operations) {
        sent.length = 0
        await run()
        assert.equal(sent.length, 1, name)
      }
    })

    const errors: [code: string, attempts: number][] = [
      ['40001', 4],
      ['40P01', 4],
      ['23505', 1],
    ]
    for (const [code, attempts] of errors) {
      test(`an error ${code} that stays -> thrown after ${attempts} attempts`, async () => {
        let sent = 0
        const failing: PostgresPool = {
          query() {
            sent++
            return Promise.reject(Object.assign(new Error('refused'), { code }))
          },
        }
        await assert.rejects(new PostgresStore(failing).findClient('app'), { code })
        assert.equal(sent, attempts)
      })
    }

    test('they use the indices', async () => {
      const client = await pools[0].connect()
      const plans: string[] = []
      const explaining: PostgresPool = {
        async query(config) {
          const text = `EXPLAIN ${config.text}`
          const { rows } = await client.query<Record<string, string>>({ ...config, text })
          plans.push(rows.map((row) => row['QUERY PLAN']).join('\n'))
          return { rows: [] }
        },
      }
      const store = new PostgresStore(explaining)
      await client.query('BEGIN')
      await client.query('SET LOCAL enable_seqscan = off')
      await store.findClient('app')
      await store.consumeCode(digestOf('code'), 'app', start)
      await store.findAccessToken(digestOf('a'), start)
      await store.findRefreshToken(digestOf('r'))
      await store.rotateRefreshToken(rotationOf('1'))
      await store.putTokens({ grantId: 'g', extended: { digest: digestOf('r'), expiresAt: start } })
      await store.revokeGrant('g', start)
      await assert.rejects(store.sweep(start, 10), TypeError)
      await client.query('ROLLBACK')
      client.release()
      assert.equal(plans.length, 8)
      for (const plan of plans) assert.doesNotMatch(plan, /Seq Scan/)
    })
  })

  describe('migrations', () => {
    let schemas = 0
    const fresh = (): { readonly schema: string } => ({ schema: `odd "schema" of 'test' \\${schemas++}` })
    const table = ({ schema }: { readonly schema: string }): string =>
      `"${schema.replaceAll('"', '""')}".grantry_migration`

    test('a new database needs all, a migrated one none; doing it twice changes nothing', async () => {
      const where = fresh()
      assert.deepEqual(
        (await migrationPlan(pools[0], where)).map(({ version }) => version),
        [1],
      )
      assert.equal((await migrate(pools[0], where)).length, 1)
      assert.deepEqual(await migrationPlan(pools[0], where), [])
      assert.deepEqual(await migrate(pools[0], where), [])
      const store = new PostgresStore(pools[0], where)
      await fill(store)
      assert.notEqual(await store.findAccessToken(digestOf('access'), start), undefined)
    })

    test('8 processes at once -> all succeed, each step is done once', async () => {
      await rounds(5, async () => {
        const where = fresh()
        await times(8, (index) => migrate(pools[index % 2 === 0 ? 0 : 1], where))
        const { rows } = await pools[0].query<{ version: number }>(`SELECT version FROM ${table(where)}`)
        assert.deepEqual(rows, [{ version: 1 }])
      })
    })

    const refused: [name: string, problem: StoreError['problem'], change: (name: string) => string][] = [
      ['a step that is not ours', 'changed', (name) => `UPDATE ${name} SET checksum = 'x'`],
      ['a newer version', 'newer', (name) => `INSERT INTO ${name} VALUES (2, 'later', 'x')`],
    ]
    for (const [name, problem, change] of refused) {
      test(`${name} -> StoreError ${problem}`, async () => {
        const where = fresh()
        await migrate(pools[0], where)
        await pools[0].query(change(table(where)))
        const isRefusal = (thrown: unknown): boolean => thrown instanceof StoreError && thrown.problem === problem
        await assert.rejects(migrationPlan(pools[0], where), isRefusal)
        await assert.rejects(migrate(pools[0], where), isRefusal)
      })
    }

    test('a schema that another program fills -> the error of PostgreSQL, and nothing is made', async () => {
      const where = fresh()
      const quoted = table(where).replace('.grantry_migration', '')
      await pools[0].query(`CREATE SCHEMA ${quoted} CREATE TABLE ${quoted}.code (id integer)`)
      await assert.rejects(migrate(pools[0], where), { code: '42P07' })
      assert.equal((await migrationPlan(pools[0], where)).length, 1)
    })

    test('the schema is there and no other may be made -> migrates', async () => {
      await pools[0].query('CREATE ROLE limited LOGIN; CREATE SCHEMA given AUTHORIZATION limited')
      const pool = openPool({ user: 'limited' })
      await migrate(pool, { schema: 'given' })
      await fill(new PostgresStore(pool, { schema: 'given' }))
      await assert.rejects(migrate(pool, { schema: 'taken' }), { code: '42501' })
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
