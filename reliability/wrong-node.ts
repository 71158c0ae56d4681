/**
 * A node on PostgreSQL that is wrong on purpose, for negative controls. Takes what is wrong with it and the URL of the database.
 * `checks, then writes`: whether a code or a refresh token was used is read, and written by a second statement.
 * `waits for ever`: no limit is set to the wait for the database.
 */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Rotation, RotationResult, Store } from 'grantry'
import { toNodeHandler } from 'grantry/node'
import { PostgresStore } from 'grantry/storage/postgres'
import pg from 'pg'
import { interceptStore } from '../packages/grantry/src/testing/intercept-store.ts'
import { codeOf, makeServer } from '../packages/grantry/src/testing/sample-provider.ts'

const [, , wrong, connectionString] = process.argv
const pool = new pg.Pool({ connectionString, max: 10 })
pool.on('error', () => undefined)

const bytes = (digest: string): Buffer => Buffer.from(digest, 'base64url')

const consumeCode = async (digest: string, now: number) => {
  const select = 'SELECT client_id, grant_id FROM grantry.code WHERE digest = $1 AND consumed_at IS NULL'
  const [row] = (await pool.query<{ client_id: string; grant_id: string }>(select, [bytes(digest)])).rows
  if (row === undefined) return 'reused'
  await pool.query('UPDATE grantry.code SET consumed_at = $2 WHERE digest = $1', [bytes(digest), now])
  return { ...codeOf('', row.client_id, row.grant_id, now)[0], digest }
}

const rotate = async (store: Store, rotation: Rotation): Promise<RotationResult> => {
  const { digest, now, successor, access } = rotation
  const found = await store.findRefreshToken(digest)
  if (found?.supersededAt !== undefined) return store.rotateRefreshToken(rotation)
  await pool.query('UPDATE grantry.refresh_token SET superseded_at = $2, sealed = $3 WHERE digest = $1', [
    ...[bytes(digest), now, rotation.sealed],
  ])
  await store.putTokens({ grantId: successor.grantId, refresh: successor, access })
  return { outcome: 'rotated' }
}

const checkThenWrite = (store: Store): Store =>
  interceptStore(store, ({ name, arguments: given, run }) => {
    if (name === 'consumeCode') return consumeCode(String(given[0]), Number(given[2]))
    if (name === 'rotateRefreshToken') return rotate(store, given[0] as Rotation) // by the contract
    return run()
  })

const store = new PostgresStore(pool)
const server =
  wrong === 'waits for ever' ? makeServer(store, {}, { storeTimeoutMs: 600_000 }) : makeServer(checkThenWrite(store))
const answer = toNodeHandler(server)
const http = createServer((message, to) => {
  if (message.method === 'GET') to.end('{}')
  else answer(message, to)
})
http.listen(0, '127.0.0.1', () => {
  const { port } = http.address() as AddressInfo // of a server that listens on a port
  console.log(`Grantry is running at http://127.0.0.1:${port}. It ${wrong ?? ''}, on purpose.`)
})
