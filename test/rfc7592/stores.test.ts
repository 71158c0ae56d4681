/** RFC 7591 and RFC 7592 over real databases: the compare-and-set of an update is theirs. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { createInitialAccessToken, Server, StoreValidator, sweepRegistrations, type Store } from 'grantry'
import { SqliteStore } from 'grantry/storage/sqlite'
import { describePostgres, freshStores } from '../storage/postgres-fixture.ts'
import { describeRedis, freshStores as freshRedisStores } from '../storage/redis-fixture.ts'
import { good, told, type Json } from '../support/registration.ts'
import { request } from '../support/requests.ts'

const now = 1_800_000_000

/** The life of a client at two nodes that share a store. */
const live = async (stores: readonly [Store, Store]): Promise<void> => {
  const nodes = stores.map(
    (store) =>
      new Server(new StoreValidator(store), { issuer: 'https://as.example', now: () => now, registration: {} }),
  )
  const at = (node: number, line: string, token: string, metadata?: Json) => {
    const [method = '', path = ''] = line.split(' ')
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
    const http = request(method, path, { headers, body: metadata === undefined ? '' : JSON.stringify(metadata) })
    return nodes[node % 2]?.handle(http) ?? assert.fail()
  }
  const [store] = stores
  const once = await createInitialAccessToken(store, { now, claims: { team: 'blue' } })
  const tries = await Promise.all(Array.from({ length: 6 }, (_, node) => at(node, 'POST /register', once, good)))
  assert.deepEqual(tries.map(({ status }) => status).sort(), [201, ...Array<number>(5).fill(401)])
  const registered = tries.find(({ status }) => status === 201) ?? assert.fail()
  const { id, token } = told(registered)

  const update = { ...good, client_id: id, client_name: 'Ä "quoted" \\ name', 'client_name#de': 'ß' }
  const updates = await Promise.all(
    Array.from({ length: 6 }, (_, node) => at(node, `PUT /register/${id}`, token, update)),
  )
  assert.deepEqual(updates.map(({ status }) => status).sort(), [200, ...Array<number>(5).fill(401)])
  const next = told(updates.find(({ status }) => status === 200) ?? assert.fail())
  const read = told(await at(1, `GET /register/${id}`, next.token))
  assert.deepEqual(read.body, next.body)

  assert.equal(await sweepRegistrations(store, { now: now + 59, unusedFor: 60 }), 0)
  assert.equal((await at(0, `DELETE /register/${id}`, next.token)).status, 204)
  assert.equal((await at(1, `GET /register/${id}`, next.token)).status, 401)

  const many = await createInitialAccessToken(store, { now, isReusable: true })
  for (let count = 0; count < 3; count++) told(await at(count, 'POST /register', many, good))
  assert.equal(await sweepRegistrations(store, { now: now + 60, unusedFor: 60 }), 3)
}

test('SQLite', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'grantry-registration-'))
  const stores = [new SqliteStore(join(folder, 'a.db')), new SqliteStore(join(folder, 'a.db'))] as const
  await live(stores)
  for (const store of stores) store.close()
  rmSync(folder, { recursive: true })
})

describePostgres('PostgreSQL', () => {
  test('two pools', () => live(freshStores()))
})

describeRedis('Redis', () => {
  test('two connections', async () => live(await freshRedisStores()))
})
