/** RFC 9396 §6, §7 and §9: authorization details at the token endpoint, in tokens and in introspection. */
import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { describe, test } from 'node:test'
import {
  DeviceApplicationServer,
  deviceCodeGrantType,
  MobileApplicationServer,
  signedTokenGenerator,
  type AuthorizationDetail,
} from 'grantry'
import { decodeJwt } from 'jose'
import { makeProvider } from '../support/provider.ts'
import { body, form, redirected, text } from '../support/requests.ts'
import { accounts, authorize, makeRar, payment, redeem, sent, types } from './fixture.ts'

const balances = { ...accounts, actions: ['read_balances'] }
const issuer = 'https://as.example'

describe('at the token endpoint (§6)', () => {
  const rows: [name: string, asked: readonly unknown[], expected: unknown][] = [
    ['nothing', [], [accounts, payment]],
    ['one of two', [payment], [payment]],
    ['less of one', [balances], [balances]],
    ['another action', [{ ...accounts, actions: ['transfer'] }], 'invalid_authorization_details'],
    ['what was not granted', [{ type: 'limit', most: 1 }], 'invalid_authorization_details'],
    ['a field that is unknown', [{ ...accounts, admin: true }], 'invalid_authorization_details'],
  ]
  for (const [name, asked, expected] of rows) {
    test(`a code, and ${name} is asked for → ${typeof expected === 'string' ? expected : 'those'}`, async () => {
      const provider = await makeRar()
      const answered = await authorize(provider, sent(accounts, payment))
      const answer = body(await redeem(provider, answered, asked.length === 0 ? {} : sent(...asked)))
      assert.deepEqual(answer['authorization_details'] ?? answer['error'], expected)
    })
  }

  test('a malformed request does not spend the code', async () => {
    const provider = await makeRar()
    const answered = await authorize(provider, sent(accounts))
    assert.equal((await redeem(provider, answered, { authorization_details: '{' })).status, 400)
    assert.equal((await redeem(provider, answered)).status, 200)
  })

  test('a grant without details cannot get any', async () => {
    const provider = await makeRar()
    const answer = await redeem(provider, await authorize(provider, { scope: 'read' }), sent(accounts))
    assert.equal(body(answer)['error'], 'invalid_authorization_details')
  })

  test('a refresh narrows one token, and never the grant', async () => {
    const provider = await makeRar()
    const first = await redeem(provider, await authorize(provider, sent(accounts, payment)), sent(payment))
    assert.deepEqual(body(first)['authorization_details'], [payment])
    const refresh = async (parameters = {}) =>
      body(
        await provider.server.createTokenResponse(
          form(
            { grant_type: 'refresh_token', refresh_token: text(first, 'refresh_token'), ...parameters },
            provider.app,
          ),
        ),
      )
    assert.deepEqual((await refresh(sent(balances)))['authorization_details'], [balances])
    assert.deepEqual((await refresh())['authorization_details'], [accounts, payment])
    assert.equal((await refresh(sent({ type: 'limit', most: 1 })))['error'], 'invalid_authorization_details')
  })

  test('a rotated refresh token keeps them', async () => {
    const provider = await makeRar({ refreshTokenRotation: 'always' })
    const first = await redeem(provider, await authorize(provider, sent(accounts)))
    const grant = { grant_type: 'refresh_token', refresh_token: text(first, 'refresh_token') }
    const second = await provider.server.createTokenResponse(form(grant, provider.app))
    const next = { ...grant, refresh_token: text(second, 'refresh_token') }
    assert.notEqual(next.refresh_token, grant.refresh_token)
    const third = await provider.server.createTokenResponse(form(next, provider.app))
    assert.deepEqual(body(third)['authorization_details'], [accounts])
  })
})

describe('a client for itself', () => {
  const ask = async (decide: NonNullable<Parameters<typeof makeRar>[0]>['authorizationDetails'] | undefined) => {
    const provider = await makeRar(decide === undefined ? {} : { authorizationDetails: decide })
    const grant = { grant_type: 'client_credentials', ...sent(accounts) }
    return body(await provider.server.createTokenResponse(form(grant, provider.app)))
  }
  const refused = 'invalid_authorization_details'
  const rows: [
    name: string,
    decide: ((asked: readonly AuthorizationDetail[]) => readonly AuthorizationDetail[] | false) | undefined,
    expected: unknown,
  ][] = [
    ['nobody decides', undefined, refused],
    ['refused', () => false, refused],
    ['granted', (asked) => asked, [accounts]],
    ['granted in part', () => [balances], [balances]],
    ['granted more', () => [accounts, payment], refused],
  ]
  for (const [name, decide, expected] of rows) {
    test(`${name} → ${typeof expected === 'string' ? expected : 'those'}`, async () => {
      const answer = await ask({ types, decide })
      assert.deepEqual(answer['authorization_details'] ?? answer['error'], expected)
    })
  }
})

describe('in tokens (§9)', () => {
  test('introspection tells those of the token', async () => {
    const provider = await makeRar()
    const answer = await redeem(provider, await authorize(provider, sent(accounts, payment)), sent(balances))
    const told = await provider.server.createIntrospectionResponse(
      form({ token: text(answer, 'access_token') }, provider.app),
    )
    assert.deepEqual(body(told)['authorization_details'], [balances])
  })

  const tokenGenerator = signedTokenGenerator(generateKeyPairSync('ed25519').privateKey, { issuer, audience: issuer })
  const resources = ['https://example.com/payments', 'https://example.com/accounts', 'https://other.example']

  test('a JWT has them as a claim', async () => {
    const provider = await makeRar({ tokenGenerator })
    const answer = await redeem(provider, await authorize(provider, sent(accounts)))
    assert.deepEqual(decodeJwt(text(answer, 'access_token'))['authorization_details'], [accounts])
  })

  const rows: [resource: string, expected: unknown][] = [
    ['https://example.com/payments', [payment, { type: 'limit', most: 1 }]],
    ['https://example.com/accounts', [accounts, { type: 'limit', most: 1 }]],
    ['https://other.example', [{ type: 'limit', most: 1 }]],
  ]
  for (const [resource, expected] of rows) {
    test(`for ${resource}: those whose locations name it, and those without (§9.1)`, async () => {
      const provider = await makeRar({ tokenGenerator, resources })
      const asked = sent(accounts, payment, { type: 'limit', most: 1 })
      const answer = await redeem(provider, await authorize(provider, asked), { resource })
      assert.deepEqual(body(answer)['authorization_details'], expected)
      const claims = decodeJwt(text(answer, 'access_token'))
      assert.deepEqual([claims.aud, claims['authorization_details']], [resource, expected])
    })
  }

  test('of the implicit grant, too', async () => {
    const options = { issuer, authorizationDetails: { types } }
    const { server } = await makeProvider(options, {
      server: (validator, all) => new MobileApplicationServer(validator, all),
      client: { authorizationDetailsTypes: Object.keys(types) },
    })
    const { response } = await authorize({ server }, { response_type: 'token', ...sent(accounts) })
    assert.deepEqual(JSON.parse(redirected(response).get('authorization_details') ?? ''), [accounts])
  })
})

describe('devices', () => {
  const start = async () => {
    const provider = await makeProvider(
      { issuer, device: { verificationUri: `${issuer}/device` }, authorizationDetails: { types } },
      {
        server: (validator, options) =>
          new DeviceApplicationServer(validator, { ...options, device: { verificationUri: `${issuer}/device` } }),
        client: { grantTypes: [deviceCodeGrantType], authorizationDetailsTypes: Object.keys(types) },
      },
    )
    const codes = await provider.server.createDeviceAuthorizationResponse(form(sent(accounts, payment), provider.app))
    const userCode = text(codes, 'user_code')
    const found = await provider.server.device.find({ headers: new Headers() }, { userCode, by: 'a' })
    assert.ok(found.ok)
    assert.deepEqual(found.device.authorizationDetails, [accounts, payment])
    const poll = async () => {
      provider.clock.now += 10
      const grant = { grant_type: deviceCodeGrantType, device_code: text(codes, 'device_code') }
      return body(await provider.server.createTokenResponse(form(grant, provider.app)))
    }
    return { ...provider, userCode, poll }
  }
  const user = { id: 'alice' }

  test('get what the user granted', async () => {
    const { server, userCode, poll } = await start()
    await server.device.decide(userCode, { approved: true, user, scopes: [], authorizationDetails: [balances] })
    assert.deepEqual((await poll())['authorization_details'], [balances])
  })

  test('get none that were not shown, and not more', async () => {
    const { server, userCode } = await start()
    const decide = (authorizationDetails?: readonly AuthorizationDetail[]) =>
      server.device.decide(userCode, { approved: true, user, scopes: [], authorizationDetails })
    await assert.rejects(decide(), /invalid_scope/)
    await assert.rejects(decide([{ type: 'limit', most: 1 }]), /invalid_authorization_details/)
  })
})
