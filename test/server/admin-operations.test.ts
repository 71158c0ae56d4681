/** What operators do with clients, users, grants and tokens, beside a running server, on SQLite and on PostgreSQL. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { deviceCodeGrantType, generateClientSecret } from 'grantry'
import type { InspectedToken } from '../../packages/server/src/admin/tokens.ts'
import { Browser } from './browser.ts'
import {
  authorizePath,
  codeIn,
  grantTo,
  isActive,
  newPerson,
  places,
  post,
  refreshStatus,
  refusalOf,
  userInfoStatus,
  type Granted,
  type Place,
} from './admin-fixture.ts'

for (const [name, open, skip] of places) {
  describe(`on ${name}`, { skip }, () => {
    let place: Place
    before(async () => {
      place = await open()
    })
    after(() => place.close())

    test('a disabled client -> refused everywhere and its tokens are good for nothing; enabled -> as before', async () => {
      const ann = await newPerson(place, 'ann')
      const { access, refresh } = await grantTo(place, ann)
      const own = String((await post(place, '/token', { grant_type: 'client_credentials' })).body['access_token'])
      const state = async () => [
        (await post(place, '/token', { grant_type: 'client_credentials' })).status,
        (await fetch(place.server.url + authorizePath('read'), { redirect: 'manual' })).status,
        await isActive(place, access),
        await isActive(place, own),
        await userInfoStatus(place, access),
        await refreshStatus(place, refresh),
      ]
      const good = [200, 303, true, true, 200, 200]
      assert.deepEqual(await state(), good)
      const { disabledAt } = await place.admin.clients.setDisabled('app', true)
      assert.equal(disabledAt, place.clock.now)
      place.records.length = 0
      assert.deepEqual(await state(), [401, 400, false, false, 401, 401])
      const [refused] = place.records.filter(({ type }) => type === 'client.refused')
      assert.deepEqual(
        [refused?.['reason'], refused?.['clientId'], refused?.['endpoint']],
        ['disabled', 'app', 'token'],
      )
      assert.equal((await place.admin.tokens.inspect(access)).reason, 'client_disabled')
      await place.admin.clients.setDisabled('app', false)
      assert.deepEqual(await state(), good)
    })

    test('a disabled user -> logins, grants and codes end, and nothing begins; enabled -> may log in, what ended stays over', async () => {
      const bea = await newPerson(place, 'bea')
      const { browser, access, refresh } = await grantTo(place, bea)
      const code = codeIn(await browser.get(authorizePath('openid email offline_access')))
      await place.admin.users.disable('BEA')
      const late = {
        grant_type: 'authorization_code',
        code,
        redirect_uri: 'https://app.example/cb',
        code_verifier: 'v'.repeat(43),
      }
      assert.equal((await post(place, '/token', late)).status, 400)
      assert.deepEqual([await isActive(place, access), await refreshStatus(place, refresh)], [false, 400])
      assert.match((await browser.get(authorizePath('openid'))).location, /^\/login/)
      const again = new Browser(place.server.url)
      const page = await again.submit(await again.get('/login'), 'login', { username: 'bea', password: bea.password })
      assert.equal(page.status, 400)
      const [refused] = place.records.filter(
        (record) => record['reason'] === 'disabled' && record.type === 'login.refused',
      )
      assert.equal(refused?.['userId'], bea.id)
      assert.equal((await place.admin.users.enable(bea.id)).disabledAt, undefined)
      const welcome = await again.submit(page, 'login', { username: 'bea', password: bea.password })
      assert.equal(welcome.status, 303)
      assert.equal(await isActive(place, access), false)
      assert.match((await browser.get('/account')).location, /^\/login/)
    })

    test('a device that a user let in, who is disabled before it asks -> gets nothing', async () => {
      const cleo = await newPerson(place, 'cleo')
      await place.admin.clients.create({ id: 'tv', public: true, grantTypes: [deviceCodeGrantType], scopes: ['read'] })
      const ask = async (path: string, fields: Record<string, string>): Promise<Record<string, unknown>> => {
        const body = new URLSearchParams({ client_id: 'tv', ...fields })
        return (await (await fetch(place.server.url + path, { method: 'POST', body })).json()) as Record<
          string,
          unknown
        >
      }
      const { device_code: device, user_code: code } = await ask('/device_authorization', { scope: 'read' })
      const browser = new Browser(place.server.url)
      const login = await browser.follow(await browser.get(`/device?user_code=${String(code)}`))
      const entry = await browser.follow(
        await browser.submit(login, 'login', { username: 'cleo', password: cleo.password }),
      )
      await browser.submit(await browser.submit(entry, 'device'), 'consent', { decision: 'approve' })
      await place.admin.users.disable(cleo.id)
      const poll = { grant_type: deviceCodeGrantType, device_code: String(device) }
      assert.equal((await ask('/token', poll))['error'], 'invalid_grant')
      assert.equal(place.records.filter(({ type }) => type === 'user.refused').length, 1)
      assert.equal((await place.admin.grants.list({ userId: cleo.id })).items.length, 0)
    })

    test('a deleted user -> nothing is left, and the name is free', async () => {
      const dora = await newPerson(place, 'dora')
      const { access } = await grantTo(place, dora)
      assert.equal((await place.admin.sessions.list(dora.id)).length, 1)
      await place.admin.users.delete('dora')
      assert.equal(await isActive(place, access), false)
      assert.equal(await refusalOf(place.admin.users.show(dora.id)), 'not_found')
      assert.deepEqual(await place.data.consents.list(dora.id), [])
      assert.deepEqual(await place.data.sessions.others(dora.id, ''), [])
      assert.equal((await place.admin.tokens.inspect(access)).reason, 'grant_revoked')
      assert.notEqual((await newPerson(place, 'dora')).id, dora.id)
    })

    test('grants: the newest first, page by page, of a user, of a client or both; revoked one by one and all at once', async () => {
      const [eve, fay] = [await newPerson(place, 'eve'), await newPerson(place, 'fay')]
      const granted: Granted[] = []
      for (const person of [eve, fay, eve, eve]) {
        place.clock.now += 1
        granted.push(await grantTo(place, person))
      }
      const { grants } = place.admin
      const first = await grants.list({ userId: eve.id, limit: 2 })
      const second = await grants.list({ userId: eve.id, limit: 2, cursor: first.next })
      const all = [...first.items, ...second.items]
      assert.deepEqual([first.items.length, second.items.length, second.next], [2, 1, undefined])
      assert.deepEqual(
        all.map(({ createdAt }) => place.clock.now - createdAt),
        [0, 1, 3],
      )
      const ofClient = await grants.list({ clientId: 'app', limit: 4 })
      assert.deepEqual(
        ofClient.items.map(({ userId }) => userId),
        [eve.id, eve.id, fay.id, eve.id],
      )
      assert.equal((await grants.list({ userId: eve.id, clientId: 'api' })).items.length, 0)
      const [newest] = all
      assert.equal((await grants.revoke(newest?.id ?? '')).revokedAt, place.clock.now)
      const active = async () => Promise.all(granted.map(({ access }) => isActive(place, access)))
      assert.deepEqual(await active(), [true, true, true, false])
      assert.equal((await grants.list({ userId: eve.id })).items.length, 2)
      assert.equal((await grants.list({ userId: eve.id, all: true })).items.length, 3)
      assert.equal(await grants.revokeAll({ userId: eve.id, clientId: 'app' }), 2)
      assert.deepEqual(await active(), [false, true, false, false])
      assert.equal(await place.data.consents.find({ userId: eve.id, clientId: 'app' }), undefined)
      assert.ok((await grants.revokeAll({ clientId: 'app' })) >= 1)
      assert.deepEqual(await active(), [false, false, false, false])
      const refused = [
        grants.list({}),
        grants.list({ userId: eve.id, cursor: 'x' }),
        grants.revoke('nope'),
        grants.revokeAll({}),
      ]
      assert.deepEqual(await Promise.all(refused.map(refusalOf)), ['invalid', 'invalid', 'not_found', 'invalid'])
    })

    test('a token that someone shows: what it is, and why it is not good', async () => {
      const gil = await newPerson(place, 'gil')
      const { access, refresh, code } = await grantTo(place, gil)
      const own = String((await post(place, '/token', { grant_type: 'client_credentials' })).body['access_token'])
      const { tokens } = place.admin
      const said = async (token: string): Promise<readonly unknown[]> => {
        const { kind, reason, clientId, username }: InspectedToken = await tokens.inspect(token)
        return [kind, reason, clientId, username]
      }
      assert.deepEqual(await said(` ${access}\n`), ['access_token', undefined, 'app', 'gil'])
      assert.deepEqual(await said(refresh), ['refresh_token', undefined, 'app', 'gil'])
      assert.deepEqual(await said(code), ['authorization_code', 'used', 'app', 'gil'])
      assert.deepEqual(await said(own), ['access_token', undefined, 'app', undefined])
      assert.deepEqual(await said(`${own.slice(0, -8)}AAAAAAAA`), ['jwt', 'forged', undefined, undefined])
      assert.deepEqual(await said(generateClientSecret().secret), ['unknown', 'unknown', undefined, undefined])
      const { scopes, audience, expiresAt } = await tokens.inspect(access)
      assert.deepEqual([scopes, audience], [['openid', 'email', 'offline_access'], [place.server.issuer]])
      assert.equal(expiresAt, place.clock.now + 600)
      assert.deepEqual([await isActive(place, own), (await tokens.revoke(own)).reason], [true, 'revoked'])
      assert.deepEqual([await isActive(place, own), (await said(own))[1]], [false, 'revoked'])
      assert.equal((await tokens.revoke(refresh)).reason, 'grant_revoked')
      assert.deepEqual([await isActive(place, access), (await said(access))[1]], [false, 'grant_revoked'])
      assert.equal(await refusalOf(tokens.revoke('nope')), 'not_found')
      place.clock.now += 600
      assert.equal((await said(access))[1], 'expired')
    })

    test('users: found by how their name or address begins, page by page; claims are changed as they were seen', async () => {
      const { users } = place.admin
      for (const number of [1, 2, 3, 4, 5])
        await place.data.accounts.create(`zed${number}`, 'hash', 1, { email: `Q${6 - number}@Example.com` })
      const names = async (search: string, cursor?: string) => {
        const page = await users.list({ search, limit: 3, cursor })
        return [page.items.map(({ username }) => username).join(' '), page.next]
      }
      assert.deepEqual(await names('ZED'), ['zed1 zed2 zed3', 'zed3'])
      assert.deepEqual(await names('zed', 'zed3'), ['zed4 zed5', undefined])
      assert.deepEqual(await names('q2@EXAM'), ['zed4', undefined])
      assert.deepEqual(await names('q'), ['zed1 zed2 zed3', 'zed3'])
      assert.deepEqual(await names('ze\0'), ['', undefined])
      const { id, version } = await users.show('zed1')
      const changes = ['a', 'b', 'c'].map((claim) => refusalOf(users.changeClaims(id, { [claim]: 1 }, version)))
      assert.deepEqual((await Promise.all(changes)).sort(), ['changed', 'changed', 'done'])
      await Promise.all(['a', 'b', 'c'].map((claim) => users.changeClaims(id, { [claim]: 2, email: undefined })))
      const { a, b, c, email } = (await users.show(id)).claims
      assert.deepEqual([a, b, c, email], [2, 2, 2, undefined])
      assert.deepEqual(await names('q5'), ['', undefined])
      assert.equal(await refusalOf(users.changeClaims(id, { sub: 'root' })), 'invalid')
      assert.equal(await refusalOf(users.changeClaims('nobody', {})), 'not_found')
      assert.equal(await refusalOf(users.create({ username: 'ZED1' })), 'taken')
      assert.equal(await refusalOf(users.create({ username: 'z', password: 'password1234' })), 'invalid')
      assert.equal((await users.setAdmin(id, true)).isAdmin, true)
      assert.deepEqual(await place.data.users.findBareAdmins(), ['zed1'])
    })

    test('clients: changed member by member, as they were seen; secrets of two kinds; found by id and name', async () => {
      const { clients } = place.admin
      const { client, secret } = await clients.create({
        id: 'shop',
        name: 'The Shop',
        redirectUris: ['https://shop.example/cb'],
      })
      assert.match(secret ?? '', /^[\w-]{43}$/)
      assert.deepEqual(client.settings.grantTypes, ['authorization_code', 'refresh_token'])
      const changed = await clients.update('shop', { name: null, scopes: ['read'] }, client.version)
      assert.deepEqual(
        [changed.settings.name, changed.settings.redirectUris],
        [undefined, client.settings.redirectUris],
      )
      const late = ['a', 'b'].map((scope) => refusalOf(clients.update('shop', { scopes: [scope] }, changed.version)))
      assert.deepEqual((await Promise.all(late)).sort(), ['changed', 'done'])
      await Promise.all([
        clients.update('shop', { tosUri: 'https://shop.example/tos' }),
        clients.update('shop', { name: 'Shop' }),
      ])
      const { tosUri, name } = (await clients.show('shop')).settings
      assert.deepEqual([tosUri, name], ['https://shop.example/tos', 'Shop'])
      const found = await clients.list({ search: 'SHO' })
      assert.deepEqual(
        found.items.map(({ id }) => id),
        ['shop'],
      )
      const page = await clients.list({ limit: 2 })
      assert.deepEqual([page.items.map(({ id }) => id), page.next], [['api', 'app'], 'app'])
      assert.equal((await clients.rotateSecret('shop', { keepOld: true })).client.secrets, 2)
      assert.equal(await clients.dropOldSecrets('shop'), 1)
      const refused = [
        ...[clients.create({ id: 'shop' }), clients.create({ id: 'a b' }), clients.update('shop', { public: true })],
        ...[
          clients.update('shop', { redirectUris: ['javascript:alert(1)'] }),
          clients.rotateSecret('tv', { keepOld: false }),
        ],
        clients.show('nope'),
      ]
      const codes = ['taken', 'invalid', 'fixed', 'invalid', 'fixed', 'not_found']
      assert.deepEqual(await Promise.all(refused.map(refusalOf)), codes)
      await clients.delete('shop')
      assert.equal(await refusalOf(clients.delete('shop')), 'not_found')
    })

    test('every change is logged with who did it, and no secret', () => {
      const logged = place.records.filter(({ actor }) => actor !== undefined)
      assert.ok(logged.length > 20)
      for (const record of logged) {
        assert.deepEqual(record['actor'], { kind: 'command' })
        assert.doesNotMatch(JSON.stringify(record), /secret"|password"|[\w-]{40}/)
      }
    })
  })
}

test('tokens that have rows: a JWT whose row is gone is over', async (t) => {
  const [, open] = places[0] ?? assert.fail()
  const place = await open({ tokenFormat: 'jwt-stored' })
  t.after(() => place.close())
  const own = String((await post(place, '/token', { grant_type: 'client_credentials' })).body['access_token'])
  assert.equal((await place.admin.tokens.inspect(own)).isActive, true)
  await place.admin.tokens.revoke(own)
  assert.deepEqual([(await place.admin.tokens.inspect(own)).reason, await isActive(place, own)], ['revoked', false])
})
