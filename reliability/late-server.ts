/**
 * The negative control of the kill experiment: answers before it writes. New tokens and the use of codes wait in memory and reach the
 * file every second. Takes the folder of the database.
 */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { CodeRow } from 'grantry'
import { toNodeHandler } from 'grantry/node'
import { SqliteStore } from 'grantry/storage/sqlite'
import { codeOf, makeServer } from '../packages/grantry/src/testing/sample-provider.ts'
import { interceptStore } from '../packages/grantry/src/testing/intercept-store.ts'

const path = join(process.argv[2] ?? '', 'grantry.db')
const file = new SqliteStore(path)
const reader = new DatabaseSync(path, { readOnly: true })
const unused = reader.prepare('SELECT client_id, grant_id FROM code WHERE digest = ? AND consumed_at IS NULL')

const waiting: (() => unknown)[] = []
const taken = new Set<string>()

const takeCode = (digest: string, now: number): CodeRow | 'reused' => {
  const row = taken.has(digest) ? undefined : unused.get(Buffer.from(digest, 'base64url'))
  if (row === undefined) return 'reused'
  taken.add(digest)
  const [code] = codeOf('', String(row['client_id']), String(row['grant_id']), now)
  return { ...code, digest }
}

const store = interceptStore(file, ({ name, arguments: [digest], run }) => {
  if (name !== 'putTokens' && name !== 'consumeCode') return run()
  waiting.push(run)
  return name === 'putTokens' ? true : takeCode(String(digest), Math.floor(Date.now() / 1000))
})
setInterval(() => waiting.splice(0).forEach((write) => void write()), 1000)

const http = createServer(toNodeHandler(makeServer(store)))
http.listen(0, '127.0.0.1', () => {
  const { port } = http.address() as AddressInfo // of a server that listens on a port
  console.log(`Grantry is running at http://127.0.0.1:${port}. It answers before it writes, on purpose.`)
})
