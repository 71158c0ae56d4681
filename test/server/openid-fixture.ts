/** A server as users start it, with clients of every kind and a clock that the test moves. */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after } from 'node:test'
import { deviceCodeGrantType, registerClient, type Client } from 'grantry'
import { startServer, type LogRecord, type ServerOptions } from 'grantry-server'
import { SqliteStore } from 'grantry/storage/sqlite'
import { createRemoteJWKSet, jwtVerify, type JWTPayload } from 'jose'
import { Browser, type Page } from './browser.ts'

const folder = mkdtempSync(join(tmpdir(), 'grantry-openid-'))
const clock = { now: 1_800_000_000 }
export { clock }

export const redirectUri = 'https://app.example/cb'
const verifier = 'v'.repeat(43)
const common = {
  grantTypes: ['authorization_code', 'refresh_token', deviceCodeGrantType],
  scopes: ['openid', 'profile', 'email', 'offline_access', 'read', 'write'],
  redirectUris: [redirectUri, 'https://other.example/cb'],
}

/** What of a client differs from the confidential one. */
export type ClientChange = Partial<Client> & { readonly firstParty?: boolean; readonly allowedCorsOrigins?: string[] }

/** Starts a server with the confidential client `app`, the public clients `spa`, `own` and `tool`, and the user `dev`. */
export const startOpenId = async (options: ServerOptions = {}) => {
  const records: LogRecord[] = []
  const data = join(folder, String(Math.random()).slice(2))
  const log = (record: LogRecord): void => void records.push(record)
  const server = await startServer({ port: 0, data, log, now: () => clock.now, ...options })
  after(() => server.close())
  const { username, password = '' } = server.firstStart ?? assert.fail()
  const store = new SqliteStore(join(data, 'grantry.db'))
  after(() => store.close())
  const { secret = '' } = await registerClient(store, { ...common, id: 'app', name: 'The App' })
  const publicOnes: [id: string, change: ClientChange][] = [
    ['spa', {}],
    ['own', { firstParty: true }],
    ['tool', { firstParty: true, redirectUris: ['http://127.0.0.1/cb'] }],
  ]
  for (const [id, change] of publicOnes)
    await registerClient(store, { ...common, id, authMethods: ['none'], ...change })
  const good = {
    ...{ response_type: 'code', client_id: 'app', redirect_uri: redirectUri, scope: 'openid read', state: 'st' },
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  }
  /** The path of an authorization request that differs from a good one. */
  const path = (change: Readonly<Record<string, string>> = {}): string =>
    `/authorize?${new URLSearchParams({ ...good, ...change }).toString()}`
  const changeClient = async (id: string, change: ClientChange): Promise<void> => {
    const client = (await store.findClient(id)) ?? assert.fail()
    await store.putClient({ ...client, ...change })
  }
  const post = async (at: string, fields: Readonly<Record<string, string>>): Promise<Record<string, unknown>> => {
    const headers: Record<string, string> =
      'client_id' in fields ? {} : { Authorization: `Basic ${btoa(`app:${encodeURIComponent(secret)}`)}` }
    const response = await fetch(server.url + at, { method: 'POST', headers, body: new URLSearchParams(fields) })
    const text = await response.text()
    return text === '' ? {} : (JSON.parse(text) as Record<string, unknown>)
  }
  const redeem = (answer: Page, redirect = redirectUri): Promise<Record<string, unknown>> => {
    const code = new URL(answer.location).searchParams.get('code') ?? assert.fail(answer.location)
    const fields = { grant_type: 'authorization_code', code, redirect_uri: redirect, code_verifier: verifier }
    return post('/token', fields)
  }
  const keys = createRemoteJWKSet(new URL(`${server.url}/jwks`))
  const claimsOf = async (idToken: unknown, audience = 'app'): Promise<JWTPayload> => {
    const currentDate = new Date(clock.now * 1000)
    return (await jwtVerify(String(idToken), keys, { issuer: server.issuer, audience, currentDate })).payload
  }
  const browser = (): Browser => new Browser(server.url)
  /** A browser that is logged in, and has consented to nothing. */
  const loggedIn = async (): Promise<Browser> => {
    const made = browser()
    const page = await made.submit(await made.get('/login'), 'login', { username, password })
    assert.equal(page.location, '/')
    return made
  }
  return {
    server,
    store,
    records,
    username,
    password,
    path,
    changeClient,
    post,
    redeem,
    claimsOf,
    browser,
    loggedIn,
    data,
  }
}

export type OpenId = Awaited<ReturnType<typeof startOpenId>>

after(() => rmSync(folder, { recursive: true, force: true }))

/** What the browser reached: the id of a form, or what was sent to the client. */
export const reached = (page: Page): string => {
  if (page.location !== '') {
    const { searchParams } = new URL(page.location)
    return searchParams.get('error') ?? (searchParams.has('code') ? 'code' : page.location)
  }
  return /<form id="(\w+)"/.exec(page.text)?.[1] ?? `${page.status}`
}
