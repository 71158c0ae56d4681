/** What PostgresStore keeps and how it asks for it: realms apart, values that come back, one statement with an index each. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Server, StoreValidator, registerClient } from 'grantry'
import { PostgresStore, type PostgresPool } from 'grantry/storage/postgres'
import { obtainCode, registration } from '../support/provider.ts'
import { basic, form, text } from '../support/requests.ts'
import { pools, realm, freshStores, fill, rotationIn, describePostgres } from './postgres-fixture.ts'
import { accessRow, codeRow, digestOf, grantRow, refreshRow, rotationOf, start } from './rows.ts'

describePostgres('PostgresStore, its rows', () => {
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
      await one.revokeAccessToken(digestOf('access'), start + 600, start)
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
      await other.revokeAccessToken(digestOf('access'), start + 600, start)
      await other.revokeGrant('g', start)
      assert.equal(await other.sweep(start + 5000, 100), 1, 'the marker of what was revoked here')
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
        await pools[0].query(`UPDATE grantry.refresh_token SET ${change} WHERE realm = '${realm}'`)
        await assert.rejects(async () => store.findRefreshToken(digestOf('refresh')), TypeError)
      })
    }

    test('a client saved under another id -> throws', async () => {
      const [store] = freshStores()
      await store.putClient({ id: 'app' })
      await pools[0].query(`UPDATE grantry.client SET id = 'other' WHERE realm = '${realm}'`)
      await assert.rejects(async () => store.findClient('other'), TypeError)
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
      const operations: [name: string, run: () => unknown][] = [
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
        ['revokeAccessToken', () => store.revokeAccessToken(digestOf('a'), start + 600, start)],
        ['revokeGrant', () => store.revokeGrant('g', start)],
        ['putSigningKey', () => store.putSigningKey(key)],
        ['findSigningKeys', () => store.findSigningKeys()],
        ['deleteSigningKey', () => store.deleteSigningKey('k')],
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
        await assert.rejects(async () => new PostgresStore(failing).findClient('app'), { code })
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
      await assert.rejects(async () => store.sweep(start, 10), TypeError)
      await client.query('ROLLBACK')
      client.release()
      assert.equal(plans.length, 8)
      for (const plan of plans) assert.doesNotMatch(plan, /Seq Scan/)
    })
  })
})
