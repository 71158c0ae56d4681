/** The profile `mcp`: what it sets, and clients that are known by their documents at the pages and endpoints. */
import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { describe, test } from 'node:test'
import type { ServerOptions } from 'grantry-server'
import { SignJWT } from 'jose'
import { withAdmin } from '../../packages/server/src/commands/with-admin.ts'
import { presetOf } from '../../packages/server/src/profiles.ts'
import { resolveSettings } from '../../packages/server/src/settings.ts'
import { startOtherServer } from '../support/other-server.ts'
import { findForm } from './browser.ts'
import { clock, reached, redirectUri, startOpenId } from './openid-fixture.ts'

let documents: Readonly<Record<string, object>> = {}
const site = await startOtherServer(({ url = '' }, response) => {
  const document = documents[url]
  response.writeHead(document === undefined ? 404 : 200, { 'content-type': 'application/json' })
  response.end(JSON.stringify({ ...document, client_id: site.origin + url }))
})
const idOf = (path: string): string => site.origin + path
const agent = {
  client_name: 'Agent',
  redirect_uris: [redirectUri],
  grant_types: ['authorization_code', 'refresh_token'],
}
const key = generateKeyPairSync('ed25519')
const jwks = { keys: [{ ...key.publicKey.export({ format: 'jwk' }), kid: 'k1' }] }

const op = await startOpenId({
  ...{ profile: 'mcp', resources: ['localhost', 'https://mcp.example'], registrationTotal: 2 },
  allowPrivateHosts: [new URL(site.origin).host],
})
const { server, browser, loggedIn, path, username, password } = op
const host = new URL(site.origin).host

/** Asks the token endpoint. */
const ask = async (fields: Readonly<Record<string, string>>) => {
  const response = await fetch(`${server.url}/token`, { method: 'POST', body: new URLSearchParams(fields) })
  return { status: response.status, body: (await response.json()) as Record<string, unknown> }
}

/** Lets a client have what it asks for, and gives what it gets for its code. */
const tokensFor = async (clientId: string, change: Readonly<Record<string, string>> = {}) => {
  const answer = await browser().clickThrough(path({ client_id: clientId, ...change }), username, password)
  const code =
    new URL(answer.location || assert.fail(answer.text)).searchParams.get('code') ?? assert.fail(answer.location)
  const fields = { grant_type: 'authorization_code', code, redirect_uri: redirectUri, code_verifier: 'v'.repeat(43) }
  return ask({ ...fields, client_id: clientId })
}

describe('what the profile sets', () => {
  const ofProfile: ServerOptions = {
    ...{ clientDocuments: true, registration: 'open', registrationLimit: 20, ignoreResourceSlash: true },
    ...{ registrationScopes: ['mcp', 'mcp:read', 'mcp:write'], defaultScopes: ['mcp'] },
  }
  const rows: [options: ServerOptions, preset: ServerOptions][] = [
    [{}, {}],
    [{ profile: 'openid' }, {}],
    [{ profile: 'mcp' }, { ...ofProfile, resources: ['localhost'] }],
    [{ profile: 'mcp', issuer: 'https://id.example' }, ofProfile],
    [
      { profile: 'mcp', registration: 'off', clientDocuments: false },
      { ignoreResourceSlash: true, resources: ['localhost'] },
    ],
  ]
  for (const [options, preset] of rows)
    test(`${JSON.stringify(options)} -> ${Object.keys(preset).join(', ') || 'nothing'}`, () => {
      assert.deepEqual(presetOf(options), preset)
      const settings: Readonly<Record<string, unknown>> = { ...resolveSettings(options) }
      for (const [name, value] of Object.entries({ ...preset, ...options }))
        if (name !== 'issuer') assert.deepEqual(settings[name], value)
    })

  test('the first scope of the operator is the default, unless it is said', () => {
    const registrationScopes = ['files:read', 'files:write']
    assert.deepEqual(resolveSettings({ profile: 'mcp', registrationScopes }).defaultScopes, ['files:read'])
    const said = resolveSettings({ profile: 'mcp', registrationScopes, defaultScopes: ['files:write'] })
    assert.deepEqual(said.defaultScopes, ['files:write'])
    assert.throws(() => resolveSettings({ profile: 'mcp', defaultScopes: ['x'] }), /--default-scope must be one of/)
  })
})

describe('pages', () => {
  test('the consent page says which host vouches for the app and where it leads', async () => {
    documents = { '/a': agent }
    const page = await (await loggedIn()).get(path({ client_id: idOf('/a'), scope: 'mcp' }))
    assert.match(page.text, /<bdi>Agent<\/bdi>/)
    assert.match(page.text, new RegExp(`<strong>${host}</strong> says what it is: nobody here has checked`))
    assert.match(page.text, /sent on to <strong>app\.example<\/strong>/)
  })

  test('a document whose redirect URIs are all on this machine -> any program can say that it is the app', async () => {
    documents = { '/local': { ...agent, redirect_uris: ['http://127.0.0.1/cb'] } }
    const redirect = { redirect_uri: 'http://127.0.0.1:5000/cb' }
    const page = await (await loggedIn()).get(path({ client_id: idOf('/local'), scope: 'mcp', ...redirect }))
    assert.match(
      page.text,
      /the app of <strong>[^<]*<\/strong>\. Nobody can check that[^]*Any program here can say that it is this client/,
    )
  })

  test('a document that is not there -> a page that says so, and the browser stays here', async () => {
    const page = await (await loggedIn()).get(path({ client_id: idOf('/none'), scope: 'mcp' }))
    assert.deepEqual([page.status, page.location], [400, ''])
    assert.match(
      page.text,
      /describes itself by a document[^]*id="detail" lang="en">The client metadata document cannot be fetched/,
    )
  })

  test('the account page shows such an app by name and host, and by its id where the document is gone; access ends', async () => {
    documents = { '/b': agent }
    const clientId = idOf('/b')
    const { body } = await tokensFor(clientId, { scope: 'mcp' })
    const who = await loggedIn()
    assert.match(
      (await who.get('/account')).text,
      new RegExp(`<bdi>Agent</bdi></h3>\\s*<p class="note">Its addresses: ${host}`),
    )
    documents = {}
    clock.now += 86_400
    const later = await (await loggedIn()).get('/account')
    assert.match(later.text, new RegExp(`<bdi>${clientId}</bdi>`))
    const again = await loggedIn()
    const account = await again.get('/account')
    const form = [1, 2, 3]
      .map((index) => `revoke_${index}`)
      .find((id) => {
        return findForm(account, id)?.fields.some(([, value]) => value === clientId)
      })
    await again.submit(account, form ?? assert.fail())
    documents = { '/b': agent }
    const refresh = { grant_type: 'refresh_token', refresh_token: String(body['refresh_token']), client_id: clientId }
    assert.deepEqual((await ask(refresh)).body['error'], 'invalid_grant')
  })

  test('a document that changes is consented to anew, where it was remembered', async () => {
    documents = { '/k': { ...agent, jwks } }
    const who = await loggedIn()
    const request = path({ client_id: idOf('/k'), scope: 'mcp' })
    await who.submit(await who.get(request), 'consent', { decision: 'approve' })
    assert.equal(reached(await who.get(request)), 'code')
    documents = { '/k': { ...agent, jwks, redirect_uris: [redirectUri, 'https://evil.example/cb'] } }
    clock.now += 300
    assert.equal(reached(await who.get(request)), 'consent')
  })
})

describe('endpoints', () => {
  test('no scope -> the default; a slash more or less; anything of this machine and nothing else', async () => {
    documents = { '/c': agent }
    const at = path({ client_id: idOf('/c') }).replace('&scope=openid+read', '')
    const who = await loggedIn()
    assert.match((await who.get(`${at}&resource=http://localhost:8080/mcp`)).text, /value="mcp"/)
    const other = await who.get(`${at}&resource=https://other.example`)
    assert.match(other.text, /invalid_target/) // a stranger is not led back
    const { body } = await tokensFor(idOf('/c'), { scope: 'mcp', resource: 'https://mcp.example/' })
    const claims = JSON.parse(atob(String(body['access_token']).split('.')[1] ?? '')) as { readonly aud: unknown }
    assert.equal(claims.aud, 'https://mcp.example')
  })

  test('an unknown id -> 401 invalid_client; a document that cannot be reached now -> 503', async () => {
    const refresh = { grant_type: 'refresh_token', refresh_token: 'x' }
    const unknown = await ask({ ...refresh, client_id: 'swept' })
    assert.deepEqual([unknown.status, unknown.body['error']], [401, 'invalid_client'])
    const away = await ask({ ...refresh, client_id: 'https://10.0.0.1/client.json' })
    assert.deepEqual([away.status, away.body['error']], [503, 'temporarily_unavailable'])
  })

  test('UserInfo, and a client that the operator blocks by a record of its id', async () => {
    documents = { '/d': agent, '/e': { ...agent, jwks } }
    const clientId = idOf('/d')
    const { body } = await tokensFor(clientId, { scope: 'openid mcp' })
    const headers = { authorization: `Bearer ${String(body['access_token'])}` }
    const status = async () => (await fetch(`${server.url}/userinfo`, { headers })).status
    assert.equal(await status(), 200)
    await op.store.putClient({ id: clientId, disabledAt: clock.now } as { id: string })
    assert.equal(await status(), 401)
    const refresh = { grant_type: 'refresh_token', refresh_token: String(body['refresh_token']), client_id: clientId }
    assert.equal((await ask(refresh)).body['error'], 'invalid_client')
    const assertion = await new SignJWT({ jti: 'j' })
      .setProtectedHeader({ alg: 'EdDSA', kid: 'k1' })
      .setIssuer(idOf('/e'))
      .setSubject(idOf('/e'))
      .setAudience(server.issuer)
      .setExpirationTime(clock.now + 60)
      .sign(key.privateKey)
    const client_assertion_type = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'
    const proven = await ask({ ...refresh, client_id: idOf('/e'), client_assertion: assertion, client_assertion_type })
    assert.equal(proven.body['error'], 'invalid_grant') // it is who it says, and the token is of another
  })

  test('operators see and end what such a client was given, and what its tokens are', async () => {
    documents = { '/f': agent }
    const { body } = await tokensFor(idOf('/f'), { scope: 'mcp' })
    await withAdmin({ data: op.data }, { create: false }, async ({ grants, tokens }) => {
      const clientId = await grants.clientIdOf(idOf('/f'))
      assert.equal((await grants.list({ clientId, all: true })).items.length, 1)
      assert.deepEqual((await tokens.inspect(String(body['access_token']))).reason, undefined)
      assert.equal(await grants.revokeAll({ clientId }), 1)
      await assert.rejects(grants.clientIdOf('gone'), /gone/)
    })
    const refresh = { grant_type: 'refresh_token', refresh_token: String(body['refresh_token']), client_id: idOf('/f') }
    assert.equal((await ask(refresh)).body['error'], 'invalid_grant')
  })

  test('registration: with all scopes, so that one tool can send it back for more; and so many in all', async () => {
    const register = async () => {
      const headers = { 'content-type': 'application/json', origin: 'https://inspector.example' }
      const metadata = { ...agent, token_endpoint_auth_method: 'none', scope: 'mcp' }
      return fetch(`${server.url}/register`, { method: 'POST', headers, body: JSON.stringify(metadata) })
    }
    const first = await register()
    assert.equal(first.headers.get('access-control-allow-origin'), 'https://inspector.example') // MCP clients may be pages
    assert.equal(((await first.json()) as { scope: string }).scope, 'mcp mcp:read mcp:write')
    assert.deepEqual([(await register()).status, (await register()).status], [201, 429])
  })

  test('the metadata is where clients look for it, and says what they need to know', async () => {
    const names = ['/.well-known/oauth-authorization-server', '/.well-known/openid-configuration']
    for (const name of names) {
      const document = (await (await fetch(server.url + name)).json()) as Record<string, unknown>
      assert.equal(document['client_id_metadata_document_supported'], true)
      assert.deepEqual(document['code_challenge_methods_supported'], ['S256'])
      assert.equal(document['authorization_response_iss_parameter_supported'], true)
      assert.equal(document['registration_endpoint'], `${server.issuer}/register`)
    }
  })
})
