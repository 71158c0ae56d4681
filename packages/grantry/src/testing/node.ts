/** For tests on Node: a test issuer that listens. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { toNodeHandler } from '../adapters/node.ts'
import { createTestIssuer, type TestIssuer, type TestIssuerOptions } from './test-issuer.ts'

export {
  createTestIssuer,
  TestIssuer,
  type ScriptedFailure,
  type TestClient,
  type TestIssuerOptions,
  type TestToken,
  type TestUser,
} from './test-issuer.ts'

/** A test issuer at a port of this machine. */
export type RunningTestIssuer = TestIssuer & {
  /** Ends it, with the requests that hang. */
  close(): Promise<void>
}

/**
 * Starts a test issuer at a free port of this machine: its discovery document, keys and endpoints are below `issuer`, for whatever client
 * library or API is to be tested.
 */
export const startTestIssuer = async (options: TestIssuerOptions = {}): Promise<RunningTestIssuer> => {
  const http = createServer().listen(0, '127.0.0.1')
  await once(http, 'listening')
  const { port } = http.address() as AddressInfo // null and string are for pipes
  const issuer = await createTestIssuer({ issuer: `http://127.0.0.1:${port}`, ...options })
  http.on('request', toNodeHandler(issuer))
  const close = async (): Promise<void> => {
    http.close()
    http.closeAllConnections()
    await once(http, 'close')
  }
  return Object.assign(issuer, { close })
}
