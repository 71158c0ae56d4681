/** RFC 7591 §2: the keys at `jwks_uri`, through the guarded client, for a client that authenticates by assertions (RFC 7523). */
import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { test } from 'node:test'
import type { Client } from 'grantry'
import { SignJWT } from 'jose'
import { lastReason } from '../support/provider.ts'
import { startOtherServer } from '../support/other-server.ts'
import { errorOf, makeRegistrar, told } from '../support/registration.ts'
import { form } from '../support/requests.ts'

const [first, second] = [generateKeyPairSync('ed25519'), generateKeyPairSync('ed25519')]
const jwkOf = ({ publicKey }: typeof first, kid: string) => ({ ...publicKey.export({ format: 'jwk' }), kid })
let published: unknown = { keys: [jwkOf(first, 'k1')] }
const other = await startOtherServer((_request, response) =>
  response.writeHead(200, { 'content-type': 'application/jwk-set+json' }).end(JSON.stringify(published)),
)
const metadata = {
  grant_types: ['client_credentials'],
  token_endpoint_auth_method: 'private_key_jwt',
  jwks_uri: 'https://app.example/jwks',
}

const setUp = async () => {
  const registrar = await makeRegistrar(
    { grantTypes: ['client_credentials'], policy: (draft) => ({ ...draft, jwksUri: `${other.origin}/jwks` }) }, // it speaks http
    { outbound: { allowPrivateHosts: [`127.0.0.1:${other.port}`] } },
  )
  const { id } = told(await registrar.register(metadata))
  const ask = async (pair: typeof first, kid: string) => {
    const { now } = registrar.clock
    const assertion = await new SignJWT({ jti: `${kid}-${Math.random()}` })
      .setProtectedHeader({ alg: 'EdDSA', kid })
      .setIssuer(id)
      .setSubject(id)
      .setAudience('https://as.example')
      .setIssuedAt(now)
      .setExpirationTime(now + 60)
      .sign(pair.privateKey)
    const client_assertion_type = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'
    const grant = {
      grant_type: 'client_credentials',
      scope: 'read',
      client_assertion: assertion,
      client_assertion_type,
    }
    return errorOf(await registrar.server.createTokenResponse(form(grant)))
  }
  return { ...registrar, id, ask }
}

test('its keys are fetched once; a new kid is looked for, once a minute; a key that is gone is over when the copy is', async () => {
  const { ask, clock } = await setUp()
  const before = other.asked.length
  assert.deepEqual([await ask(first, 'k1'), await ask(first, 'k1')], [undefined, undefined])
  assert.equal(other.asked.length - before, 1)
  published = { keys: [jwkOf(second, 'k2')] }
  for (let tries = 0; tries < 5; tries++) assert.equal(await ask(second, 'k2'), 'invalid_client')
  assert.equal(other.asked.length - before, 1)
  assert.equal(await ask(first, 'k1'), undefined)
  clock.now += 60
  assert.equal(await ask(second, 'k2'), undefined)
  assert.equal(await ask(first, 'k1'), 'invalid_client')
  assert.equal(other.asked.length - before, 2)
})

for (const wrong of [[], { keys: 'x' }, { keys: [null] }, 'x', null]) {
  test(`a document that is ${JSON.stringify(wrong)} → 401 invalid_client`, async () => {
    published = wrong
    const registrar = await setUp()
    assert.equal(await registrar.ask(first, 'k1'), 'invalid_client')
    assert.equal(lastReason(registrar), 'client_keys_unavailable')
  })
}

test('a URL that leads inside → 401, and nothing is asked', async () => {
  const registrar = await makeRegistrar(
    { grantTypes: ['client_credentials'] },
    { outbound: { resolveHost: async () => ['10.0.0.1'] } },
  )
  const { id } = told(await registrar.register(metadata))
  assert.equal((registrar.store.findClient(id) as Client).jwksUri, 'https://app.example/jwks')
  const header = btoa('{"alg":"EdDSA","kid":"k1"}').replace(/=+$/, '')
  const claims = btoa(JSON.stringify({ sub: id, iss: id })).replace(/=+$/, '')
  const client_assertion_type = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'
  const grant = {
    grant_type: 'client_credentials',
    client_assertion: `${header}.${claims}.AAAA`,
    client_assertion_type,
  }
  assert.equal(errorOf(await registrar.server.createTokenResponse(form(grant))), 'invalid_client')
  const event = registrar.events.at(-1)
  assert.ok(event?.type === 'request.refused')
  assert.match(String(event.cause), /address: app\.example leads to 10\.0\.0\.1/)
})
