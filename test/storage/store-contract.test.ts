import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import type { Client, Store } from 'grantry'
import { MemoryStore } from 'grantry/storage/memory'
import { SqliteStore } from 'grantry/storage/sqlite'
import { accessRow, codeRow, digestOf, grantRow, refreshRow, start } from './rows.ts'

const folder = mkdtempSync(join(tmpdir(), 'grantry-store-'))
after(() => rmSync(folder, { recursive: true }))

let files = 0
/** Each gives the views of one fresh store that several callers may use at once. */
const backends: [name: string, open: () => [Store, ...Store[]]][] = [
  ['MemoryStore', () => [new MemoryStore()]],
  ['SqliteStore in memory', () => [new SqliteStore(':memory:')]],
  [
    'SqliteStore, two connections on one file',
    () => {
      const path = join(folder, `${files++}.db`)
      return [new SqliteStore(path), new SqliteStore(path)]
    },
  ],
]

const eightTimes = <Result>(stores: readonly Store[], call: (store: Store, index: number) => Result) =>
  Promise.all(
    Array.from({ length: 8 }, async (_, index) => call(stores[index % stores.length] ?? assert.fail(), index)),
  )

const count = (outcomes: readonly unknown[], outcome: unknown): number =>
  outcomes.filter((each) => each === outcome).length

const client: Client = {
  id: 'app',
  secrets: ['sha256:x'],
  authMethods: ['client_secret_basic'],
  redirectUris: ['https://app.example/cb?x=1'],
  scopes: ['read'],
}

/** A store in which grant `g` has the code `code`, the access token `access` and the refresh token `refresh`. */
const filled = async (store: Store): Promise<void> => {
  await store.putCode(codeRow('code', 'g'), grantRow('g'))
  assert.equal(
    await store.putTokens({ grantId: 'g', access: accessRow('access', 'g'), refresh: refreshRow('refresh', 'g') }),
    true,
  )
}

const isRevoked = async (store: Store): Promise<boolean> => {
  const access = await store.findAccessToken(digestOf('access'), start)
  const refresh = await store.findRefreshToken(digestOf('refresh'))
  assert.equal(access === undefined, refresh === undefined, 'access and refresh token are revoked together')
  return access === undefined
}

const rotation = (name: string) => ({
  digest: digestOf('refresh'),
  successor: refreshRow(`successor${name}`, 'g'),
  access: accessRow(`access${name}`, 'g'),
  now: start,
})

type Check = (store: Store, stores: readonly Store[]) => Promise<void>

const clients: [name: string, check: Check][] = [
  [
    'a client comes back as it was saved',
    async (store) => {
      await store.putClient(client)
      assert.deepEqual(await store.findClient('app'), client)
      assert.equal(await store.findClient('App'), undefined)
      await store.putClient({ id: 'app' })
      assert.deepEqual(await store.findClient('app'), { id: 'app' })
    },
  ],
  [
    'signing keys come back, oldest first',
    async (store) => {
      const key = { keyId: 'k1', algorithm: 'RS256', privateKey: 'pem', createdAt: start }
      await store.putSigningKey(key)
      await store.putSigningKey({ ...key, keyId: 'k2' })
      assert.deepEqual(await store.findSigningKeys(), [key, { ...key, keyId: 'k2' }])
    },
  ],
]

const codes: [name: string, check: Check][] = [
  [
    'a code comes back as it was saved',
    async (store) => {
      await filled(store)
      assert.deepEqual(await store.consumeCode(digestOf('code'), 'app', start), codeRow('code', 'g'))
    },
  ],
  [
    'a code without anything optional comes back as it was saved',
    async (store) => {
      const bare = {
        redirectUri: undefined,
        codeChallenge: undefined,
        codeChallengeMethod: undefined,
        resources: [],
        claims: {},
      }
      const row = codeRow('bare', 'g', { ...bare, scopes: [] })
      await store.putCode(row, grantRow('g'))
      assert.deepEqual(await store.consumeCode(digestOf('bare'), 'app', start), row)
    },
  ],
  [
    'a code at 8 callers at once -> one row, 7 times reused',
    async (store, stores) => {
      await filled(store)
      const outcomes = await eightTimes(stores, (each) => each.consumeCode(digestOf('code'), 'app', start))
      assert.equal(outcomes.filter((each) => typeof each === 'object').length, 1)
      assert.equal(count(outcomes, 'reused'), 7)
    },
  ],
  [
    'a code of another client -> nothing, and it stays usable',
    async (store) => {
      await filled(store)
      assert.equal(await store.consumeCode(digestOf('code'), 'other', start), undefined)
      assert.equal(typeof (await store.consumeCode(digestOf('code'), 'app', start)), 'object')
      assert.equal(await store.consumeCode(digestOf('code'), 'other', start), undefined)
      assert.equal(await isRevoked(store), false)
    },
  ],
  [
    'a code used twice -> its family is revoked',
    async (store) => {
      await filled(store)
      await store.consumeCode(digestOf('code'), 'app', start)
      assert.equal(await isRevoked(store), false)
      assert.equal(await store.consumeCode(digestOf('code'), 'app', start), 'reused')
      assert.equal(await isRevoked(store), true)
      assert.equal(await store.putTokens({ grantId: 'g', access: accessRow('late', 'g') }), false)
    },
  ],
  [
    'a code is live until, not at, its expiry',
    async (store) => {
      await filled(store)
      assert.equal(await store.consumeCode(digestOf('code'), 'app', start + 60), undefined)
      assert.equal(typeof (await store.consumeCode(digestOf('code'), 'app', start + 59)), 'object')
      assert.equal(await store.consumeCode(digestOf('code'), 'app', start + 60), undefined)
      assert.equal(await isRevoked(store), false)
    },
  ],
  [
    'an unknown code -> nothing',
    async (store) => assert.equal(await store.consumeCode(digestOf('no'), 'app', start), undefined),
  ],
]

const tokens: [name: string, check: Check][] = [
  [
    'tokens come back as they were saved',
    async (store) => {
      await filled(store)
      assert.deepEqual(await store.findAccessToken(digestOf('access'), start), accessRow('access', 'g'))
      assert.deepEqual(await store.findRefreshToken(digestOf('refresh')), {
        ...refreshRow('refresh', 'g'),
        superseded: false,
      })
    },
  ],
  [
    'a token of a client for itself needs no family',
    async (store) => {
      const row = accessRow('own', undefined, { audience: [], claims: {} })
      assert.equal(await store.putTokens({ access: row }), true)
      assert.deepEqual(await store.findAccessToken(digestOf('own'), start), row)
    },
  ],
  [
    'tokens can start a family',
    async (store) => {
      const refresh = refreshRow('refresh', 'g')
      assert.equal(await store.putTokens({ grant: grantRow('g'), access: accessRow('access', 'g'), refresh }), true)
      assert.equal(await isRevoked(store), false)
      await store.revokeGrant('g', start)
      assert.equal(await isRevoked(store), true)
    },
  ],
  [
    'tokens for an unknown family -> false, nothing saved',
    async (store) => {
      assert.equal(await store.putTokens({ grantId: 'no', access: accessRow('access', 'no') }), false)
      assert.equal(await store.findAccessToken(digestOf('access'), start), undefined)
    },
  ],
  [
    'tokens for a revoked family -> false, nothing saved',
    async (store) => {
      await filled(store)
      await store.revokeGrant('g', start)
      const refresh = refreshRow('late', 'g')
      assert.equal(await store.putTokens({ grantId: 'g', access: accessRow('late', 'g'), refresh }), false)
      assert.equal(await store.findAccessToken(digestOf('late'), start), undefined)
      assert.equal(await store.findRefreshToken(digestOf('late')), undefined)
    },
  ],
  [
    'an access token is live until, not at, its expiry',
    async (store) => {
      await filled(store)
      assert.notEqual(await store.findAccessToken(digestOf('access'), start + 599), undefined)
      assert.equal(await store.findAccessToken(digestOf('access'), start + 600), undefined)
    },
  ],
  [
    'a revoked access token is gone, the rest of its family is not',
    async (store) => {
      await filled(store)
      await store.revokeAccessToken(digestOf('access'))
      assert.equal(await store.findAccessToken(digestOf('access'), start), undefined)
      assert.notEqual(await store.findRefreshToken(digestOf('refresh')), undefined)
      await store.revokeAccessToken(digestOf('access'))
    },
  ],
]

const rotations: [name: string, check: Check][] = [
  [
    'a rotation supersedes the token and saves the new ones',
    async (store) => {
      await filled(store)
      assert.equal(await store.rotateRefreshToken(rotation('1')), 'rotated')
      assert.equal((await store.findRefreshToken(digestOf('refresh')))?.superseded, true)
      assert.deepEqual(await store.findRefreshToken(digestOf('successor1')), {
        ...refreshRow('successor1', 'g'),
        superseded: false,
      })
      assert.notEqual(await store.findAccessToken(digestOf('access1'), start), undefined)
      assert.notEqual(await store.findAccessToken(digestOf('access'), start), undefined)
    },
  ],
  [
    'a rotation at 8 callers at once -> one rotated, one reused that revokes, the rest unknown',
    async (store, stores) => {
      await filled(store)
      const outcomes = await eightTimes(stores, (each, index) => each.rotateRefreshToken(rotation(String(index))))
      assert.deepEqual([count(outcomes, 'rotated'), count(outcomes, 'reused'), count(outcomes, 'unknown')], [1, 1, 6])
      for (let index = 0; index < 8; index++) {
        assert.equal(await store.findRefreshToken(digestOf(`successor${index}`)), undefined)
        assert.equal(await store.findAccessToken(digestOf(`access${index}`), start), undefined)
      }
    },
  ],
  [
    'a rotation after revocation -> unknown, nothing saved',
    async (store) => {
      await filled(store)
      await store.revokeGrant('g', start)
      assert.equal(await store.rotateRefreshToken(rotation('')), 'unknown')
      assert.equal(await store.findRefreshToken(digestOf('successor')), undefined)
    },
  ],
  [
    'revocation after a rotation ends the successor',
    async (store) => {
      await filled(store)
      await store.rotateRefreshToken(rotation('1'))
      await store.revokeGrant('g', start)
      assert.equal(await store.findRefreshToken(digestOf('successor1')), undefined)
      assert.equal(await store.findAccessToken(digestOf('access1'), start), undefined)
    },
  ],
  [
    'a rotation of an expired or unknown token -> unknown, the family lives',
    async (store) => {
      await filled(store)
      assert.equal(await store.rotateRefreshToken({ ...rotation(''), now: start + 1000 }), 'unknown')
      assert.equal(await store.rotateRefreshToken({ ...rotation(''), digest: digestOf('no') }), 'unknown')
      assert.equal(await isRevoked(store), false)
    },
  ],
]

const sweeps: [name: string, check: Check][] = [
  [
    'sweep deletes what expired, up to the limit',
    async (store) => {
      for (let index = 0; index < 5; index++)
        await store.putCode(codeRow(`code${index}`, `g${index}`), grantRow(`g${index}`))
      await filled(store)
      assert.equal(await store.sweep(start + 59, 100), 0)
      assert.equal(await store.sweep(start + 60, 4), 4)
      assert.equal(await store.sweep(start + 60, 4), 2)
      assert.equal(await store.sweep(start + 60, 4), 0)
      assert.equal(await isRevoked(store), false)
      assert.equal(await store.sweep(start + 1000, 100), 2)
      assert.equal(await store.findRefreshToken(digestOf('refresh')), undefined)
    },
  ],
  [
    'a family is forgotten with its last row',
    async (store) => {
      await filled(store)
      await store.sweep(start + 1000, 100)
      assert.equal(await store.putTokens({ grantId: 'g', access: accessRow('late', 'g') }), false)
    },
  ],
]

for (const [name, open] of backends) {
  describe(name, () => {
    for (const [title, check] of [...clients, ...codes, ...tokens, ...rotations, ...sweeps]) {
      test(title, async () => {
        const stores = open()
        await check(stores[0], stores)
        for (const store of stores) if (store instanceof SqliteStore) store.close()
      })
    }
  })
}
