import assert from 'node:assert/strict'
import { test } from 'node:test'
import { tokenExchangeGrantType, tokenTypes } from 'grantry'
import { createRemoteJWKSet, customFetch as fetchKeysBy, jwtVerify } from 'jose'
import * as oauth from 'oauth4webapi'
import { actorOf, backend, issuer, makeExchanger, subjectOf } from '../rfc8693/fixture.ts'

test('oauth4webapi exchanges a token for one with an actor, and jose verifies it by the keys of the server', async () => {
  const exchanger = await makeExchanger({}, { format: 'signed', now: () => Math.floor(performance.timeOrigin / 1000) })
  const fetcher = (url: string | URL, init?: object) => exchanger.server.fetch(new Request(url, init))
  const http = { [oauth.customFetch]: fetcher }
  const as = await oauth.processDiscoveryResponse(
    new URL(issuer),
    await oauth.discoveryRequest(new URL(issuer), { ...http, algorithm: 'oauth2' }),
  )
  assert.ok(as.grant_types_supported?.includes(tokenExchangeGrantType))
  const client = { client_id: 'service' }
  const secret =
    Buffer.from(exchanger.service.authorization.slice('Basic '.length), 'base64').toString().split(':')[1] ?? ''
  const parameters = new URLSearchParams({
    ...{ subject_token: await subjectOf(exchanger), subject_token_type: tokenTypes.accessToken },
    ...{ actor_token: await actorOf(exchanger), actor_token_type: tokenTypes.accessToken },
    ...{ resource: backend, scope: 'read', requested_token_type: tokenTypes.accessToken },
  })
  const auth = oauth.ClientSecretBasic(decodeURIComponent(secret))
  const response = await oauth.genericTokenEndpointRequest(as, client, auth, tokenExchangeGrantType, parameters, http)
  const token = await oauth.processGenericTokenEndpointResponse(as, client, response)
  assert.deepEqual([token.token_type, token['issued_token_type']], ['bearer', tokenTypes.accessToken])
  const keys = createRemoteJWKSet(new URL(as.jwks_uri ?? ''), { [fetchKeysBy]: fetcher })
  const { payload } = await jwtVerify(token.access_token, keys, { issuer, audience: backend, typ: 'JWT' })
  assert.equal(payload.sub, 'alice')
  assert.deepEqual(payload['act'], { sub: 'service', client_id: 'service' })
})
