/** Clients that register themselves (RFC 7591, RFC 7592) and the requests that they sign, at servers on SQLite and on PostgreSQL. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { systemClock, type Client } from 'grantry'
import * as client from 'openid-client'
import { sweepUnusedClients } from '../../packages/server/src/registration-sweep.ts'
import { Browser } from './browser.ts'
import { grantryServer } from './command.ts'
import { reached } from './openid-fixture.ts'
import {
  served,
  theirs,
  inside,
  redirectUri,
  metadata,
  type Json,
  type Site,
  nodesInTurn,
  newToken,
  register,
  verifier,
  parametersOf,
  pathOf,
  approve,
  redeem,
  signing,
  encryption,
  jwks,
  expected,
  pick,
  send,
  errorOf,
  backends,
} from './registration-site.ts'

for (const [name, make, skip] of backends) {
  describe(`openid-client registers, logs in and gets tokens: ${name}`, { skip }, () => {
    let site: Site
    before(async () => {
      site = await make()
      served.pages = {}
    })
    after(() => site.close())

    test('with a secret', async () => {
      const config = await register(site)
      const url = client.buildAuthorizationUrl(config, await parametersOf())
      assert.deepEqual(pick(await redeem(config, await approve(site, url))), expected)
    })

    test('with a key at its jwks_uri, ID tokens and UserInfo encrypted to another one there', async () => {
      served.pages = { '/jwks': JSON.stringify(jwks) }
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
      served.pages = { '/request': byValue.searchParams.get('request') ?? '' }
      const byReference = client.buildAuthorizationUrl(config, { scope: 'openid', request_uri: uri })
      assert.deepEqual(pick(await redeem(config, await approve(site, byReference))), expected)
      const pathOfOther = new URL(byReference)
      pathOfOther.searchParams.set('request_uri', `${theirs.origin}/other`)
      pathOfOther.searchParams.set('redirect_uri', redirectUri)
      assert.match((await approve(site, pathOfOther)).text, /invalid_request_uri/)
    })

    test('by its document: nobody registers it, every node knows it, and there is no record', async () => {
      const id = `${theirs.origin}/client.json`
      const document = { client_id: id, redirect_uris: [redirectUri], grant_types: ['authorization_code'] }
      served.pages = { '/client.json': JSON.stringify(document) }
      const registered = await register(site)
      const config = new client.Configuration(registered.serverMetadata(), id, undefined, client.None())
      config[client.customFetch] = registered[client.customFetch] ?? fetch
      client.allowInsecureRequests(config) // eslint-disable-line @typescript-eslint/no-deprecated -- deprecated to warn of its use outside tests
      const url = client.buildAuthorizationUrl(config, await parametersOf())
      assert.deepEqual(pick(await redeem(config, await approve(site, url))), expected)
      assert.equal(await site.store.findClient(id), undefined)
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
