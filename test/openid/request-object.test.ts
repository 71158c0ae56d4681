/** OpenID Connect Core §6.1: authorization requests that the client signed. */
import assert from 'node:assert/strict'
import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { describe, test } from 'node:test'
import type { Client } from 'grantry'
import { SignJWT, type JWTPayload } from 'jose'
import { redirected } from '../support/requests.ts'
import { authorize, changeClient, issuer, makeOpenId, verified } from './provider.ts'

const own = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const other = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const jwks = { keys: [{ ...own.publicKey.export({ format: 'jwk' }), kid: 'k' }] } as unknown as NonNullable<
  Client['jwks']
>

const sign = (claims: JWTPayload, key: KeyObject = own.privateKey, header: object = {}): Promise<string> =>
  new SignJWT(claims).setProtectedHeader({ alg: 'ES256', kid: 'k', ...header }).sign(key)

const make = async (change: Partial<Client> = {}) => {
  const provider = await makeOpenId({}, {}, { requestObjects: {} })
  await changeClient(provider, { jwks, ...change })
  return provider
}

const good = { iss: 'app', aud: issuer, client_id: 'app' }

describe('request objects', () => {
  test('their parameters win over those outside, numbers and objects included', async () => {
    const provider = await make()
    const claims = { id_token: { email: null } }
    const request = await sign({
      ...good,
      nonce: 'inside',
      state: 'in',
      max_age: 100,
      claims,
      response_type: 'code id_token',
    })
    const outside = { response_type: 'code id_token', request, nonce: 'outside', scope: 'openid' }
    const parameters = redirected(await authorize(provider, outside))
    assert.equal(parameters.get('state'), 'in')
    const { claims: shown } = await verified(provider, parameters.get('id_token'))
    assert.deepEqual([shown['nonce'], shown['email']], ['inside', 'alice@example.com'])
  })

  test('the redirect URI may be inside alone', async () => {
    const redirectUris = ['https://app.example/cb', 'https://app.example/two']
    const provider = await make({ redirectUris })
    const request = await sign({ ...good, redirect_uri: 'https://app.example/two' })
    const response = await authorize(provider, { request, redirect_uri: '' })
    assert.match(response.headers['Location'] ?? '', /^https:\/\/app\.example\/two\?/)
  })

  const refused: [name: string, object: () => Promise<string> | string, change?: Partial<Client>][] = [
    ['by a key of somebody else', () => sign(good, other.privateKey)],
    ['by an unknown kid', () => sign(good, own.privateKey, { kid: 'x' })],
    ['of a client without keys', () => sign(good), { jwks: undefined }],
    ['unsigned', () => `${Buffer.from('{"alg":"none"}').toString('base64url')}.e30.`],
    ['of another issuer', () => sign({ ...good, iss: 'spa' })],
    ['for another server', () => sign({ ...good, aud: 'https://other.example' })],
    ['expired, by more than clocks may differ', () => sign({ ...good, exp: 1_799_999_990 })],
    ['not valid yet, by more than that', () => sign({ ...good, nbf: 1_800_000_011 })],
    ['expired as text', () => sign({ ...good, exp: '1' as unknown as number })],
    ['of another client', () => sign({ ...good, client_id: 'spa' })],
    ['with another response type', () => sign({ ...good, response_type: 'token' })],
    ['with another object inside', () => sign({ ...good, request: 'x' })],
    ['of another typ', () => sign(good, own.privateKey, { typ: 'client-authentication+jwt' })],
    ['by another algorithm than registered', () => sign(good), { requestObjectSigningAlgorithm: 'RS256' }],
    ['no JWT', () => 'abc'],
  ]
  for (const [name, object, change] of refused) {
    test(`${name} → invalid_request_object, sent to where the request outside says`, async () => {
      const parameters = redirected(await authorize(await make(change), { request: await object() }))
      assert.deepEqual([parameters.get('error'), parameters.get('state')], ['invalid_request_object', 'st'])
    })
  }

  for (const dates of [{ exp: 1_799_999_991 }, { nbf: 1_800_000_010 }, { nbf: 1_800_000_000, exp: 1_800_000_060 }]) {
    test(`${JSON.stringify(dates)}: the clock of the client may differ by 10 seconds`, async () => {
      const request = await sign({ ...good, ...dates })
      assert.notEqual(redirected(await authorize(await make(), { request })).get('code'), null)
    })
  }

  test('with no redirect URI to trust → shown, not sent', async () => {
    const redirectUris = ['https://app.example/cb', 'https://app.example/two']
    const response = await authorize(await make({ redirectUris }), { request: 'abc', redirect_uri: '' })
    assert.deepEqual([response.status, response.headers['Location']], [400, undefined])
  })

  test('a redirect URI inside that is not registered → shown, not sent', async () => {
    const request = await sign({ ...good, redirect_uri: 'https://evil.example/' })
    const response = await authorize(await make(), { request })
    assert.deepEqual([response.status, response.headers['Location']], [400, undefined])
  })
})
