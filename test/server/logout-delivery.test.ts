/** Clients are told when a session ends (OpenID Connect Back-Channel and Front-Channel Logout), and what was granted in it ends. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { startServer } from 'grantry-server'
import { createRemoteJWKSet, jwtVerify, type JWTPayload } from 'jose'
import { startOtherServer } from '../support/other-server.ts'
import type { Browser } from './browser.ts'
import { grantryServer } from './command.ts'
import { clock, redirectUri, startOpenId, type OpenId } from './openid-fixture.ts'

/** Clients' servers: what `POST /<name>` got is under its name; how they answer can be changed, by number of status or `undefined` for never. */
const got = new Map<string, string[]>()
const answers = new Map<string, number | undefined>()
let arrived: () => void = () => undefined
const clients = await startOtherServer((request, response) => {
  const name = request.url?.slice(1) ?? ''
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => {
    const token = new URLSearchParams(Buffer.concat(chunks).toString()).get('logout_token') ?? ''
    got.set(name, [...(got.get(name) ?? []), token])
    arrived()
    const status = answers.has(name) ? answers.get(name) : 200
    if (status !== undefined) response.writeHead(status).end()
  })
})

/** Resolves when the client has got so many logout tokens. */
const tokensAt = async (name: string, count = 1): Promise<readonly string[]> => {
  while ((got.get(name)?.length ?? 0) < count) await new Promise<void>((resolve) => (arrived = resolve))
  return got.get(name) ?? []
}

const options = { allowPrivateHosts: ['127.0.0.1'] }
const openid = await startOpenId(options)
const { username, password, path, browser } = openid

/** Registers a client that is told at `/<id>`. */
const register = async (id: string, at: OpenId = openid): Promise<void> => {
  const app = (await at.store.findClient('app')) ?? assert.fail()
  await at.store.putClient({ ...app, id, name: id, backchannelLogoutUri: `${clients.origin}/${id}` })
}

const verify = async (token: string | undefined, audience: string, at: OpenId = openid): Promise<JWTPayload> => {
  const keys = createRemoteJWKSet(new URL(`${at.server.url}/jwks`))
  const currentDate = new Date(clock.now * 1000)
  const expected = { issuer: at.server.issuer, audience, typ: 'logout+jwt', currentDate }
  return (await jwtVerify(token ?? '', keys, expected)).payload
}

/** Lets a client have what it asks for, and gives its tokens. */
const grant = async (who: Browser, clientId: string, scope = 'openid read', at: OpenId = openid) => {
  await at.changeClient(clientId, { authMethods: ['none'] })
  const answer = await who.clickThrough(path({ client_id: clientId, scope }), at.username, at.password)
  const code = new URL(answer.location).searchParams.get('code') ?? assert.fail(answer.text)
  const fields = { grant_type: 'authorization_code', code, redirect_uri: redirectUri, code_verifier: 'v'.repeat(43) }
  return at.post('/token', { ...fields, client_id: clientId })
}

const logOut = async (who: Browser): Promise<void> => {
  const page = await who.submit(await who.get('/logout'), 'logout')
  assert.equal(page.status, 200, page.text)
}

const refresh = async (clientId: string, token: unknown): Promise<unknown> => {
  const fields = { grant_type: 'refresh_token', refresh_token: String(token), client_id: clientId }
  return (await openid.post('/token', fields))['error']
}

describe('back-channel', () => {
  test('every client of the session is told, each with a token of its own; those of other sessions are not', async () => {
    for (const id of ['b1', 'b2', 'b3']) await register(id)
    const [who, other] = [browser(), browser()]
    const first = await grant(who, 'b1')
    await grant(who, 'b2')
    await grant(other, 'b3')
    await logOut(who)
    const { sid, sub } = await openid.claimsOf(first['id_token'], 'b1')
    for (const id of ['b1', 'b2']) {
      const claims = await verify((await tokensAt(id))[0], id)
      assert.deepEqual([claims['sid'], claims.sub], [sid, sub])
    }
    assert.deepEqual(got.get('b3'), undefined)
    await logOut(other)
    assert.notEqual((await verify((await tokensAt('b3'))[0], 'b3'))['sid'], sid)
    assert.deepEqual([...got].map(([id, tokens]) => [id, tokens.length]), [['b1', 1], ['b2', 1], ['b3', 1]]) // prettier-ignore
  })

  test('the user goes on while a client keeps the server waiting', async () => {
    await register('hangs')
    answers.set('hangs', undefined)
    const who = browser()
    await grant(who, 'hangs')
    await logOut(who)
    await tokensAt('hangs') // which is not answered, and the page is there
  })

  test('a client that got no ID token is not told', async () => {
    await register('plain')
    await register('openid')
    const who = browser()
    await grant(who, 'plain', 'read')
    await grant(who, 'openid')
    await logOut(who)
    await tokensAt('openid')
    assert.equal(got.has('plain'), false)
  })

  test('logging in anew as the same user tells nobody; the logout after it tells the clients of before', async () => {
    await register('again')
    const who = browser()
    await grant(who, 'again')
    const page = await who.submit(await who.get('/login'), 'login', { username, password })
    assert.equal(page.location, '/')
    await logOut(who)
    assert.equal((await tokensAt('again')).length, 1)
  })

  test('logging in as someone else ends the session before, and its clients are told', async () => {
    await register('switched')
    const made = await grantryServer(['user', 'create', 'bob', '--data', openid.data]).ended
    const [, secret = ''] = /password +(\S+)/.exec(made.stdout) ?? []
    const who = browser()
    await grant(who, 'switched')
    await who.submit(await who.get('/login'), 'login', { username: 'bob', password: secret })
    assert.equal((await tokensAt('switched')).length, 1)
  })

  test('what could not be told is told after a restart, and once', async () => {
    const at = await startOpenId(options)
    await register('later', at)
    answers.set('later', 500)
    const who = at.browser()
    await grant(who, 'later', 'openid', at)
    await logOut(who)
    await tokensAt('later')
    await at.server.close()
    answers.delete('later')
    clock.now += 10
    const log = () => undefined
    const next = await startServer({
      ...options,
      port: 0,
      data: at.data,
      issuer: at.server.issuer,
      log,
      now: () => clock.now,
    })
    const [first, second] = await tokensAt('later', 2)
    assert.notEqual(first, second)
    await next.close()
    const last = await startServer({ ...options, port: 0, data: at.data, log, now: () => clock.now + 86_400 })
    await last.close()
    assert.equal(got.get('later')?.length, 2)
  })

  test('a new password by the command logs out everywhere: clients are told, and grants end', async () => {
    const at = await startOpenId(options)
    await register('reset', at)
    const { refresh_token: token } = await grant(at.browser(), 'reset', 'openid', at)
    await at.server.close()
    const command = grantryServer(['user', 'reset-password', at.username, '--password-stdin', '--data', at.data])
    command.process.stdin?.end('zebra lamp 7')
    assert.equal((await command.ended).code, 0)
    const next = await startServer({ ...options, port: 0, data: at.data, log: () => undefined })
    await tokensAt('reset')
    const body = new URLSearchParams({ grant_type: 'refresh_token', refresh_token: String(token), client_id: 'reset' })
    const answer = await fetch(`${next.url}/token`, { method: 'POST', body })
    assert.equal(((await answer.json()) as { error?: string }).error, 'invalid_grant')
    await next.close()
  })
})

describe('what ends with the session', () => {
  test('grants of OpenID Connect end, those with offline_access and those without openid live on', async () => {
    const who = browser()
    const scopes = { online: 'openid read', offline: 'openid offline_access', oauth: 'read' }
    for (const id of Object.keys(scopes)) await register(id)
    const online = await grant(who, 'online', scopes.online)
    const offline = await grant(who, 'offline', scopes.offline)
    const oauth = await grant(who, 'oauth', scopes.oauth)
    await logOut(who)
    assert.equal(await refresh('online', online['refresh_token']), 'invalid_grant')
    assert.equal(await refresh('offline', offline['refresh_token']), undefined)
    assert.equal(await refresh('oauth', oauth['refresh_token']), undefined)
    const userInfo = async ({ access_token: token }: Record<string, unknown>) =>
      (await fetch(`${openid.server.url}/userinfo`, { headers: { Authorization: `Bearer ${String(token)}` } })).status
    assert.deepEqual([await userInfo(online), await userInfo(offline)], [401, 200])
  })
})

describe('front-channel', () => {
  const frame = 'https://app.example/bye?x=1'
  const after = 'https://app.example/'

  const loggedOut = async (query: Record<string, string>) => {
    await register('framed')
    await openid.changeClient('framed', { frontchannelLogoutUri: frame, postLogoutRedirectUris: [after] })
    const who = browser()
    const { id_token: hint } = await grant(who, 'framed')
    const page = await who.get(`/logout?${new URLSearchParams({ ...query, id_token_hint: String(hint) }).toString()}`)
    return { page, claims: await openid.claimsOf(hint, 'framed') }
  }

  test('the page loads what the client registered, with issuer and session, and leads on', async () => {
    const { page, claims } = await loggedOut({ post_logout_redirect_uri: after, state: 'st' })
    assert.equal(page.status, 200)
    const [, source = ''] = /<iframe src="([^"]*)"/.exec(page.text) ?? []
    const url = new URL(source.replaceAll('&amp;', '&'))
    assert.equal(url.origin + url.pathname, 'https://app.example/bye')
    assert.deepEqual([...url.searchParams], [['x', '1'], ['iss', openid.server.issuer], ['sid', claims['sid']]]) // prettier-ignore
    assert.match(page.headers.get('content-security-policy') ?? '', /frame-src https:\/\/app\.example;/)
    assert.match(page.text, /<meta http-equiv="refresh" content="3;url=https:\/\/app\.example\/\?state=st"/)
    assert.match(page.text, /<a id="continue" href="https:\/\/app\.example\/\?state=st"/)
  })

  test('without a place to go to -> the page stays', async () => {
    const { page } = await loggedOut({})
    assert.match(page.text, /<iframe /)
    assert.doesNotMatch(page.text, /http-equiv="refresh"|id="continue"/)
  })
})

test('the metadata promises both, with the session', async () => {
  const response = await fetch(`${openid.server.url}/.well-known/openid-configuration`)
  const document = (await response.json()) as Record<string, unknown>
  for (const name of ['backchannel', 'frontchannel'])
    for (const member of [`${name}_logout_supported`, `${name}_logout_session_supported`])
      assert.equal(document[member], true, member)
})

test('logs hold what became of each, and no logout token', async () => {
  const told = openid.records.filter(({ type }) => type === 'logout.delivered')
  assert.ok(told.length > 0)
  for (const token of [...got.values()].flat()) assert.ok(!JSON.stringify(openid.records).includes(token))
})
