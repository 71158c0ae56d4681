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

  test('a rotated one used again → invalid_grant, and the whole family is dead', async () => {
    const provider = await makeProvider()
    const first = await redeem(provider, { scope }, 'spa')
    const second = await refresh(provider, 'spa', text(first, 'refresh_token'))
    assert.equal(body(await refresh(provider, 'spa', text(first, 'refresh_token')))['error'], 'invalid_grant')
    const event = provider.events.at(-1)
    assert.equal(event?.type === 'request.refused' && event.reason, 'refresh_token_reused')
    assert.equal(body(await refresh(provider, 'spa', text(second, 'refresh_token')))['error'], 'invalid_grant')
    assert.ok(!(await isActive(provider, text(first, 'access_token'))))
    assert.ok(!(await isActive(provider, text(second, 'access_token'))))
  })

  test('sixteen at once → at most one new token', async () => {
    const provider = await makeProvider()
    const first = await redeem(provider, { scope }, 'spa')
    const responses = await Promise.all(
      Array.from({ length: 16 }, () => refresh(provider, 'spa', text(first, 'refresh_token'))),
    )
    assert.equal(responses.filter(({ status }) => status === 200).length, 1)
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
