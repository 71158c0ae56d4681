/** RFC 7592 §2, §3: a client reads, replaces and deletes its registration. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Client } from 'grantry'
import { lastReason, obtainCode } from '../support/provider.ts'
import { errorOf, good, makeRegistrar, told, type Json, type Registrar } from '../support/registration.ts'
import { basic, form, request, text } from '../support/requests.ts'

const registered = async (metadata: Json = good, registration = {}) => {
  const registrar = await makeRegistrar(registration)
  return { ...registrar, ...told(await registrar.register(metadata)) }
}
type Own = Awaited<ReturnType<typeof registered>>
const put = ({ manage, id, token }: Pick<Own, 'manage' | 'id' | 'token'>, change: Json = {}) =>
  manage('PUT', id, token, { ...good, client_id: id, ...change })

describe('who may (§2)', () => {
  const requests: [method: string, metadata: ((id: string) => Json) | undefined][] = [
    ['GET', undefined],
    ['PUT', (id) => ({ ...good, client_id: id })],
    ['DELETE', undefined],
  ]
  for (const [method, metadata] of requests) {
    const send = (own: Pick<Registrar, 'manage'>, id: string, token: string | undefined) =>
      own.manage(method, id, token, metadata?.(id))

    test(`${method} with a wrong token, another client's, or for an unknown client → 401, always the same`, async () => {
      const own = await registered()
      const other = told(await own.register(good))
      const answers = [
        await send(own, own.id, 'x'.repeat(43)),
        await send(own, own.id, other.token),
        await send(own, 'unknown', own.token),
        await send(own, 'app', own.token), // a client of the operator has no such token
        await send(own, '__proto__', own.token),
        await send(own, '%ff', own.token),
        await send(own, own.id, own.secret),
      ]
      for (const answer of answers) assert.deepEqual(answer, answers[0])
      assert.deepEqual([answers[0]?.status, errorOf(answers[0] ?? assert.fail())], [401, 'invalid_token'])
      assert.match(answers[0]?.headers['WWW-Authenticate'] ?? '', /^Bearer realm="api", error="invalid_token"/)
      assert.equal(lastReason(own), 'registration_access_token_wrong')
      assert.ok(own.store.findClient(own.id))
    })

    test(`${method} without a token → 401, a challenge without error`, async () => {
      const own = await registered()
      const answer = await send(own, own.id, undefined)
      assert.deepEqual([answer.status, answer.headers['WWW-Authenticate']], [401, 'Bearer realm="api"'])
    })
  }

  test('an access token of the client is no registration access token', async () => {
    const own = await registered({ grant_types: ['client_credentials'] }, { grantTypes: ['client_credentials'] })
    const grant = form({ grant_type: 'client_credentials', scope: 'read' }, basic(own.id, own.secret ?? ''))
    const access = text(await own.server.createTokenResponse(grant), 'access_token')
    assert.equal((await own.manage('GET', own.id, access)).status, 401)
    const used = await own.server.verifyRequest(
      request('GET', '/', { headers: { authorization: `Bearer ${own.token}` } }),
    )
    assert.equal(used.ok, false, 'nor the other way round')
  })

  for (const method of ['POST', 'PATCH', 'HEAD']) {
    test(`${method} → 405 with Allow`, async () => {
      const own = await registered()
      const answer = await own.manage(method, own.id, own.token)
      assert.deepEqual([answer.status, answer.headers['Allow']], [405, 'GET, PUT, DELETE'])
    })
  }

  for (const path of ['/register/', '/register/a/b', '/Register/a', '//register/a']) {
    test(`${path} → 404`, async () => {
      assert.equal((await (await registered()).server.handle(request('GET', path))).status, 404)
    })
  }
})

describe('reading (§2.1, §3)', () => {
  test('gives what was registered, the token and the URL, and no secret; not to be cached', async () => {
    const own = await registered({ ...good, client_name: 'App' })
    const response = await own.manage('GET', own.id, own.token)
    assert.deepEqual([response.status, response.headers['Cache-Control']], [200, 'no-store'])
    const { client_secret, ...rest } = own.body
    assert.ok(client_secret)
    assert.deepEqual(told(response).body, rest)
  })
})

describe('updating (§2.2)', () => {
  test('replaces everything: what is left out is gone, or at its default', async () => {
    const own = await registered({ ...good, client_name: 'App', contacts: ['a@b.example'], scope: 'read' })
    const { body } = told(await put(own, { tos_uri: 'https://app.example/tos' }))
    assert.deepEqual(
      [body['client_name'], body['contacts'], body['scope'], body['tos_uri']],
      [undefined, undefined, 'read write', 'https://app.example/tos'],
    )
    assert.deepEqual([body['client_id'], body['client_id_issued_at']], [own.id, own.body['client_id_issued_at']])
  })

  test('null and empty values say the same as nothing', async () => {
    const own = await registered({
      ...good,
      client_name: 'App',
      contacts: ['a@b.example'],
      logo_uri: 'https://app.example/l',
    })
    const { body } = told(await put(own, { client_name: null, contacts: [], logo_uri: '' }))
    assert.deepEqual([body['client_name'], body['contacts'], body['logo_uri']], [undefined, undefined, undefined])
  })

  test('the registration access token changes: the old one is over, the new one works', async () => {
    const own = await registered()
    const next = told(await put(own))
    assert.notEqual(next.token, own.token)
    assert.equal((await own.manage('GET', own.id, own.token)).status, 401)
    assert.equal((await own.manage('GET', own.id, next.token)).status, 200)
    assert.equal(JSON.stringify(own.store.findClient(own.id)).includes(next.token), false)
  })

  test('the secret stays, and is not shown again', async () => {
    const own = await registered({ grant_types: ['client_credentials'] }, { grantTypes: ['client_credentials'] })
    const next = told(await put(own, { grant_types: ['client_credentials'], redirect_uris: [] }))
    assert.deepEqual([next.secret, next.body['client_secret_expires_at']], [undefined, 0])
    const grant = form({ grant_type: 'client_credentials', scope: 'read' }, basic(own.id, own.secret ?? ''))
    assert.equal((await own.server.createTokenResponse(grant)).status, 200)
  })

  test('to a public client → the secret is gone; back → a new one', async () => {
    const own = await registered()
    const open = told(await put(own, { token_endpoint_auth_method: 'none' }))
    assert.equal('client_secret_expires_at' in open.body, false)
    assert.equal((own.store.findClient(own.id) as Client).secrets, undefined)
    const closed = told(await put({ ...own, token: open.token }))
    assert.match(closed.secret ?? '', /^[\w-]{43}$/)
    assert.notEqual(closed.secret, own.secret)
  })

  const refused: [name: string, change: (own: Own) => Json, error: string][] = [
    ['client_id missing', () => ({ client_id: undefined }), 'invalid_client_metadata'],
    ['client_id of another', () => ({ client_id: 'app' }), 'invalid_client_metadata'],
    ['registration_access_token', ({ token }) => ({ registration_access_token: token }), 'invalid_client_metadata'],
    ['registration_client_uri', () => ({ registration_client_uri: 'https://as.example/' }), 'invalid_client_metadata'],
    ['client_secret_expires_at', () => ({ client_secret_expires_at: 0 }), 'invalid_client_metadata'],
    ['client_id_issued_at', () => ({ client_id_issued_at: 0 }), 'invalid_client_metadata'],
    ['a client_secret of its choice', () => ({ client_secret: 'chosen-by-the-client' }), 'invalid_client_metadata'],
    ['a client_secret that is no text', () => ({ client_secret: 7 }), 'invalid_client_metadata'],
    ['an unsafe redirect URI', () => ({ redirect_uris: ['javascript:1'] }), 'invalid_redirect_uri'],
    [
      'grants that do not fit',
      () => ({ response_types: ['code'], grant_types: ['refresh_token'] }),
      'invalid_client_metadata',
    ],
  ]
  for (const [name, change, error] of refused) {
    test(`${name} → ${error}, and nothing changes`, async () => {
      const own = await registered()
      const before = own.store.findClient(own.id)
      const response = await put(own, change(own))
      assert.deepEqual([response.status, errorOf(response)], [400, error])
      assert.deepEqual(own.store.findClient(own.id), before)
      assert.equal((await own.manage('GET', own.id, own.token)).status, 200)
    })
  }

  test('with its own secret → updated', async () => {
    const own = await registered()
    told(await put(own, { client_secret: own.secret }))
  })

  test('8 at once → one, and the others are told that their token is over', async () => {
    const own = await registered()
    const statuses = (await Promise.all(Array.from({ length: 8 }, () => put(own)))).map(({ status }) => status)
    assert.deepEqual(statuses.sort(), [200, ...Array<number>(7).fill(401)])
  })

  test('a note of use that comes in between → updated all the same, and the note stays', async () => {
    let noteUse = (): void => undefined
    const policy = (draft: object) => {
      noteUse()
      return draft
    }
    const own = await registered(good, { policy })
    noteUse = () => {
      const client = own.store.findClient(own.id) as Client // it was registered
      void own.store.putClient({ ...client, registration: { registeredAt: 0, ...client.registration, lastUsedAt: 7 } })
    }
    told(await put(own, { client_name: 'App' }))
    const { name, registration } = own.store.findClient(own.id) as Client
    assert.deepEqual([name, registration?.lastUsedAt], ['App', 7])
  })

  test('changes that never end → 503, and nothing is lost', async () => {
    const own = await registered()
    own.store.replaceClient = () => false
    const response = await put(own)
    assert.deepEqual([response.status, lastReason(own)], [503, 'registration_raced'])
  })

  test('codes of the old redirect URI are not for the new one', async () => {
    const own = await registered()
    told(await put(own, { redirect_uris: ['https://app.example/new'] }))
    const old = { client_id: own.id, scope: 'read', redirect_uri: 'https://app.example/cb' }
    await assert.rejects(obtainCode(own.server, old), /no redirect/)
  })

  test('the policy sees the client as it was', async () => {
    const seen: unknown[] = []
    const own = await registered(good, {
      policy: (draft: object, { previous }: { previous?: Client }) => {
        seen.push(previous?.redirectUris)
        return draft
      },
    })
    told(await put(own, { redirect_uris: ['https://app.example/new'] }))
    assert.deepEqual(seen, [undefined, ['https://app.example/cb']])
  })
})

describe('deleting (§2.3)', () => {
  test('204 without a body; the client, its token and its grants are over', async () => {
    const metadata = {
      ...good,
      grant_types: ['authorization_code', 'refresh_token'],
      token_endpoint_auth_method: 'none',
    }
    const own = await registered(metadata)
    const code = await obtainCode(own.server, { client_id: own.id, scope: 'read' })
    const grant = form({ grant_type: 'authorization_code', client_id: own.id, ...code })
    const access = text(await own.server.createTokenResponse(grant), 'access_token')
    const call = request('GET', '/', { headers: { authorization: `Bearer ${access}` } })
    assert.equal((await own.server.verifyRequest(call)).ok, true)
    const spare = await obtainCode(own.server, { client_id: own.id, scope: 'read' })

    const response = await own.manage('DELETE', own.id, own.token)
    assert.deepEqual([response.status, response.body, response.headers['Cache-Control']], [204, '', 'no-store'])
    assert.equal((await own.server.verifyRequest(call)).ok, false)
    const late = form({ grant_type: 'authorization_code', client_id: own.id, ...spare })
    assert.equal(errorOf(await own.server.createTokenResponse(late)), 'invalid_client')
    for (const method of ['GET', 'DELETE']) assert.equal((await own.manage(method, own.id, own.token)).status, 401)
    const types = own.events.map(({ type }) => type).filter((type) => type.startsWith('client.'))
    assert.deepEqual(types, ['client.registered', 'client.deleted'])
  })

  test('tokens of other clients live on', async () => {
    const own = await registered()
    const code = await obtainCode(own.server, { client_id: 'app', scope: 'read' })
    const grant = form({ grant_type: 'authorization_code', ...code }, own.app)
    const access = text(await own.server.createTokenResponse(grant), 'access_token')
    await own.manage('DELETE', own.id, own.token)
    const call = request('GET', '/', { headers: { authorization: `Bearer ${access}` } })
    assert.equal((await own.server.verifyRequest(call)).ok, true)
  })

  test('a store that fails → 503, and the token still works to try again', async () => {
    const own = await registered()
    const deleteClient = own.store.deleteClient.bind(own.store)
    own.store.deleteClient = () => {
      throw new Error('disk full')
    }
    assert.equal((await own.manage('DELETE', own.id, own.token)).status, 503)
    own.store.deleteClient = deleteClient
    assert.equal((await own.manage('DELETE', own.id, own.token)).status, 204)
  })
})
