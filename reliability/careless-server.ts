/** The negative control of the full disk: tokens that could not be saved are reported as saved. Takes the folder of the database. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { toNodeHandler } from 'grantry/node'
import { SqliteStore } from 'grantry/storage/sqlite'
import { interceptStore } from '../packages/grantry/src/testing/intercept-store.ts'
import { makeServer } from '../packages/grantry/src/testing/sample-provider.ts'

const file = new SqliteStore(join(process.argv[2] ?? '', 'grantry.db'))
const store = interceptStore(file, ({ name, run }) => {
  if (name !== 'putTokens') return run()
  return Promise.resolve(run()).catch(() => true)
})

const http = createServer(toNodeHandler(makeServer(store)))
http.listen(0, '127.0.0.1', () => {
  const { port } = http.address() as AddressInfo // of a server that listens on a port
  console.log(`Grantry is running at http://127.0.0.1:${port}. It calls failed saves done, on purpose.`)
})
