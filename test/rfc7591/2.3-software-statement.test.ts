/** RFC 7591 §2.3: what a trusted party says of a client, signed. */
import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { describe, test } from 'node:test'
import { SignJWT, type JWTHeaderParameters } from 'jose'
import { lastReason } from '../support/provider.ts'
import { errorOf, good, makeRegistrar, told, type Json } from '../support/registration.ts'

const vendor = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const stranger = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
const now = 1_800_000_000
const claims = {
  iss: 'https://vendor.example',
  software_id: 'app-1',
  client_name: 'Vendor App',
  redirect_uris: ['https://vendor.example/cb'],
}

const sign = (change: Json = {}, key = vendor.privateKey, header: JWTHeaderParameters = { alg: 'ES256' }) =>
  new SignJWT({ ...claims, ...change }).setProtectedHeader(header).sign(key)

const issuers = {
  'https://vendor.example': vendor.publicKey,
  'https://second.example': [stranger.publicKey, rsa.publicKey],
}
const makeStrict = (isRequired = false) => makeRegistrar({ softwareStatements: { issuers, isRequired } })

describe('a statement that is good', () => {
  test('its values go before those of the client, and it is returned unmodified (§2.3, §3.2.1)', async () => {
    const { register, manage } = await makeStrict()
    const statement = await sign()
    const own = { ...good, client_name: 'Liar', contacts: ['a@b.example'], software_statement: statement }
    const { body, id, token } = told(await register(own))
    assert.deepEqual(
      [body['client_name'], body['redirect_uris'], body['software_id'], body['contacts'], body['software_statement']],
      ['Vendor App', ['https://vendor.example/cb'], 'app-1', ['a@b.example'], statement],
    )
    assert.equal(told(await manage('GET', id, token)).body['software_statement'], statement)
  })

  const accepted: [name: string, statement: () => Promise<string>][] = [
    ['that expires later', () => sign({ exp: now + 1 })],
    ['for this server', () => sign({ aud: ['https://other.example', 'https://as.example'] })],
    ['with typ JWT', () => sign({}, vendor.privateKey, { alg: 'ES256', typ: 'JWT' })],
    [
      'of another issuer, by the second of its keys',
      () => sign({ iss: 'https://second.example' }, rsa.privateKey, { alg: 'RS256' }),
    ],
  ]
  for (const [name, statement] of accepted) {
    test(`one ${name} → registered`, async () => {
      const { register } = await makeStrict()
      told(await register({ ...good, software_statement: await statement() }))
    })
  }
})

describe('a statement that is not', () => {
  const invalid = 'invalid_software_statement'
  const refused: [name: string, statement: () => Promise<unknown>, error: string][] = [
    ['signed by another key', () => sign({}, stranger.privateKey), invalid],
    ['signed by the key of another issuer', () => sign({ iss: 'https://second.example' }), invalid],
    [
      'with changed claims',
      async () =>
        (await sign()).replace(
          /\.[\w-]+\./,
          `.${btoa(JSON.stringify({ ...claims, client_name: 'Liar' })).replace(/=+$/, '')}.`,
        ),
      invalid,
    ],
    ['over', () => sign({ exp: now }), invalid],
    ['with an exp that is text', () => sign({ exp: String(now + 1) }), invalid],
    ['not valid yet', () => sign({ nbf: now + 1 }), invalid],
    ['for another server', () => sign({ aud: 'https://other.example' }), invalid],
    ['without software_id, as other tokens of the issuer are', () => sign({ software_id: undefined }), invalid],
    ['an access token of the issuer', () => sign({}, vendor.privateKey, { alg: 'ES256', typ: 'at+jwt' }), invalid],
    [
      'without signature',
      async () => `${btoa('{"alg":"none"}').replace(/=+$/, '')}.${btoa(JSON.stringify(claims)).replace(/=+$/, '')}.`,
      invalid,
    ],
    [
      'with an unknown crit',
      async () => (await sign()).replace(/^[\w-]+/, btoa('{"alg":"ES256","crit":["x"],"x":1}').replace(/=+$/, '')),
      invalid,
    ],
    ['no JWT', async () => 'x', invalid],
    ['too long', async () => `${await sign()}${'A'.repeat(20_000)}`, invalid],
    ['a number', async () => 7, invalid],
    [
      'of an issuer that is not trusted',
      () => sign({ iss: 'https://stranger.example' }, stranger.privateKey),
      'unapproved_software_statement',
    ],
    ['without issuer', () => sign({ iss: undefined }), 'unapproved_software_statement'],
    [
      'of an issuer that is a member of every object',
      () => sign({ iss: 'constructor' }),
      'unapproved_software_statement',
    ],
    ['with a redirect URI that is unsafe', () => sign({ redirect_uris: ['javascript:1'] }), 'invalid_redirect_uri'],
  ]
  for (const [name, statement, error] of refused) {
    test(`${name} → ${error}`, async () => {
      const { register } = await makeStrict()
      assert.equal(errorOf(await register({ ...good, software_statement: await statement() })), error)
    })
  }
})

test('required and not sent → invalid_client_metadata, at registration and at an update', async () => {
  const registrar = await makeStrict(true)
  assert.equal(errorOf(await registrar.register(good)), 'invalid_client_metadata')
  const { id, token } = told(await registrar.register({ software_statement: await sign() }))
  assert.equal(errorOf(await registrar.manage('PUT', id, token, { ...good, client_id: id })), 'invalid_client_metadata')
  assert.equal(lastReason(registrar), 'client_metadata_invalid')
})

test('a server without trusted issuers ignores it (§3.1.1)', async () => {
  const { register } = await makeRegistrar()
  const { body } = told(await register({ ...good, software_statement: await sign() }))
  assert.equal('software_statement' in body, false)
  assert.equal('client_name' in body, false)
})

test('the policy sees its claims', async () => {
  const seen: unknown[] = []
  const { register } = await makeRegistrar({
    softwareStatements: { issuers },
    policy: (draft, { softwareStatement }) => {
      seen.push(softwareStatement?.['iss'])
      return draft
    },
  })
  told(await register({ ...good, software_statement: await sign() }))
  told(await register(good))
  assert.deepEqual(seen, ['https://vendor.example', undefined])
})

test('a key that verifies nothing → ConfigurationError', async () => {
  const wrong = { issuers: { 'https://vendor.example': vendor.privateKey } }
  await assert.rejects(makeRegistrar({ softwareStatements: wrong }), {
    name: 'ConfigurationError',
    message: /registration\.softwareStatements/,
  })
})
