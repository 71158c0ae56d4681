import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after } from 'node:test'
import { registerClient } from 'grantry'
import { startServer } from 'grantry-server'
import { SqliteStore } from 'grantry/storage/sqlite'
import { Browser } from '../server/browser.ts'

/** A server as users start it, for one file of tests: SQLite, signed tokens, login and consent pages. */
export interface InteropServer {
  readonly issuer: string
  readonly confidential: { readonly id: string; readonly secret: string }
  /** Has no secret. */
  readonly publicClient: { readonly id: string }
  /** A loopback redirect URI of every client; the port may be any. */
  readonly redirectUri: string
  /** Logs in, approves what the URL asks for, and gives the URL that the browser is sent to. */
  readonly approve: (authorizationUrl: URL | string) => Promise<URL>
}

const redirectUri = 'http://127.0.0.1/callback'
const shared = {
  grantTypes: ['authorization_code', 'client_credentials', 'refresh_token'],
  scopes: ['read', 'write'],
  redirectUris: [redirectUri],
}

/** Starts the server; it stops after the tests of the file. */
export const startInteropServer = async (): Promise<InteropServer> => {
  const data = mkdtempSync(join(tmpdir(), 'grantry-interop-'))
  const server = await startServer({ port: 0, data, log: () => undefined })
  const { username, password = '' } = server.firstStart ?? { username: '' }
  const store = new SqliteStore(join(data, 'grantry.db'))
  const { client, secret = '' } = await registerClient(store, { ...shared, id: 'interop' })
  const { client: publicClient } = await registerClient(store, {
    ...shared,
    id: 'interop-public',
    authMethods: ['none'],
  })
  store.close()
  after(async () => {
    await server.close()
    rmSync(data, { recursive: true })
  })
  const approve = async (authorizationUrl: URL | string): Promise<URL> => {
    const { pathname, search } = new URL(authorizationUrl)
    const answer = await new Browser(server.issuer).clickThrough(pathname + search, username, password)
    return new URL(answer.location)
  }
  return { issuer: server.issuer, confidential: { id: client.id, secret }, publicClient, redirectUri, approve }
}
