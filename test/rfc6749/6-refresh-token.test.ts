import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { AuthorizationServer, HttpResponse } from 'grantry'
import { makeProvider, redeem, type Provider } from '../support/provider.ts'
import { body, form, request, text } from '../support/requests.ts'

const scope = 'profile calendar'

const refresh = (
  { server, app }: Provider<AuthorizationServer>,
  client: 'app' | 'spa',
  refresh_token: string,
  more: Readonly<Record<string, string>> = {},
): Promise<HttpResponse> => {
  const grant = { grant_type: 'refresh_token', refresh_token, ...more }
  return server.createTokenResponse(client === 'app' ? form(grant, app) : form({ ...grant, client_id: client }))
}

const isActive = async ({ server }: Provider<AuthorizationServer>, access_token: string): Promise<boolean> =>
  (await server.verifyRequest(request('GET', '/', { headers: { authorization: `Bearer ${access_token}` } }))).ok

describe('Rotation (RFC 9700 §4.14.2)', () => {
  test('a public client gets a new refresh token each time; access tokens in flight stay alive', async () => {
    const provider = await makeProvider()
    const first = await redeem(provider, { scope }, 'spa')
    const second = await refresh(provider, 'spa', text(first, 'refresh_token'))
    assert.equal(second.status, 200)
    assert.notEqual(text(second, 'refresh_token'), text(first, 'refresh_token'))
    assert.ok(await isActive(provider, text(first, 'access_token')))
    assert.ok(await isActive(provider, text(second, 'access_token')))
  })

  test('a rotated one used again after the grace → invalid_grant, and the whole family is dead', async () => {
    const provider = await makeProvider()
    const first = await redeem(provider, { scope }, 'spa')
    const second = await refresh(provider, 'spa', text(first, 'refresh_token'))
    provider.clock.now += 31
    assert.equal(body(await refresh(provider, 'spa', text(first, 'refresh_token')))['error'], 'invalid_grant')
    const event = provider.events.at(-1)
    assert.equal(event?.type === 'request.refused' && event.reason, 'refresh_token_reused')
    assert.equal(body(await refresh(provider, 'spa', text(second, 'refresh_token')))['error'], 'invalid_grant')
    assert.ok(!(await isActive(provider, text(first, 'access_token'))))
    assert.ok(!(await isActive(provider, text(second, 'access_token'))))
  })

  test('within the grace → the same successor again with a fresh access token, and no alarm', async () => {
    const provider = await makeProvider()
    const first = await redeem(provider, { scope }, 'spa')
    const second = await refresh(provider, 'spa', text(first, 'refresh_token'))
    provider.clock.now += 30
    const again = await refresh(provider, 'spa', text(first, 'refresh_token'))
    assert.equal(text(again, 'refresh_token'), text(second, 'refresh_token'))
    assert.notEqual(text(again, 'access_token'), text(second, 'access_token'))
    assert.ok(await isActive(provider, text(again, 'access_token')))
    const rotations = provider.events.filter((event) => event.type === 'refresh_token.rotation')
    assert.deepEqual(rotations.map(({ outcome, age }) => [outcome, age]), [['rotated', undefined], ['replayed', 30]]) // prettier-ignore
    assert.equal((await refresh(provider, 'spa', text(again, 'refresh_token'))).status, 200)
  })

  test('within the grace, but its successor was used → invalid_grant, and the whole family is dead', async () => {
    const provider = await makeProvider()
    const first = await redeem(provider, { scope }, 'spa')
    const second = await refresh(provider, 'spa', text(first, 'refresh_token'))
    const third = await refresh(provider, 'spa', text(second, 'refresh_token'))
    assert.equal(body(await refresh(provider, 'spa', text(first, 'refresh_token')))['error'], 'invalid_grant')
    assert.ok(!(await isActive(provider, text(third, 'access_token'))))
  })

  test('sixteen at once → sixteen answers, one successor', async () => {
    const provider = await makeProvider()
    const first = await redeem(provider, { scope }, 'spa')
    const token = text(first, 'refresh_token')
    const responses = await Promise.all(Array.from({ length: 16 }, () => refresh(provider, 'spa', token)))
    assert.equal(new Set(responses.map((response) => text(response, 'refresh_token'))).size, 1)
    assert.equal(new Set(responses.map((response) => text(response, 'access_token'))).size, 16)
  })

  test('sixteen at once without grace → one answer, and the losers do not end the family', async () => {
    const provider = await makeProvider({ refreshTokenGrace: 0 })
    const first = await redeem(provider, { scope }, 'spa')
    const token = text(first, 'refresh_token')
    const responses = await Promise.all(Array.from({ length: 16 }, () => refresh(provider, 'spa', token)))
    const [winner, ...others] = responses.filter(({ status }) => status === 200)
    assert.ok(winner)
    assert.equal(others.length, 0)
    assert.equal((await refresh(provider, 'spa', text(winner, 'refresh_token'))).status, 200)
  })

  test('a thief inside the grace is noticed as soon as both have refreshed, whoever comes first', async () => {
    for (const order of ['client', 'thief'] as const) {
      const provider = await makeProvider()
      const stolen = text(await redeem(provider, { scope }, 'spa'), 'refresh_token')
      const held = { client: text(await refresh(provider, 'spa', stolen), 'refresh_token'), thief: '' }
      provider.clock.now += 10
      held.thief = text(await refresh(provider, 'spa', stolen), 'refresh_token')
      provider.clock.now += 3600
      const [first, second] = order === 'client' ? [held.client, held.thief] : [held.thief, held.client]
      const newest = await refresh(provider, 'spa', first)
      assert.equal(newest.status, 200)
      provider.clock.now += 60
      assert.equal(body(await refresh(provider, 'spa', second))['error'], 'invalid_grant')
      assert.equal(body(await refresh(provider, 'spa', text(newest, 'refresh_token')))['error'], 'invalid_grant')
    }
  })

  test('a client may be spared: its late reuse is refused and the family lives', async () => {
    const client = { onRefreshTokenReuse: 'reject' as const }
    const provider = await makeProvider({}, { client })
    const first = await redeem(provider, { scope }, 'spa')
    const second = await refresh(provider, 'spa', text(first, 'refresh_token'))
    provider.clock.now += 31
    assert.equal(body(await refresh(provider, 'spa', text(first, 'refresh_token')))['error'], 'invalid_grant')
    assert.equal((await refresh(provider, 'spa', text(second, 'refresh_token'))).status, 200)
  })

  test('the policy of a client goes before that of the server', async () => {
    const provider = await makeProvider(
      { refreshTokenRotation: 'always' },
      { client: { refreshTokenRotation: 'never' } },
    )
    const first = await redeem(provider, { scope }, 'spa')
    assert.equal(
      text(await refresh(provider, 'spa', text(first, 'refresh_token')), 'refresh_token'),
      text(first, 'refresh_token'),
    )
  })

  test('a confidential client keeps its refresh token; `always` rotates it, `never` spares the public one', async () => {
    const outcomes: readonly [rotation: 'auto' | 'always' | 'never', client: 'app' | 'spa', rotates: boolean][] = [
      ['auto', 'app', false],
      ['auto', 'spa', true],
      ['always', 'app', true],
      ['never', 'spa', false],
    ]
    for (const [refreshTokenRotation, client, rotates] of outcomes) {
      const provider = await makeProvider({ refreshTokenRotation })
      const first = await redeem(provider, { scope }, client)
      const second = await refresh(provider, client, text(first, 'refresh_token'))
      assert.equal(
        text(second, 'refresh_token') !== text(first, 'refresh_token'),
        rotates,
        `${refreshTokenRotation} ${client}`,
      )
      assert.equal((await refresh(provider, client, text(second, 'refresh_token'))).status, 200)
    }
  })
})

describe('A superseded refresh token', () => {
  const post = (provider: Provider<AuthorizationServer>, endpoint: 'revoke' | 'introspect', token: string) => {
    const call = form({ token }, provider.app)
    return endpoint === 'revoke'
      ? provider.server.createRevocationResponse(call)
      : provider.server.createIntrospectionResponse(call)
  }

  test('is inactive, and revoking it ends the family: it may be all that a client has (RFC 7009 §2.1)', async () => {
    const provider = await makeProvider({ refreshTokenRotation: 'always' })
    const first = text(await redeem(provider, { scope }), 'refresh_token')
    const second = text(await refresh(provider, 'app', first), 'refresh_token')
    assert.equal(body(await post(provider, 'introspect', first))['active'], false)
    assert.equal(body(await post(provider, 'introspect', second))['active'], true)
    assert.equal((await post(provider, 'revoke', first)).status, 200)
    assert.equal(body(await post(provider, 'introspect', second))['active'], false)
    assert.equal(body(await refresh(provider, 'app', second))['error'], 'invalid_grant')
  })
})

describe('Lifetimes', () => {
  for (const client of ['app', 'spa'] as const) {
    test(`${client}: each use starts the idle time anew; the family ends at its absolute time all the same`, async () => {
      const provider = await makeProvider({ refreshTokenExpiresIn: 100, refreshTokenFamilyExpiresIn: 250 })
      let token = text(await redeem(provider, { scope }, client), 'refresh_token')
      for (let use = 0; use < 2; use++) {
        provider.clock.now += 99
        token = text(await refresh(provider, client, token), 'refresh_token')
      }
      provider.clock.now += 52 // 250 seconds after the first, 52 after the last use
      assert.equal(body(await refresh(provider, client, token))['error'], 'invalid_grant')
    })
  }
})

describe('Scope (§6)', () => {
  for (const client of ['app', 'spa'] as const) {
    test(`${client}: may be narrowed for one access token, which does not shrink the grant`, async () => {
      const provider = await makeProvider()
      const first = await redeem(provider, { scope }, client)
      const narrow = await refresh(provider, client, text(first, 'refresh_token'), { scope: 'calendar' })
      assert.equal(text(narrow, 'scope'), 'calendar')
      const wide = await refresh(provider, client, text(narrow, 'refresh_token'))
      assert.equal(text(wide, 'scope'), scope)
    })

    test(`${client}: wider → invalid_scope, and the token still works`, async () => {
      const provider = await makeProvider()
      const first = await redeem(provider, { scope }, client)
      const wide = await refresh(provider, client, text(first, 'refresh_token'), { scope: `${scope} write` })
      assert.equal(body(wide)['error'], 'invalid_scope')
      assert.equal((await refresh(provider, client, text(first, 'refresh_token'))).status, 200)
    })
  }
})

describe('Refused (§6, §10.4)', () => {
  test('by another client → invalid_grant, and the owner keeps it', async () => {
    const provider = await makeProvider()
    const first = await redeem(provider, { scope }, 'spa')
    assert.equal(body(await refresh(provider, 'app', text(first, 'refresh_token')))['error'], 'invalid_grant')
    assert.equal((await refresh(provider, 'spa', text(first, 'refresh_token'))).status, 200)
  })

  test('unknown → invalid_grant; missing → invalid_request', async () => {
    const provider = await makeProvider()
    assert.equal(body(await refresh(provider, 'app', 'unknown'))['error'], 'invalid_grant')
    assert.equal(body(await refresh(provider, 'app', ''))['error'], 'invalid_request')
  })

  test('unused for longer than its lifetime → invalid_grant', async () => {
    for (const client of ['app', 'spa'] as const) {
      const provider = await makeProvider({ refreshTokenExpiresIn: 100 })
      const first = await redeem(provider, { scope }, client)
      provider.clock.now += 100
      assert.equal(body(await refresh(provider, client, text(first, 'refresh_token')))['error'], 'invalid_grant')
    }
  })

  test('an access token is no refresh token, and the reverse', async () => {
    const provider = await makeProvider()
    const first = await redeem(provider, { scope })
    assert.equal(body(await refresh(provider, 'app', text(first, 'access_token')))['error'], 'invalid_grant')
    assert.ok(!(await isActive(provider, text(first, 'refresh_token'))))
  })

  test('a resource outside the grant → invalid_target, nothing changed (RFC 8707 §2.2)', async () => {
    const resources = ['https://one.example', 'https://two.example']
    const provider = await makeProvider({ resources })
    const first = await redeem(provider, { scope, resource: 'https://one.example' }, 'spa')
    const other = await refresh(provider, 'spa', text(first, 'refresh_token'), { resource: 'https://two.example' })
    assert.equal(body(other)['error'], 'invalid_target')
    assert.equal((await refresh(provider, 'spa', text(first, 'refresh_token'))).status, 200)
  })
})
