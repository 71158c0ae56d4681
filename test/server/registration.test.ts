/** Clients that register themselves (RFC 7591, RFC 7592) and the requests that they sign, at servers on SQLite and on PostgreSQL. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { request as httpRequest, type RequestListener } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { createInitialAccessToken, systemClock, type Client, type Store } from 'grantry'
import { startServer, StartError, type RunningServer, type ServerOptions } from 'grantry-server'
import { exportJWK, generateKeyPair } from 'jose'
import * as client from 'openid-client'
import { openData } from '../../packages/server/src/data.ts'
import { sweepUnusedClients } from '../../packages/server/src/registration-sweep.ts'
import { startPostgres, whyNoPostgres, type PostgresServer } from '../storage/postgres-server.ts'
import { startOtherServer } from '../support/other-server.ts'
import { Browser, type Page } from './browser.ts'
import { grantryServer } from './command.ts'
import { cluster, migrateUp, safeSettings, urlOf } from './nodes.ts'
import { reached } from './openid-fixture.ts'

const folder = mkdtempSync(join(tmpdir(), 'grantry-registration-'))
after(() => rmSync(folder, { recursive: true, force: true }))

/** The server of the clients: their keys, and their requests. */
let pages: Record<string, string> = {}
const serve: RequestListener = (request, response) => {
  const type = request.url === '/jwks' ? 'application/json' : 'application/oauth-authz-req+jwt'
  response.writeHead(pages[request.url ?? ''] === undefined ? 404 : 200, { 'content-type': type })
  response.end(pages[request.url ?? ''] ?? '')
}
const theirs = await startOtherServer(serve)
const inside = await startOtherServer(serve) // a host that nobody named

const redirectUri = 'https://rp.example/cb'
const metadata = { client_name: 'Their app', redirect_uris: [redirectUri], scope: 'openid email read' }
const options: ServerOptions = {
  ...{ registration: 'token', registrationScopes: ['read'], requestObjects: true },
  allowPrivateHosts: [`127.0.0.1:${theirs.port}`],
}

type Json = Readonly<Record<string, unknown>>

/** Servers of one database, and what tests do there. */
interface Site {
  readonly nodes: readonly RunningServer[]
  readonly store: Store
  /** Where its data is, as arguments of a command. */
  readonly data: readonly string[]
  /** Seconds by which its clock is ahead of that of the machine, which the clients of others look at. */
  readonly clock: { ahead: number }
  readonly user: { readonly username: string; readonly password: string }
  close(): Promise<void>
}

const where = (database: string | undefined, data: string) => ({
  ...{ data, database, databaseWait: 5, databasePool: 2, create: true, allowUnsafeDurability: false },
  log: () => undefined,
})

const startSite = async (database: string | undefined, count: number, change: ServerOptions = {}): Promise<Site> => {
  const folderOfData = join(folder, String(Math.random()).slice(2))
  const clock = { ahead: 0 }
  const place = { data: folderOfData, ...(database !== undefined && { database }) }
  const all = {
    ...cluster,
    ...place,
    log: () => undefined,
    now: () => systemClock() + clock.ahead,
    ...options,
    ...change,
  }
  const nodes: RunningServer[] = []
  for (let index = 0; index < count; index++) nodes.push(await startServer(all))
  const { username, password = '' } = nodes[0]?.firstStart ?? assert.fail('it is no first start')
  const data = await openData(where(database, folderOfData))
  return {
    ...{ nodes, store: data.store, clock, user: { username, password } },
    data: database === undefined ? ['--data', folderOfData] : ['--database', database],
    close: async () => {
      for (const node of nodes) await node.close()
      await data.close()
    },
  }
}

/** The next node of a site, in turn. */
const nodesInTurn = ({ nodes }: Site): (() => string) => {
  let turn = 0
  return () => nodes[turn++ % nodes.length]?.url ?? assert.fail()
}

/** Sends what goes to the issuer to one node after the other, as a balancer does. */
const balanced = (site: Site): client.CustomFetch => {
  const next = nodesInTurn(site)
  return (url, init) => {
    const { pathname, search } = new URL(url)
    return fetch(next() + pathname + search, init)
  }
}

const insecure = [client.allowInsecureRequests] // eslint-disable-line @typescript-eslint/no-deprecated -- deprecated to warn of its use outside tests

const newToken = ({ store }: Site, isReusable = false): Promise<string> =>
  createInitialAccessToken(store, { now: systemClock(), isReusable })

const register = async (
  site: Site,
  more: Json = {},
  authentication = client.ClientSecretBasic(),
): Promise<client.Configuration> => {
  const asked = { initialAccessToken: await newToken(site), execute: insecure, [client.customFetch]: balanced(site) }
  return client.dynamicClientRegistration(new URL(cluster.issuer), { ...metadata, ...more }, authentication, asked)
}

const verifier = 'v'.repeat(43)
const parametersOf = async (more: Readonly<Record<string, string>> = {}): Promise<Record<string, string>> => ({
  ...{ redirect_uri: redirectUri, scope: 'openid email read', state: 's', nonce: 'n' },
  ...{ code_challenge: await client.calculatePKCECodeChallenge(verifier), code_challenge_method: 'S256', ...more },
})
const pathOf = ({ pathname, search }: URL): string => pathname + search

/** Logs in and consents at another node than the one that was asked last, and gives the answer to the client. */
const approve = async (site: Site, url: URL): Promise<Page> => {
  const { username, password } = site.user
  return new Browser(site.nodes.at(-1)?.url ?? '').clickThrough(pathOf(url), username, password)
}

/** Gets tokens for an answer, and the user that they are for. */
const redeem = async (config: client.Configuration, { location }: Page): Promise<Json> => {
  assert.match(location, /[?&]code=/)
  const checks = { pkceCodeVerifier: verifier, expectedState: 's', expectedNonce: 'n' }
  const tokens = await client.authorizationCodeGrant(config, new URL(location), checks)
  const { sub = '' } = tokens.claims() ?? {}
  return { ...(await client.fetchUserInfo(config, tokens.access_token, sub)), scope: tokens.scope }
}

const keysOf = async (alg: 'ES256' | 'RSA-OAEP-256', use: 'sig' | 'enc') => {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true })
  return { privateKey, jwk: { ...(await exportJWK(publicKey)), use, kid: use } }
}
const signing = await keysOf('ES256', 'sig')
const encryption = await keysOf('RSA-OAEP-256', 'enc')
const jwks = { keys: [signing.jwk, encryption.jwk] }
const expected = { email: 'dev@example.com', scope: 'openid email read' }
const pick = ({ email, scope }: Json): Json => ({ email, scope })

const send = (url: string, method: string, token: string | undefined, body?: unknown): Promise<Response> =>
  fetch(url, {
    method,
    headers: {
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })

const errorOf = async (response: Response): Promise<string> => {
  const text = await response.text()
  const { error = '' } = text === '' ? {} : (JSON.parse(text) as { error?: string }) // RFC 7591 §3.2.2
  return `${response.status} ${error}`.trim()
}

let postgres: PostgresServer | undefined
let databases = 0
const newDatabase = async (): Promise<string> => {
  postgres ??= await startPostgres(safeSettings)
  const { default: pg } = await import('pg')
  const connection = new pg.Client(postgres.connection)
  await connection.connect()
  const name = `registration${databases++}`
  await connection.query(`CREATE DATABASE ${name}`)
  await connection.end()
  const url = urlOf(postgres, { database: name })
  await migrateUp(url)
  return url
}
after(() => postgres?.remove())

const backends: [name: string, make: () => Promise<Site>, skip: string | false][] = [
  ['SQLite, one node', () => startSite(undefined, 1), false],
  ['PostgreSQL, two nodes', async () => startSite(await newDatabase(), 2), whyNoPostgres ?? false],
]

for (const [name, make, skip] of backends) {
  describe(`openid-client registers, logs in and gets tokens: ${name}`, { skip }, () => {
    let site: Site
    before(async () => {
      site = await make()
      pages = {}
    })
    after(() => site.close())

    test('with a secret', async () => {
      const config = await register(site)
      const url = client.buildAuthorizationUrl(config, await parametersOf())
      assert.deepEqual(pick(await redeem(config, await approve(site, url))), expected)
    })

    test('with a key at its jwks_uri, ID tokens and UserInfo encrypted to another one there', async () => {
      pages = { '/jwks': JSON.stringify(jwks) }
      const own = {
        ...{ token_endpoint_auth_method: 'private_key_jwt', jwks_uri: `${theirs.origin}/jwks` },
        id_token_encrypted_response_alg: 'RSA-OAEP-256',
      }
      const config = await register(site, own, client.PrivateKeyJwt({ key: signing.privateKey, kid: 'sig' }))
      client.enableDecryptingResponses(config, ['A256GCM'], { key: encryption.privateKey, kid: 'enc' })
      const url = client.buildAuthorizationUrl(config, await parametersOf())
      assert.deepEqual(pick(await redeem(config, await approve(site, url))), expected)
    })

    test('by a request that it signed, by value and by reference', async () => {
      const uri = `${theirs.origin}/request#1`
      const config = await register(site, { jwks: { keys: [signing.jwk] }, request_uris: [uri] })
      const key = { key: signing.privateKey, kid: 'sig' }
      const byValue = await client.buildAuthorizationUrlWithJAR(config, await parametersOf(), key)
      assert.deepEqual(pick(await redeem(config, await approve(site, byValue))), expected)
      pages = { '/request': byValue.searchParams.get('request') ?? '' }
      const byReference = client.buildAuthorizationUrl(config, { scope: 'openid', request_uri: uri })
      assert.deepEqual(pick(await redeem(config, await approve(site, byReference))), expected)
      const pathOfOther = new URL(byReference)
      pathOfOther.searchParams.set('request_uri', `${theirs.origin}/other`)
      pathOfOther.searchParams.set('redirect_uri', redirectUri)
      assert.match((await approve(site, pathOfOther)).text, /invalid_request_uri/)
    })

    test('what it asks for beyond that it does not get: privileges, grants, scopes, ids (RFC 7591 §5)', async () => {
      const privileges = {
        ...{ firstParty: true, first_party: true, skip_consent: true, allowedCorsOrigins: ['https://evil.example'] },
        ...{
          allowMissingPkce: true,
          servedResources: ['https://api.example'],
          id: 'dev-client',
          client_id: 'dev-client',
        },
        ...{ scope: 'openid read write admin', registration: { lastUsedAt: 9e9 }, legacyPlainPkce: true },
      }
      const config = await register(site, privileges)
      const { client_id: id, scope } = config.clientMetadata()
      assert.equal(scope, 'openid read')
      const { registration, secrets, ...record } = (await site.store.findClient(id)) ?? assert.fail()
      assert.deepEqual([secrets?.length, registration?.lastUsedAt], [1, undefined])
      assert.deepEqual(record, {
        ...{ id, name: 'Their app', redirectUris: [redirectUri], scopes: ['openid', 'read'] },
        ...{ authMethods: ['client_secret_basic'], grantTypes: ['authorization_code'], responseTypes: ['code'] },
      })
    })

    const refused: [name: string, more: Json, error: string][] = [
      ['a token of its own', { grant_types: ['client_credentials'] }, '400 invalid_client_metadata'],
      ['passwords', { grant_types: ['password'] }, '400 invalid_client_metadata'],
      ['access tokens from the authorization endpoint', { response_types: ['id_token token'] }, '400 invalid_client_metadata'],
      ['a redirect URI that is a script', { redirect_uris: ['javascript:alert(1)'] }, '400 invalid_redirect_uri'],
      ['only scopes that are not for it', { scope: 'write admin' }, '400 invalid_client_metadata'],
      ['a signature that there is no key for', { id_token_signed_response_alg: 'PS256' }, '400 invalid_client_metadata'],
      ['keys by http at a host that nobody named', { jwks_uri: `${inside.origin}/jwks` }, '400 invalid_client_metadata'],
      ['a sector inside', { sector_identifier_uri: `https://127.0.0.1:${inside.port}/s` }, '400 invalid_client_metadata'],
      ['requests that are files', { request_uris: ['file:///etc/passwd'] }, '400 invalid_client_metadata'],
      ['unsigned requests', { request_object_signing_alg: 'none' }, '400 invalid_client_metadata'],
    ] // prettier-ignore
    for (const [what, more, error] of refused) {
      test(`${what} → ${error}, and the token is not used up`, async () => {
        const token = await newToken(site)
        const url = `${site.nodes[0]?.url ?? ''}/register`
        assert.equal(await errorOf(await send(url, 'POST', token, { ...metadata, ...more })), error)
        assert.equal(await errorOf(await send(url, 'POST', token, metadata)), '201')
        assert.deepEqual(inside.asked, [])
      })
    }

    test('tokens to register with: none, unknown, used up, expired → 401', async () => {
      const next = nodesInTurn(site)
      const post = async (token: string | undefined): Promise<string> =>
        errorOf(await send(`${next()}/register`, 'POST', token, metadata))
      const [once, often, late] = [await newToken(site), await newToken(site, true), await newToken(site)]
      const rows: [name: string, token: string | undefined, answer: string][] = [
        ['none', undefined, '401'],
        ['unknown', 'x'.repeat(43), '401 invalid_token'],
        ['for one client', once, '201'],
        ['used up, at the other node', once, '401 invalid_token'],
        ['reusable', often, '201'],
        ['reusable, again', often, '201'],
      ]
      for (const [row, token, answer] of rows) assert.ok((await post(token)).startsWith(answer), row)
      site.clock.ahead = 86_400
      assert.equal(await post(late), '401 invalid_token')
      site.clock.ahead = 0
    })

    test('8 uses of one token at once, at all nodes → one client', async () => {
      const [token, next] = [await newToken(site), nodesInTurn(site)]
      const answers = await Promise.all(
        Array.from({ length: 8 }, async () => errorOf(await send(`${next()}/register`, 'POST', token, metadata))),
      )
      assert.equal(answers.filter((answer) => answer === '201').length, 1)
      assert.equal(answers.filter((answer) => answer === '401 invalid_token').length, 7)
    })

    test('it renames itself → the user is asked again; the new name is shown as its own words', async () => {
      const config = await register(site)
      const {
        client_id: id,
        client_secret: secret,
        registration_access_token: token,
      } = config.clientMetadata() as Record<string, string> // as it was told
      const { username, password } = site.user
      const who = new Browser(site.nodes[0]?.url ?? '')
      const path = pathOf(client.buildAuthorizationUrl(config, await parametersOf()))
      const login = await who.follow(await who.get(path))
      assert.match(login.text, /Their app[^]*It registered itself: nobody has checked/)
      const consent = await who.follow(await who.submit(login, 'login', { username, password }))
      for (const shown of [/It registered itself/, /Its addresses: rp\.example/, /sent on to <strong>rp\.example/])
        assert.match(consent.text, shown)
      assert.equal(reached(await who.submit(consent, 'consent', { decision: 'approve' })), 'code')
      assert.equal(reached(await who.get(path)), 'code')
      const uri = `${site.nodes.at(-1)?.url ?? ''}/register/${String(id)}`
      const renamed = { ...metadata, client_id: id, client_secret: secret, client_name: 'Your <b>bank</b>' }
      assert.equal(await errorOf(await send(uri, 'PUT', token, renamed)), '200')
      const again = await who.get(path)
      assert.equal(reached(again), 'consent')
      assert.match(again.text, /<bdi>Your &lt;b&gt;bank&lt;\/b&gt;<\/bdi>/)
      assert.equal(await errorOf(await send(uri, 'GET', token)), '401 invalid_token') // the update changed it
    })

    test('a public client is asked for each time', async () => {
      const config = await register(site, { token_endpoint_auth_method: 'none' }, client.None())
      const url = client.buildAuthorizationUrl(config, await parametersOf())
      const who = new Browser(site.nodes[0]?.url ?? '')
      assert.equal(reached(await who.clickThrough(pathOf(url), site.user.username, site.user.password)), 'code')
      assert.equal(reached(await who.get(pathOf(url))), 'consent')
    })

    test('client list and show tell it apart; client delete ends what it was given', async () => {
      const config = await register(site)
      const { client_id: id, registration_access_token: token } = config.clientMetadata() as Record<string, string> // as it was told
      assert.ok(id !== undefined)
      const url = client.buildAuthorizationUrl(config, await parametersOf())
      const { location } = await approve(site, url)
      const checks = { pkceCodeVerifier: verifier, expectedState: 's', expectedNonce: 'n' }
      const { access_token: access } = await client.authorizationCodeGrant(config, new URL(location), checks)
      const run = async (...args: string[]): Promise<{ code: number | null; stdout: string; stderr: string }> =>
        grantryServer([
          ...args.slice(0, 2),
          ...(args[1] === 'delete' ? ['--yes'] : []),
          ...site.data,
          '--',
          ...args.slice(2),
        ]).ended
      const { stdout: list } = await run('client', 'list')
      assert.match(list, /^dev-client +Development client +enabled +made by an operator$/m)
      assert.match(
        list,
        new RegExp(`^${id} +Their app +enabled +registered itself \\d{4}-\\d\\d-\\d\\d, last used about \\S+$`, 'm'),
      )
      const { stdout: shown } = await run('client', 'show', id)
      assert.match(shown, /^redirectUris +https:[^]*^secrets +1$/m)
      assert.doesNotMatch(shown, /tokenDigest/)
      const userInfo = (): Promise<Response> => send(`${site.nodes[0]?.url ?? ''}/userinfo`, 'GET', access)
      assert.equal((await userInfo()).status, 200)
      assert.match((await run('client', 'delete', id)).stdout, new RegExp(`^deleted {2}${id}`))
      assert.equal((await userInfo()).status, 401)
      assert.equal(
        await errorOf(await send(`${site.nodes[0]?.url ?? ''}/register/${id}`, 'GET', token)),
        '401 invalid_token',
      )
      for (const command of ['show', 'delete']) {
        const { code, stderr } = await run('client', command, id)
        assert.equal(code, 1)
        assert.match(stderr, new RegExp(`^grantry-server: There is no client "${id}" in `))
      }
    })

    test('registration-token create makes one that works', async () => {
      const { stdout } = await grantryServer(['registration-token', 'create', ...site.data, '--expires-in', '60']).ended
      const token = /^registration token {2}(\S+)$/m.exec(stdout)?.[1] ?? assert.fail(stdout)
      assert.match(stdout, /good for one client within 60 seconds/)
      assert.equal(await errorOf(await send(`${site.nodes[0]?.url ?? ''}/register`, 'POST', token, metadata)), '201')
    })

    test('clean-up: never used for a week → gone; used, and of operators → there; once an hour over all nodes', async () => {
      const ids = (clients: readonly Client[]): string[] => clients.map(({ id }) => id)
      const [unused, used] = [await register(site), await register(site, { response_types: ['id_token'] })]
      const nonce = await parametersOf({ response_type: 'id_token', response_mode: 'fragment', scope: 'openid' })
      const { location } = await approve(site, client.buildAuthorizationUrl(used, nonce))
      assert.match(location, /#.*id_token=/)
      const { signal } = new AbortController()
      const sweep = (now: number): Promise<number> => sweepUnusedClients(site.store, { now, unusedDays: 7, signal })
      const week = systemClock() + 7 * 86_400
      const kept = ids(await site.store.listClients('', 1000))
      assert.equal(await sweep(week - 86_400), 0)
      assert.deepEqual(ids(await site.store.listClients('', 1000)), kept)
      const swept = await Promise.all([sweep(week), sweep(week)]) // two nodes
      assert.equal(swept.filter((count) => count > 0).length, 1)
      const left = ids(await site.store.listClients('', 1000))
      assert.ok(left.includes(used.clientMetadata().client_id) && left.includes('dev-client'))
      assert.ok(!left.includes(unused.clientMetadata().client_id))
      assert.equal(await sweep(week + 3599), 0)
    })
  })
}

describe('--registration', () => {
  const start = async (change: ServerOptions): Promise<Site> => {
    const site = await startSite(undefined, 1, change)
    after(() => site.close())
    return site
  }
  const metadataOf = async ({ nodes }: Site): Promise<Json> =>
    (await (await fetch(`${nodes[0]?.url ?? ''}/.well-known/openid-configuration`)).json()) as Json

  /** Registers from an address of this machine. */
  const registerFrom = (site: Site, localAddress: string): Promise<number> =>
    new Promise((resolve, reject) => {
      const { port } = new URL(site.nodes[0]?.url ?? '')
      const headers = { 'content-type': 'application/json' }
      httpRequest({ host: '127.0.0.1', port, path: '/register', method: 'POST', localAddress, headers }, (response) => {
        response.resume().on('end', () => resolve(response.statusCode ?? 0))
      })
        .on('error', reject)
        .end(JSON.stringify(metadata))
    })

  test('off: no endpoint, and none in the metadata; request objects are refused and not promised', async () => {
    const site = await start({ registration: 'off', registrationScopes: [], requestObjects: false })
    const token = await newToken(site)
    assert.match(await errorOf(await send(`${site.nodes[0]?.url ?? ''}/register`, 'POST', token, metadata)), /^404/)
    const document = await metadataOf(site)
    assert.equal(document['registration_endpoint'], undefined)
    assert.deepEqual(
      [document['request_parameter_supported'], document['request_uri_parameter_supported']],
      [false, false],
    )
    const query = new URLSearchParams({ ...(await parametersOf({ redirect_uri: 'http://127.0.0.1:8080/callback', scope: 'openid' })), client_id: 'dev-client', response_type: 'code' }) // prettier-ignore
    for (const parameter of ['request', 'request_uri']) {
      const page = await new Browser(site.nodes[0]?.url ?? '').get(`/authorize?${query.toString()}&${parameter}=x`)
      assert.equal(reached(page), `${parameter}_not_supported`)
    }
  })

  test('open: anyone, as many in an hour from one address as the limit says; another address has its own', async () => {
    const site = await start({ registration: 'open', registrationLimit: 3, host: '127.0.0.1' })
    assert.equal((await metadataOf(site))['registration_endpoint'], `${cluster.issuer}/register`)
    const statuses: number[] = []
    for (let tries = 0; tries < 5; tries++) statuses.push(await registerFrom(site, '127.0.0.1'))
    assert.deepEqual(statuses, [201, 201, 201, 429, 429])
    assert.equal(await registerFrom(site, '127.0.0.2'), 201)
    site.clock.ahead = 3600
    assert.equal(await registerFrom(site, '127.0.0.1'), 201)
    assert.equal(
      await errorOf(await send(`${site.nodes[0]?.url ?? ''}/register`, 'POST', 'x', metadata)),
      '401 invalid_token',
    )
  })

  test('1000 at once from one address → 60 (RFC 7591 §5)', async () => {
    const site = await start({ registration: 'open', host: '127.0.0.1' })
    const answers = await Promise.all(Array.from({ length: 1000 }, () => registerFrom(site, '127.0.0.1')))
    assert.equal(answers.filter((status) => status === 201).length, 60)
    assert.ok(answers.every((status) => status === 201 || status === 429))
  })

  test('the profile openid: every response type, as the certification of dynamic providers needs it', async () => {
    const site = await start({ profile: 'openid' })
    const config = await register(site, { response_types: ['code', 'id_token token'] })
    assert.deepEqual(config.clientMetadata()['response_types'], ['code', 'id_token token'])
  })

  test('what clients name inside is not asked, but for hosts that were named', async () => {
    const site = await start({ allowPrivateHosts: [] })
    const named = { request_uris: [`https://127.0.0.1:${inside.port}/r`, 'https://169.254.169.254/r'] }
    const config = await register(site, named)
    for (const request_uri of named.request_uris) {
      const url = client.buildAuthorizationUrl(config, await parametersOf({ request_uri }))
      assert.match((await new Browser(site.nodes[0]?.url ?? '').get(pathOf(url))).text, /invalid_request_uri/)
    }
    const unnamed = { request_uris: [`${theirs.origin}/request`] }
    await assert.rejects(register(site, unnamed), (error) => {
      return error instanceof client.ResponseBodyError && error.error === 'invalid_client_metadata'
    })
    assert.deepEqual(inside.asked, [])
  })

  const wrong: [name: string, change: Record<string, unknown>, message: RegExp][] = [
    ['another mode', { registration: 'maybe' }, /^--registration must be off, token or open, not "maybe"\.$/],
    ['scopes without registration', { registration: 'off' }, /^--registration-scope needs --registration/],
    ['two scopes in one', { registrationScopes: ['read write'] }, /must be one scope each time, not "read write"/],
    ['an empty scope', { registrationScopes: [''] }, /must be one scope each time/],
    ['no client', { registrationLimit: 0 }, /^--registration-limit must be a whole number from 1 to 10000, not "0"/],
    ['half a day', { registrationUnusedDays: 0.5 }, /^--registration-unused-days must be a whole number from 1/],
    ['a URL in place of a host', { allowPrivateHosts: ['http://localhost'] }, /must be a host in small letters/],
    ['capitals', { allowPrivateHosts: ['LOCALHOST'] }, /must be a host in small letters.*not "LOCALHOST"/],
    ['a wildcard', { allowPrivateHosts: ['*.corp.example'] }, /must be a host in small letters/],
    ['a port that is none', { allowPrivateHosts: ['localhost:99999'] }, /must be a host in small letters/],
    ['an address as nobody writes it', { allowPrivateHosts: ['0x7f.1'] }, /must be a host in small letters/],
  ]
  for (const [name, change, message] of wrong) {
    test(`${name} → one line that says what to change, exit code 2`, async () => {
      const all = { ...cluster, data: join(folder, 'wrong'), ...options, ...change } as ServerOptions // as JavaScript may call it
      const thrown = await startServer(all).catch((error: unknown) => error)
      assert.ok(thrown instanceof StartError, String(thrown))
      assert.match(thrown.message, message)
      assert.deepEqual([thrown.exitCode, thrown.message.includes('\n')], [2, false])
    })
  }

  const wrongFlags: [args: string[], env: Record<string, string>, message: RegExp][] = [
    [['--registration', 'x'], {}, /--registration must be one of off, token, open, not "x"/],
    [[], { GRANTRY_REGISTRATION: 'x' }, /GRANTRY_REGISTRATION must be one of off, token, open/],
    [['--registration-limit', '1e9'], {}, /must be a whole number from 1 to 10000/],
    [[], { GRANTRY_REGISTRATION_UNUSED_DAYS: '0' }, /must be a whole number from 1 to 3650/],
    [[], { GRANTRY_REQUEST_OBJECTS: 'yes' }, /GRANTRY_REQUEST_OBJECTS must be true or false, not "yes"/],
  ]
  for (const [args, env, message] of wrongFlags) {
    test(`${args.join(' ')}${JSON.stringify(env)} → exit code 2`, async () => {
      const { code, stderr } = await grantryServer(['start', '--data', join(folder, 'flags'), ...args], env).ended
      assert.equal(code, 2, stderr)
      assert.match(stderr, message)
    })
  }

  test('the start says that registration is open, or where tokens for it come from', async () => {
    for (const [mode, said] of [
      ['open', /^Registration: (open to everyone)/],
      ['token', /^Registration: with a token of: (grantry-server registration-token create --data )/],
    ] as const) {
      const data = join(folder, `said-${mode}`)
      const server = grantryServer(['start', '--port', '0', '--data', data, '--registration', mode])
      await server.line(said)
      server.process.kill('SIGTERM')
      assert.equal((await server.ended).code, 0)
    }
  })
})
