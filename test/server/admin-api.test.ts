/** The admin API over both databases: who may use it, what it does, and that it is as it is described. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { registerClient, type Client } from 'grantry'
import { makeCaller, type Description, type Json } from './api-caller.ts'
import { grantTo, isActive, newPerson, places, post, type Place } from './admin-fixture.ts'

const adminResource = 'urn:grantry:admin'

for (const [name, open, skip] of places) {
  describe(`on ${name}`, { skip }, () => {
    let place: Place
    let description: Description
    let caller: ReturnType<typeof makeCaller>
    const secrets = new Map<string, string>()
    const told: string[] = []
    let [write, read] = ['', '']

    const tokenOf = async (
      id: string,
      fields: Readonly<Record<string, string>> = { resource: adminResource },
    ): Promise<Json> =>
      (await post(place, '/token', { grant_type: 'client_credentials', ...fields }, [id, secrets.get(id) ?? ''])).body
    const accessOf = async (id: string, fields?: Readonly<Record<string, string>>): Promise<string> =>
      String((await tokenOf(id, fields))['access_token'])
    const api = (route: string, body?: object, headers?: Readonly<Record<string, string>>) =>
      caller.call(write, route, body, headers)
    const tell = (text: unknown): string => {
      told.push(String(text))
      return String(text)
    }

    before(async () => {
      place = await open({ adminPort: 0, registration: 'open' })
      const url = place.server.adminUrl ?? assert.fail()
      description = (await (await fetch(`${url}/openapi.json`)).json()) as Description
      caller = makeCaller(url, description)
      for (const [id, administration] of [
        ['ops', 'write'],
        ['viewer', 'read'],
      ] as const) {
        const { secret = '' } = await place.admin.clients.create({ id, administration })
        secrets.set(id, secret)
      }
      secrets.set('app', place.secret)
      ;[write, read] = [await accessOf('ops'), await accessOf('viewer')]
    })
    after(() => place.close())

    describe('who may use it', () => {
      const rows: [name: string, token: () => Promise<string> | string, route: string, status: number][] = [
        ['no token', () => '', 'GET /v1/clients', 401],
        ['a token of nobody', () => 'nonsense', 'GET /v1/clients', 401],
        ['an ordinary scope', () => accessOf('app', {}), 'GET /v1/clients', 401],
        ['another audience', () => accessOf('ops', {}), 'GET /v1/clients', 401],
        ['the scope to read', () => read, 'GET /v1/clients', 200],
        ['the scope to read', () => read, 'DELETE /v1/clients/app', 403],
        ['the scope to read, asked for by who may write', () => accessOf('ops', { resource: adminResource, scope: 'grantry:admin:read' }), 'POST /v1/keys', 403],
        ['the scope to write', () => write, 'GET /v1/keys', 200],
      ] // prettier-ignore
      for (const [what, token, route, status] of rows) {
        test(`${what}: ${route} -> ${status}`, async () => {
          const reply = await caller.call(await token(), route, route.startsWith('POST') ? {} : undefined)
          assert.equal(reply.status, status)
          assert.equal(reply.headers.has('www-authenticate'), status === 401 || status === 403)
        })
      }

      test('a token that was revoked, and those of a client that is disabled -> 401', async () => {
        const token = await accessOf('ops')
        await post(place, '/revoke', { token }, ['ops', secrets.get('ops') ?? ''])
        assert.equal((await caller.call(token, 'GET /v1/keys')).status, 401)
        await place.admin.clients.setDisabled('viewer', true)
        assert.equal((await caller.call(read, 'GET /v1/keys')).status, 401)
        await place.admin.clients.setDisabled('viewer', false)
        assert.equal((await caller.call(read, 'GET /v1/keys')).status, 200)
      })

      test('an ordinary client never gets its scopes or its audience: by asking, by a mistake in its record, by registering itself', async () => {
        const mistaken: Client = (await place.data.store.findClient('app')) ?? assert.fail()
        await place.data.store.putClient({
          ...mistaken,
          scopes: [...(mistaken.scopes ?? []), 'grantry:admin', 'grantry:admin:read'],
        })
        const asked: Record<string, string>[] = [
          { scope: 'grantry:admin' },
          { scope: 'read grantry:admin:read' },
          { scope: 'read', resource: adminResource },
        ]
        for (const fields of asked) assert.equal((await tokenOf('app', fields))['error'], 'invalid_scope')
        await place.data.store.putClient(mistaken)
        const wanted = {
          redirect_uris: ['https://a.example/cb'],
          scope: 'openid grantry:admin',
          administration: 'write',
        }
        const headers = { 'Content-Type': 'application/json' }
        const response = await fetch(`${place.server.url}/register`, {
          method: 'POST',
          headers,
          body: JSON.stringify(wanted),
        })
        const registered = (await response.json()) as { client_id?: string; scope?: string }
        assert.ok(
          !JSON.stringify(await place.data.store.findClient(registered.client_id ?? '')).includes('grantry:admin'),
        )
        const { secret = '' } = await registerClient(place.data.store, {
          id: 'half',
          grantTypes: ['client_credentials'],
          scopes: ['grantry:admin'],
        })
        secrets.set('half', secret)
        assert.equal((await tokenOf('half', { scope: 'grantry:admin' }))['error'], 'invalid_scope')
      })
    })

    test('clients: made, shown, changed as they were seen, disabled, given secrets, deleted', async () => {
      const made = await api('POST /v1/clients', {
        id: 'shop',
        name: 'Shop',
        redirectUris: ['https://shop.example/cb'],
      })
      assert.deepEqual([made.status, made.headers.get('location')], [201, '/v1/clients/shop'])
      const first = tell(made.body['clientSecret'])
      const seen = (await api('GET /v1/clients/shop')).headers.get('etag') ?? ''
      assert.equal(made.headers.get('etag'), seen)
      const change = { name: null, scopes: ['read'] }
      assert.equal((await api('PATCH /v1/clients/shop', change)).status, 428)
      const changed = await api('PATCH /v1/clients/shop', change, { 'If-Match': seen })
      assert.deepEqual([changed.status, changed.body['name'], changed.body['scopes']], [200, undefined, ['read']])
      assert.equal((await api('PATCH /v1/clients/shop', change, { 'If-Match': seen })).status, 412)
      const racing = ['a', 'b'].map((scope) =>
        api('PATCH /v1/clients/shop', { scopes: [scope] }, { 'If-Match': changed.headers.get('etag') ?? '' }),
      )
      assert.deepEqual((await Promise.all(racing)).map(({ status }) => status).sort(), [200, 412])
      const { body } = await api('POST /v1/clients/shop/secrets', { keepOld: true })
      assert.equal(body['liveSecrets'], 2)
      assert.notEqual(tell(body['clientSecret']), first)
      assert.equal((await api('DELETE /v1/clients/shop/secrets/old')).status, 204)
      assert.ok((await api('POST /v1/clients/shop/disable')).body['disabledAt'])
      assert.equal((await api('POST /v1/clients/shop/enable')).body['disabledAt'], undefined)
      const page = await api('GET /v1/clients?limit=1&search=SHOP')
      assert.deepEqual(
        (page.body['items'] as Json[]).map(({ id }) => id),
        ['shop'],
      )
      const statuses = [await api('DELETE /v1/clients/shop'), await api('DELETE /v1/clients/shop')].map(
        ({ status }) => status,
      )
      assert.deepEqual(statuses, [204, 204])
      assert.equal((await api('GET /v1/clients/shop')).status, 404)
    })

    test('users: made, found, changed as they were seen, given passwords and roles, disabled, deleted', async () => {
      const made = await api('POST /v1/users', { username: 'Ann', claims: { email: 'ann@example.com', name: 'Ann' } })
      const { id } = made.body['user'] as { id: string }
      tell(made.body['password'])
      assert.equal(made.headers.get('location'), `/v1/users/${id}`)
      const found = await api('GET /v1/users?search=ann@')
      assert.deepEqual(
        (found.body['items'] as Json[]).map((user) => user['id']),
        [id],
      )
      const seen = (await api(`GET /v1/users/${id}`)).headers.get('etag') ?? ''
      const patch = { claims: { name: null, locale: 'de-AT' } }
      const changed = await api(`PATCH /v1/users/${id}`, patch, { 'If-Match': seen })
      assert.deepEqual([changed.status, (changed.body['claims'] as Json)['locale']], [200, 'de-AT'])
      assert.equal((await api(`PATCH /v1/users/${id}`, patch, { 'If-Match': seen })).status, 412)
      assert.equal((await api(`PATCH /v1/users/${id}`, patch, { 'If-Match': '*' })).status, 200)
      assert.equal((await api(`PUT /v1/users/${id}/admin`)).body['isAdmin'], true)
      assert.equal((await api(`DELETE /v1/users/${id}/admin`)).body['isAdmin'], false)
      const password = tell((await api(`PUT /v1/users/${id}/password`, {})).body['password'])
      await grantTo(place, { id, username: 'ann', password })
      const [session] = (await api(`GET /v1/users/${id}/sessions`)).body['items'] as [{ id: string }]
      assert.equal((await api(`DELETE /v1/users/${id}/sessions/${session.id}`)).status, 204)
      assert.deepEqual((await api(`GET /v1/users/${id}/sessions`)).body, { items: [] })
      const [consent] = (await api(`GET /v1/users/${id}/consents`)).body['items'] as [Json]
      assert.equal(consent['clientId'], 'app')
      assert.deepEqual((await api(`GET /v1/users/${id}/passkeys`)).body, { items: [] })
      assert.equal((await api(`DELETE /v1/users/${id}/passkeys/none`)).status, 204)
      assert.equal((await api(`DELETE /v1/users/${id}/second-factor`)).status, 204)
      assert.ok((await api(`POST /v1/users/${id}/disable`)).body['disabledAt'])
      assert.equal((await api(`POST /v1/users/${id}/enable`)).body['disabledAt'], undefined)
      assert.equal((await api('POST /v1/users', { username: 'ann' })).status, 409)
      assert.equal((await api(`DELETE /v1/users/${id}`)).status, 204)
      assert.equal((await api(`DELETE /v1/users/${id}`)).status, 204)
    })

    test('grants and tokens: listed page by page, looked at, ended', async () => {
      const bob = await newPerson(place, 'bob')
      const { access, refresh } = await grantTo(place, bob)
      const { access: other } = await grantTo(place, bob)
      const first = await api(`GET /v1/grants?userId=${bob.id}&clientId=app&limit=1`)
      const [grant] = first.body['items'] as [{ id: string }]
      const second = await api(`GET /v1/grants?userId=${bob.id}&limit=1&cursor=${String(first.body['next'])}`)
      assert.equal(second.body['next'], undefined)
      assert.deepEqual((await api(`GET /v1/grants/${grant.id}`)).body, { ...grant })
      const inspected = await caller.call(read, 'POST /v1/tokens/inspect', { token: refresh })
      assert.deepEqual([inspected.body['kind'], inspected.body['isActive']], ['refresh_token', true])
      assert.equal((await api('POST /v1/tokens/revoke', { token: access })).body['reason'], 'revoked')
      assert.equal(await isActive(place, access), false)
      assert.equal((await api(`DELETE /v1/grants/${grant.id}`)).status, 204)
      assert.deepEqual((await api(`DELETE /v1/grants?userId=${bob.id}`)).body, { revoked: 1 })
      assert.equal(await isActive(place, other), false)
      told.push(access, refresh, other)
    })

    test('keys and audit events', async () => {
      const [listed] = (await api('GET /v1/keys')).body['items'] as [{ keyId: string }]
      const made = (await api('POST /v1/keys', { algorithm: 'ES256' })).body['items'] as {
        keyId: string
        state: string
      }[]
      const { keyId = '' } = made.find(({ state }) => state === 'announced') ?? {}
      assert.notEqual(keyId, listed.keyId)
      assert.equal((await api(`DELETE /v1/keys/${keyId}`)).status, 204)
      assert.equal((await api('DELETE /v1/keys/nope')).status, 204)
      const events = await api('GET /v1/audit-events?type=keys.withdrawn')
      const [event] = events.body['items'] as [{ actor: Json; details: Json }]
      assert.deepEqual([event.actor, event.details['keyId']], [{ kind: 'admin', id: 'ops' }, keyId])
    })

    describe('refused', () => {
      const long = { name: 'x'.repeat(70_000) }
      const rows: [name: string, route: string, body: object | undefined, status: number, detail: RegExp][] = [
        ['a member that there is not', 'POST /v1/clients', { redirectUri: 'https://a.example' }, 422, /^redirectUri is not known here: did you mean "redirectUris"/],
        ['a value of another type', 'POST /v1/clients', { firstParty: 'yes' }, 422, /^firstParty must be true or false/],
        ['a redirect URI to nowhere', 'POST /v1/clients', { redirectUris: ['javascript:alert(1)'] }, 422, /redirectUris.*javascript:alert/],
        ['its own scopes', 'POST /v1/clients', { scopes: ['grantry:admin'] }, 422, /scopes.*given by administration/],
        ['an id that another one has', 'POST /v1/clients', { id: 'app' }, 409, /There is a client "app" already/],
        ['a list', 'POST /v1/clients', [], 422, /^The body /],
        ['a password that is common', 'POST /v1/users', { username: 'p', password: 'password1234' }, 422, /commonest/],
        ['a claim of the server', 'POST /v1/users', { username: 'p', claims: { sub: 'root' } }, 422, /claims.sub must not be given/],
        ['a limit of 0', 'GET /v1/users?limit=0', undefined, 422, /limit must be a whole number from 1 to 200/],
        ['a parameter that there is not', 'GET /v1/users?serch=a', undefined, 422, /serch is not known here: did you mean "search"/],
        ['grants of nobody', 'GET /v1/grants', undefined, 422, /user must be given, or a client/],
        ['a cursor of nothing', 'GET /v1/grants?clientId=app&cursor=x', undefined, 422, /cursor must be what a page before said/],
        ['a user that there is not', 'GET /v1/users/nobody', undefined, 404, /There is no user "nobody"/],
        ['a token of nobody', 'POST /v1/tokens/revoke', { token: 'x' }, 404, /no token of this server/],
      ] // prettier-ignore
      for (const [what, route, body, status, detail] of rows) {
        test(`${what}: ${route} -> ${status}`, async () => {
          const reply = await api(route, body)
          assert.deepEqual([reply.status, reply.body['status']], [status, status])
          assert.match(String(reply.body['detail']), detail)
        })
      }

      test('what is no request of the API -> 404, 405, 413, 415, 400', async () => {
        const headers = { Authorization: `Bearer ${write}`, 'Content-Type': 'application/json' }
        const statusOf = async (method: string, path: string, body?: string, type = headers['Content-Type']) =>
          (await caller.send(method, path, { ...headers, 'Content-Type': type }, body)).status
        assert.deepEqual(
          await Promise.all([
            ...[statusOf('GET', '/v1/nothing'), statusOf('GET', '/v1/users/%FF'), statusOf('PUT', '/v1/clients', '{}')],
            ...[
              statusOf('POST', '/v1/clients', JSON.stringify(long)),
              statusOf('POST', '/v1/clients', '{}', 'text/plain'),
            ],
            statusOf('POST', '/v1/clients', '{'),
          ]),
          [404, 404, 405, 413, 415, 400],
        )
      })
    })

    test('every operation of the description was called, and no secret is in the log', () => {
      const described = Object.values(description.paths).flatMap((methods) => Object.values(methods))
      assert.deepEqual([...caller.called].sort(), described.map(({ operationId }) => operationId).sort())
      assert.ok(told.length > 5)
      const logged = JSON.stringify(place.records.map(({ cause: _cause, ...record }) => record))
      for (const secret of [...told, ...secrets.values(), write]) assert.ok(!logged.includes(secret))
    })

    test('the database is away -> 503 with Retry-After', { skip: name === 'SQLite' }, async () => {
      await place.stopDatabase()
      const { status, headers } = await api('GET /v1/users')
      assert.deepEqual([status, headers.has('retry-after')], [503, true])
    })
  })
}
