import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after } from 'node:test'
import { deviceCodeGrantType, registerClient, type ClientRegistration } from 'grantry'
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
  /** A registered place for the browser after a logout. */
  readonly afterLogout: string
  /** The user who logs in. */
  readonly user: { readonly username: string; readonly password: string }
  readonly newBrowser: () => Browser
  /** Logs in, approves what the URL asks for, and gives the URL that the browser is sent to. */
  readonly approve: (authorizationUrl: URL | string, browser?: Browser) => Promise<URL>
  /** Registers a client of the test's own, and gives its secret. */
  readonly register: (client: ClientRegistration) => Promise<string>
  /** Lets a client send browsers to one more place after a logout. */
  readonly addAfterLogout: (id: string, uri: string) => Promise<void>
}

const redirectUri = 'http://127.0.0.1/callback'
const afterLogout = 'http://127.0.0.1/bye'
const shared = {
  grantTypes: ['authorization_code', 'client_credentials', 'refresh_token', deviceCodeGrantType],
  responseTypes: ['code', 'id_token', 'code id_token'],
  scopes: ['openid', 'profile', 'email', 'offline_access', 'read', 'write'],
  redirectUris: [redirectUri],
  postLogoutRedirectUris: [afterLogout],
}

/** Starts the server; it stops after the tests of the file. */
export const startInteropServer = async (): Promise<InteropServer> => {
  const data = mkdtempSync(join(tmpdir(), 'grantry-interop-'))
  const server = await startServer({ port: 0, data, requestObjects: true, log: () => undefined })
  const { username, password = '' } = server.firstStart ?? { username: '' }
  const store = new SqliteStore(join(data, 'grantry.db'))
  const { client, secret = '' } = await registerClient(store, { ...shared, id: 'interop' })
  const { client: publicClient } = await registerClient(store, {
    ...shared,
    id: 'interop-public',
    authMethods: ['none'],
  })
  const register = async (registration: ClientRegistration): Promise<string> =>
    (await registerClient(store, { ...shared, ...registration })).secret ?? ''
  const addAfterLogout = async (id: string, uri: string): Promise<void> => {
    const known = (await store.findClient(id)) ?? assert.fail()
    await store.putClient({ ...known, postLogoutRedirectUris: [...(known.postLogoutRedirectUris ?? []), uri] })
  }
  after(async () => {
    await server.close()
    store.close()
    rmSync(data, { recursive: true })
  })
  const newBrowser = (): Browser => new Browser(server.issuer)
  const approve = async (authorizationUrl: URL | string, browser = newBrowser()): Promise<URL> => {
    const { pathname, search } = new URL(authorizationUrl)
    return new URL((await browser.clickThrough(pathname + search, username, password)).location)
  }
  const clients = { confidential: { id: client.id, secret }, publicClient, register, addAfterLogout }
  const pages = { user: { username, password }, newBrowser, approve, afterLogout }
  return { issuer: server.issuer, redirectUri, ...clients, ...pages }
}
